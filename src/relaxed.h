/* relaxed: a variable that one thread reads while another writes it. The reader gets the value before or the
 * one after, and nothing is said of what else it sees. No other code than that of a plain access.
 *
 * WP proves plain accesses: verify/README.md has that under "Assumed".
 */
#ifndef QED_RELAXED_H
#define QED_RELAXED_H

#ifdef __FRAMAC__
#define LOAD(x)         (x)
#define STORE(x, value) ((x) = (value))
#else
#define LOAD(x)         __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define STORE(x, value) __atomic_store_n(&(x), (value), __ATOMIC_RELAXED)
#endif

#endif

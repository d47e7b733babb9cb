#include "request.h"

_Static_assert(SMALL_MAX % PAGE == 0, "rounded up to a page at most, a small size stays one");

static const size_t all = (size_t)SLOTS * PAGE; /* bytes: more than any block can have */

bool request_exceeds(size_t bytes, size_t align) {
    return bytes > all || align > all;
}

bool request_is_small(size_t bytes, size_t align) {
    return bytes <= SMALL_MAX && align <= PAGE;
}

/* Classes that hold a multiple of a power of two are multiples of it, and runs start at pages:
 * so a small block is aligned as asked if its size is rounded up to the alignment. */
uint32_t request_small(size_t bytes, size_t align) {
    size_t n = bytes + (bytes == 0), times = (n + (align - 1)) / align;
    /*@ ghost size_t in_page = PAGE / align, most_times = SMALL_MAX / PAGE * in_page; */
    /*@ assert page: PAGE == in_page * align && SMALL_MAX == most_times * align; */
    /*@ assert least: n <= times * align < n + align; */
    /*@ assert most: times < most_times + 1; */
    /*@ ghost multiple((long long)(times * align), (long long)times, (long long)align); */
    return (uint32_t)(times * align);
}

struct request request_of(size_t bytes, size_t align) {
    struct request r = {0, 0, 1};
    if (request_is_small(bytes, align)) {
        r.small = request_small(bytes, align);
    } else {
        r.pages = (uint32_t)pages_of(bytes + (bytes == 0));
        if (align > PAGE) r.align = (uint32_t)(align / PAGE);
    }
    return r;
}

bool request_is_large(struct request r) {
    return r.pages + (r.align - 1) <= CHUNK_PAGES;
}

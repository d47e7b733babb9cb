/* watch_tool: AddressSanitizer, memcheck, or nobody, by one set of names.
 *
 *   tool_adopt                memory is new to us: off limits, but pointers in it count
 *   tool_shut, tool_open      memory is off limits to everybody; is not
 *   tool_born, tool_dead      the program gets a block, and has it no longer
 *   tool_resized              a block has another size
 *   tool_invalid              the program has named a block that is none
 *   tool_stranger             the bytes of a block that the tool itself has given the program behind our
 *                             back, in the place of strdup or a nothrow new; 0 if it is none
 *   tool_free_stranger        frees it; false if it is none, and no report has been made
 */
#ifndef QED_WATCH_TOOL_H
#define QED_WATCH_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef QED_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/lsan_interface.h>

enum { watched = true };

int __sanitizer_get_ownership(const volatile void *p);
size_t __sanitizer_get_allocated_size(const volatile void *p);
void __interceptor_free(void *p);
extern uintptr_t __asan_shadow_memory_dynamic_address;

static inline void watch_start(void) {
}

/* While it starts it asks for memory, and locks do not work yet. */
static inline bool watch_sleeps(void) {
    return __asan_shadow_memory_dynamic_address == 0;
}

static inline void tool_shut(void *p, size_t bytes) {
    __asan_poison_memory_region(p, bytes);
}

static inline void tool_open(void *p, size_t bytes) {
    __asan_unpoison_memory_region(p, bytes);
}

static inline void tool_adopt(void *p, size_t bytes) {
    __lsan_register_root_region(p, bytes);
    tool_shut(p, bytes);
}

static inline void tool_born(void *p, size_t bytes, bool zero) {
    (void)zero;
    tool_open(p, bytes);
}

static inline void tool_dead(void *p, size_t bytes) {
    tool_shut(p, bytes);
}

static inline void tool_resized(void *p, size_t before, size_t bytes) {
    tool_shut(p, before);
    tool_open(p, bytes);
}

static inline void tool_invalid(void *p) {
    (void)p;
}

static inline size_t tool_stranger(const void *p) {
    return __sanitizer_get_ownership(p) ? __sanitizer_get_allocated_size(p) : 0;
}

static inline bool tool_free_stranger(void *p) {
    if (!__sanitizer_get_ownership(p)) return false;
    __interceptor_free(p);
    return true;
}

#elif defined QED_VALGRIND
#include <valgrind/memcheck.h>

/* One for all modules that include this. */
__attribute__((weak, visibility("hidden"))) bool watched __asm__("qed_watched");

/* memcheck answers; other tools, and processors, do not. */
static inline void watch_start(void) {
    watched = VALGRIND_MAKE_MEM_DEFINED(&watched, sizeof watched) != 0;
}

static inline bool watch_sleeps(void) {
    return false;
}

static inline void tool_shut(void *p, size_t bytes) {
    VALGRIND_MAKE_MEM_NOACCESS(p, bytes);
}

static inline void tool_open(void *p, size_t bytes) {
    VALGRIND_MAKE_MEM_DEFINED(p, bytes);
}

static inline void tool_adopt(void *p, size_t bytes) {
    tool_shut(p, bytes);
}

static inline void tool_born(void *p, size_t bytes, bool zero) {
    VALGRIND_MALLOCLIKE_BLOCK(p, bytes, 0, zero);
}

static inline void tool_dead(void *p, size_t bytes) {
    (void)bytes;
    VALGRIND_FREELIKE_BLOCK(p, 0);
}

static inline void tool_resized(void *p, size_t before, size_t bytes) {
    if (bytes > 0) {
        VALGRIND_RESIZEINPLACE_BLOCK(p, before, bytes, 0);
    } else { /* is an error to memcheck */
        VALGRIND_FREELIKE_BLOCK(p, 0);
        VALGRIND_MALLOCLIKE_BLOCK(p, 0, 0, false);
    }
}

/* memcheck says so, and where the memory was had and freed. */
static inline void tool_invalid(void *p) {
    VALGRIND_FREELIKE_BLOCK(p, 0);
}

static inline size_t tool_stranger(const void *p) {
    (void)p;
    return 0;
}

/* Its own or nobody's: memcheck knows, and reports the latter. */
static inline bool tool_free_stranger(void *p) {
    VALGRIND_FREELIKE_BLOCK(p, 0);
    return true;
}

#else

#define watched false

/*@ assigns \nothing; */
static inline void watch_start(void) {
}

/* Nobody watches, nobody calls: so there is no more of these. */
bool watch_sleeps(void);
void tool_adopt(void *p, size_t bytes);
void tool_shut(void *p, size_t bytes);
void tool_open(void *p, size_t bytes);
void tool_born(void *p, size_t bytes, bool zero);
void tool_dead(void *p, size_t bytes);
void tool_resized(void *p, size_t before, size_t bytes);
void tool_invalid(void *p);
size_t tool_stranger(const void *p);
bool tool_free_stranger(void *p);

#endif
#endif

/* The system refuses: each call that the library makes to it in turn, alone or with all that follow.
 * What is asked for then is NULL with ENOMEM, nothing is lost, the heap stays consistent, and all is
 * well again once the system is. */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/api/family.h"
#include "tests/api/system.h"
#include "tests/test.h"

enum { BLOCKS = 48, MIB = 1 << 20, KEPT = 12345 /* an errno that nobody sets */ };

static volatile unsigned calls, fault; /* calls so far; the number of the one that fails, 0: none does */
static volatile bool forever;          /* all calls from there on fail */

static bool count(const char *call, void *address, size_t bytes) {
    (void)call, (void)address, (void)bytes;
    calls++;
    return fault == 0 || (forever ? calls < fault : calls != fault);
}

static size_t size_of(unsigned i) {
    if (i % 40 == 39) return (size_t)(1 + i / 40 % 2) * 5 * MIB;
    return i % 8 == 7 ? 10000 + (size_t)i * 2000 : 1 + (size_t)i * 7;
}

static void fill(unsigned char *p, unsigned i) {
    p[0] = p[size_of(i) / 2] = p[size_of(i) - 1] = (unsigned char)(i | 1);
}

static void verify(const unsigned char *p, unsigned i) {
    unsigned char mark = (unsigned char)(i | 1);
    CHECK(p[0] == mark && p[size_of(i) / 2] == mark && p[size_of(i) - 1] == mark);
}

static void check_zero(const unsigned char *p, size_t n) {
    for (size_t k = 0; k < n; k++) CHECK(p[k] == 0);
}

/* Whatever the system does to it, free is no failure. */
static void free_quietly(void *p) {
    errno = KEPT;
    free(p);
    CHECK(errno == KEPT);
}

/* By each function in turn. */
static unsigned char *allocate(unsigned i) {
    void *p = NULL;
    errno = KEPT;
    switch (i % 4) {
        case 0:
            p = malloc(size_of(i));
            break;
        case 1:
            p = calloc(1, size_of(i));
            break;
        case 2:
            p = realloc(NULL, size_of(i));
            break;
        default:
            p = aligned_alloc(i == 7 ? 8 * MIB : 64, size_of(i));
    }
    CHECK(errno == (p == NULL ? ENOMEM : KEPT));
    if (p != NULL && i % 4 == 1) check_zero(p, size_of(i));
    return p;
}

/* Allocates, grows, shrinks and frees; how many requests failed. */
static unsigned work(void) {
    static unsigned char *block[BLOCKS];
    unsigned failed = 0;
    for (unsigned i = 0; i < BLOCKS; i++) {
        block[i] = allocate(i);
        if (block[i] != NULL) fill(block[i], i);
        failed += block[i] == NULL;
    }
    CHECK(qed_check() == NULL);
    for (unsigned i = 0; i < BLOCKS; i++) {
        if (block[i] == NULL) continue;
        void *p = realloc(block[i], size_of(i) * 3);
        if (p != NULL) block[i] = p;
        failed += p == NULL;
        verify(block[i], i);
        p = realloc(block[i], size_of(i));
        if (p != NULL) block[i] = p;
        verify(block[i], i);
        if (i % 3 == 0) {
            free_quietly(block[i]);
            block[i] = NULL;
        }
    }
    malloc_trim(0);
    for (unsigned i = 0; i < BLOCKS; i++) {
        if (block[i] != NULL) verify(block[i], i);
        free_quietly(block[i]);
    }
    CHECK(qed_check() == NULL);
    return failed;
}

static size_t *usual; /* bytes mapped by a child that meets no fault */

/* Nothing is left of what failed: we have the usual space, or half of it. The tolerance is for a failed
 * munmap, and for what does not become less by half. */
static void check_mapped(void) {
    const size_t tolerance = 8 * MIB;
    size_t right = mapped > *usual - tolerance ? *usual : *usual / 2;
    CHECK(mapped <= right + tolerance);
}

/* In a child, whose heap is not there yet: whether the fault was met at all. */
static bool fails_cleanly(unsigned n, bool from_there_on) {
    pid_t child = fork();
    if (child == 0) {
        calls = 0;
        fault = n;
        forever = from_there_on;
        permit = count;
        work();
        bool met = calls >= n;
        fault = 0;
        CHECK(work() == 0);
        if (n == 0) *usual = mapped;
        if (!from_there_on) check_mapped();
        CHECK(qed_check() == NULL);
        _exit(met ? 0 : 2);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) % 2 == 0);
    return WEXITSTATUS(status) == 0;
}

static bool refuse_purge(const char *call, void *address, size_t bytes) {
    (void)address, (void)bytes;
    calls++;
    return strcmp(call, "madvise") != 0;
}

/* A system that takes nothing back, as for locked memory, is not asked at every free. */
static void is_not_asked_again(void) {
    enum { MANY = 1600 };
    static void *block[MANY];
    for (int i = 0; i < MANY; i++) CHECK((block[i] = malloc(50000)) != NULL);
    permit = refuse_purge;
    calls = 0;
    for (int i = 0; i < MANY; i += 2) free(block[i]);
    CHECK(calls > 100 && calls < 4 * MANY);
    permit = NULL;
    for (int i = 1; i < MANY; i += 2) free(block[i]);
}

/* What the system did not take back is still dirty. */
static void dirt_stays_dirt(void) {
    const size_t size = 100000;
    unsigned char *p = malloc(size);
    memset(p, 0xFF, size);
    free(p);
    permit = refuse_purge;
    CHECK(malloc_trim(0) == 0);
    unsigned char *q = calloc(1, size);
    CHECK(q == p);
    check_zero(q, size);
    memset(q, 0xFF, size);
    free(q);
    permit = NULL;
    CHECK(malloc_trim(0) == 1);
    CHECK(malloc_trim(0) == 0);
    q = calloc(1, size);
    CHECK(q == p);
    check_zero(q, size);
    free(q);
}

int main(void) {
    usual = mmap(NULL, sizeof *usual, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    mapped = 0;
    unsigned n = 0;
    CHECK(fails_cleanly(0, false));
    while (fails_cleanly(++n, false)) {
        CHECK(fails_cleanly(n, true));
    }
    CHECK(n > 50);
    dirt_stays_dirt();
    is_not_asked_again();
    return 0;
}

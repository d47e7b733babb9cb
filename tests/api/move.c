/* A huge block that has to move has its pages moved, not copied, also when it consists of several mappings; what it
 * leaves behind reads as zero. What the system does not move is copied, and nothing is lost. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/api/number.h"
#include "tests/api/system.h"
#include "tests/test.h"

enum { MIB = 1 << 20, CHUNK = 4 * MIB, STEP = 512, KEPT = 12345 /* an errno that nobody sets */ };

/* Moves so far; the number of the first that is refused, 0: none is. */
static volatile unsigned moves, refused;
static volatile bool unmaps; /* a move that is refused has unmapped its goal, */
static volatile bool lost;   /* and nothing can be mapped any more */

static size_t dirty; /* bytes, after a move */

static bool count(const char *call, void *address, size_t bytes) {
    if (strcmp(call, "mmap") == 0) return !lost;
    if (strcmp(call, "move") != 0 || ++moves < refused || refused == 0) return true;
    if (unmaps) syscall(SYS_munmap, address, bytes);
    return false;
}

static unsigned char mark(size_t i) {
    return (unsigned char)(i / STEP % 251 + 1);
}

static void fill(unsigned char *p, size_t n) {
    for (size_t i = 0; i < n; i += STEP) p[i] = mark(i);
}

static void verify(const unsigned char *p, size_t n) {
    for (size_t i = 0; i < n; i += STEP) CHECK(p[i] == mark(i));
}

static void check_zero(const unsigned char *p, size_t n) {
    for (size_t i = 0; i < n; i++) CHECK(p[i] == 0);
}

/* A block that cannot grow in place is made twice as long. */
static unsigned char *doubled(unsigned char *p, size_t n) {
    unsigned char *behind = malloc(n);
    CHECK(behind != NULL);
    errno = KEPT;
    unsigned char *q = realloc(p, 2 * n);
    CHECK(q != NULL && q != p && errno == KEPT);
    verify(q, n);
    dirty = number("dirty");
    free(behind);
    return q;
}

/* The second time it is of two mappings, what was moved and what was not. */
static void moves_pages(void) {
    unsigned char *volatile first = malloc(2 * CHUNK);
    fill(first, 2 * CHUNK);
    unsigned char *second = doubled(first, 2 * CHUNK);
    CHECK(moves == 2 && dirty == 0);
    unsigned char *left = calloc(1, 2 * CHUNK);
    CHECK(left == first);
    check_zero(left, 2 * CHUNK);
    fill(second, 4 * CHUNK);
    unsigned char *third = doubled(second, 4 * CHUNK);
    CHECK(moves == 6);
    free(left);
    free(third);
}

/* From the first that is refused. */
static void copies_the_rest(void) {
    for (refused = 1; refused <= 4; refused++) {
        unsigned char *p = malloc(3 * CHUNK);
        fill(p, 3 * CHUNK);
        moves = 0;
        p = doubled(p, 3 * CHUNK);
        CHECK(moves == (refused < 4 ? refused : 3));
        free(p);
        CHECK(qed_check() == NULL);
    }
    refused = 0;
}

/* Of a chunk that is no single mapping the system would unmap the goal, and fail. */
static void copies_what_is_split(void) {
    unsigned char *p = malloc(3 * CHUNK);
    fill(p, 3 * CHUNK);
    void *part = p + CHUNK + MIB;
    CHECK(madvise(part, MIB, MADV_DONTDUMP) == 0);
    moves = 0;
    p = doubled(p, 3 * CHUNK);
    CHECK(moves == 1);
    CHECK(madvise(part, MIB, MADV_DODUMP) == 0);
    free(p);
}

static int in_child(void (*body)(void)) {
    pid_t child = fork();
    if (child == 0) {
        body();
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    return status;
}

static void move_and_fail(void) {
    unmaps = true;
    copies_the_rest();
}

static void move_and_lose(void) {
    lost = true;
    move_and_fail();
}

int main(void) {
    permit = count;
    moves_pages();
    copies_the_rest();
    copies_what_is_split();
    CHECK(in_child(move_and_fail) == 0);
    int status = in_child(move_and_lose);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    return 0;
}

/* Systems with larger pages: all that the library asks them for is whole pages of theirs, and what is
 * purged reads as zero to the byte. A page size that cannot be served ends the program with words. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/api/family.h"
#include "tests/api/system.h"
#include "tests/test.h"

static volatile long page;

/* The library asks for nothing else. */
long sysconf(int name) {
    return name == _SC_PAGESIZE ? page : -1;
}

static volatile unsigned purges;

static bool whole_pages(const char *call, void *address, size_t bytes) {
    CHECK((uintptr_t)address % (size_t)page == 0);
    CHECK(bytes > 0 && bytes % (size_t)page == 0);
    purges += strcmp(call, "madvise") == 0;
    return true;
}

enum { BLOCKS = 300, BYTES = 70001 };

static void check_all(const unsigned char *p, int value) {
    for (int i = 0; i < BYTES; i++) CHECK(p[i] == value);
}

/* Blocks of 18 pages, some pages of the system inside each and some shared; every other one is purged. */
static void serve(void) {
    static unsigned char *block[BLOCKS];
    permit = whole_pages;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < BLOCKS; i++) {
            block[i] = malloc(BYTES);
            CHECK(block[i] != NULL);
            memset(block[i], i % 255 + 1, BYTES);
        }
        for (int i = 0; i < BLOCKS; i += 2) free(block[i]);
        CHECK(malloc_trim(0) == 1);
        CHECK(malloc_trim(0) == 0);
        for (int i = 1; i < BLOCKS; i += 2) check_all(block[i], i % 255 + 1);
        for (int i = 0; i < BLOCKS; i += 2) {
            block[i] = calloc(1, BYTES);
            CHECK(block[i] != NULL);
            check_all(block[i], 0);
            memset(block[i], 0xFF, BYTES);
        }
        for (int i = 1; i < BLOCKS; i += 2) check_all(block[i], i % 255 + 1);
        for (int i = 0; i < BLOCKS; i++) free(block[i]);
        CHECK(qed_check() == NULL);
    }
    CHECK(purges > 100 || page == 65536);
    void *p = valloc(1);
    CHECK(p != NULL && (uintptr_t)p % (size_t)page == 0);
    p = pvalloc((size_t)page + 1);
    CHECK(p != NULL && (uintptr_t)p % (size_t)page == 0 && malloc_usable_size(p) >= 2 * (size_t)page);
}

static int in_child(long size, int error) {
    pid_t child = fork();
    if (child == 0) {
        dup2(error, STDERR_FILENO);
        page = size;
        serve();
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    return status;
}

static void check_refused(long size) {
    static const char words[] = "qedmalloc: the system's page size is not";
    char said[200] = "";
    int ends[2];
    CHECK(pipe(ends) == 0);
    int status = in_child(size, ends[1]);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    CHECK(read(ends[0], said, sizeof said - 1) > 0);
    CHECK(strncmp(said, words, sizeof words - 1) == 0);
    close(ends[0]);
    close(ends[1]);
}

int main(void) {
    for (long size = 4096; size <= 65536; size *= 2) {
        CHECK(in_child(size, STDERR_FILENO) == 0);
    }
    check_refused(2048);
    check_refused(12288);
    check_refused(131072);
    check_refused(0);
    check_refused(-1);
    return 0;
}

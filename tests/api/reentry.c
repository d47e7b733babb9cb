/* The calls that the library makes to the system are taken over by code that allocates and frees: such
 * a call is served, or fails cleanly, and the call that it interrupts finds its heap in order. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "tests/api/family.h"
#include "tests/api/system.h"
#include "tests/test.h"

enum { MIB = 1 << 20, STOCK = 4000 };

/* volatile: a compiler thinks it knows what malloc leaves alone */
static volatile unsigned depth, nested, served;
static void *volatile stock[STOCK]; /* blocks for nested frees and reallocs, and blocks got there */
static volatile unsigned stocked;

/* One block is freed, one resized, one allocated and filled. */
static bool intrude(const char *call, void *address, size_t bytes) {
    (void)call, (void)address, (void)bytes;
    if (depth > 0) return true;
    depth++;
    nested++;
    if (stocked > 0) free(stock[--stocked]);
    if (stocked > 0) {
        void *p = realloc(stock[stocked - 1], 3000 + nested % 5 * 20000);
        if (p != NULL) stock[stocked - 1] = p;
        if (p == NULL) CHECK(errno == ENOMEM);
    }
    size_t size = nested % 3 == 0 ? 6 * MIB : nested % 3 * 3000;
    unsigned char *p = malloc(size);
    if (p == NULL) CHECK(errno == ENOMEM);
    if (p != NULL) {
        memset(p, 0xEE, size);
        served++;
        if (stocked < STOCK) stock[stocked++] = p;
    }
    CHECK(qed_check() == NULL);
    depth--;
    return true;
}

static void check_zero(const unsigned char *p, size_t n) {
    for (size_t i = 0; i < n; i++) CHECK(p[i] == 0);
}

/* While the heap is made there is nothing to serve from; while it grows there is what it has. */
static void while_growing(void) {
    permit = intrude;
    void *first = malloc(100);
    CHECK(first != NULL);
    CHECK(nested > 20); /* the heap was not there before */
    unsigned before = served;
    static unsigned char *block[40];
    for (int i = 0; i < 40; i++) {
        block[i] = calloc(1, 700 * 1024);
        CHECK(block[i] != NULL);
        check_zero(block[i], 700 * 1024);
        memset(block[i], i + 1, 700 * 1024);
    }
    CHECK(served > before);
    for (int i = 0; i < 40; i++) {
        for (int k = 0; k < 700 * 1024; k++) CHECK(block[i][k] == i + 1);
        free(block[i]);
    }
    free(first);
    permit = NULL;
}

/* While pages are purged, nobody may get them: what is freed stays free, and no contents are lost. */
static void while_purging(void) {
    static unsigned char *block[80];
    for (unsigned round = 0; round < 5; round++) {
        for (int i = 0; i < 80; i++) {
            block[i] = malloc(40000);
            CHECK(block[i] != NULL);
            memset(block[i], i, 40000);
        }
        malloc_trim(0); /* so that it is not worth purging during the frees */
        for (int i = 0; i < 80; i += 2) free(block[i]);
        unsigned before = nested;
        permit = intrude;
        CHECK(malloc_trim(0) == 1);
        permit = NULL;
        CHECK(nested - before >= 40);
        for (int i = 1; i < 80; i += 2) {
            for (int k = 0; k < 40000; k++) CHECK(block[i][k] == (unsigned char)i);
            free(block[i]);
        }
        CHECK(qed_check() == NULL);
        while (stocked < 200) {
            CHECK((stock[stocked] = malloc(100 + stocked * 100)) != NULL);
            stocked++;
        }
    }
}

static unsigned char *volatile row[100]; /* blocks side by side; NULL: freed */
static volatile unsigned joined;

/* Frees the block behind the pages that are being purged, which makes one free run of both. */
static bool join(const char *call, void *address, size_t bytes) {
    for (int i = 0; strcmp(call, "madvise") == 0 && i < 100; i++) {
        if (row[i] != (unsigned char *)address + bytes) continue;
        free(row[i]);
        row[i] = NULL;
        joined++;
    }
    return true;
}

/* The purge finds its way also when the run that it has just done is another one now. */
static void joins_while_purging(void) {
    malloc_trim(0); /* what is cached may lie between */
    for (int i = 0; i < 100; i++) {
        row[i] = malloc(40960);
        CHECK(row[i] != NULL && (i == 0 || row[i] == row[i - 1] + 40960));
        memset(row[i], 1, 40960);
    }
    malloc_trim(0);
    for (int i = 0; i < 100; i += 4) {
        free(row[i]);
        row[i] = NULL;
    }
    permit = join;
    CHECK(malloc_trim(0) == 1);
    permit = NULL;
    CHECK(joined >= 25);
    CHECK(malloc_trim(0) == 0); /* it has found all */
    for (int i = 0; i < 100; i++) free(row[i]);
}

static unsigned char *volatile shrunk;
static volatile unsigned refused;

/* The cache has a block for what the large one is to become, but not its size. */
static bool shrink(const char *call, void *address, size_t bytes) {
    (void)address, (void)bytes;
    if (strcmp(call, "madvise") != 0) return true;
    void *p = realloc(shrunk, 100);
    if (p == NULL) {
        CHECK(errno == ENOMEM);
        refused++;
    } else {
        shrunk = p;
    }
    return true;
}

/* A block that cannot be resized now keeps its place and its contents. */
static void shrinks_while_purging(void) {
    static void *block[600];
    CHECK((shrunk = malloc(100000)) != NULL);
    memset(shrunk, 7, 100000);
    for (int i = 0; i < 600; i++) CHECK((block[i] = malloc(40000)) != NULL);
    for (int i = 0; i < 600; i++) memset(block[i], i, 40000);
    free(malloc(100)); /* into the cache */
    permit = shrink;
    for (int i = 0; i < 600; i++) free(block[i]);
    CHECK(malloc_trim(0) == 1);
    permit = NULL;
    CHECK(refused > 0);
    for (int i = 0; i < 100; i++) CHECK(shrunk[i] == 7);
    free(shrunk);
}

static _Thread_local bool inside;

/* For any thread. */
static bool intrude_lightly(const char *call, void *address, size_t bytes) {
    (void)call, (void)address, (void)bytes;
    if (inside) return true;
    inside = true;
    void *volatile p = malloc(2000); /* so that it is not left out */
    free(p);
    usleep(100); /* would another thread come in? */
    inside = false;
    return true;
}

static void *churn(void *mark) {
    static const size_t size[] = {50, 3000, 70000, 5 * MIB};
    unsigned char *volatile block[40] = {0};
    for (unsigned i = 0; i < 4000; i++) {
        unsigned k = i * 7 % 40;
        size_t n = size[(i / 40 + k) % 4];
        if (block[k] != NULL) CHECK(block[k][0] == (unsigned char)(uintptr_t)mark);
        free(block[k]);
        CHECK((block[k] = malloc(n)) != NULL);
        block[k][0] = (unsigned char)(uintptr_t)mark;
        if (i % 500 == 0) malloc_trim(0);
    }
    for (int k = 0; k < 40; k++) free(block[k]);
    return NULL;
}

/* A nested call that leaves does not let other threads in. */
static void among_threads(void) {
    pthread_t thread[4];
    permit = intrude_lightly;
    for (uintptr_t i = 0; i < 4; i++) CHECK(pthread_create(&thread[i], NULL, churn, (void *)(i + 1)) == 0);
    for (int i = 0; i < 4; i++) CHECK(pthread_join(thread[i], NULL) == 0);
    permit = NULL;
    CHECK(qed_check() == NULL);
}

int main(void) {
    while_growing();
    while (stocked > 0) free(stock[--stocked]);
    CHECK(qed_check() == NULL);
    while_purging();
    while (stocked > 0) free(stock[--stocked]);
    CHECK(qed_check() == NULL);
    joins_while_purging();
    shrinks_while_purging();
    among_threads();
    return 0;
}

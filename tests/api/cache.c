/* Threads and their caches: what a thread has cached is nobody's block, goes back when it ends, and belongs to the
 * one thread that a child of fork has; a free is checked whoever does it, and a signal handler may come in. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/api/number.h"
#include "tests/test.h"

enum { BLOCKS = 2000, KEPT = 12345 /* an errno that nobody sets */ };

static void *volatile block[BLOCKS];

static void *in_thread(void *(*body)(void *), void *arg) {
    pthread_t thread;
    void *result;
    CHECK(pthread_create(&thread, NULL, body, arg) == 0);
    CHECK(pthread_join(thread, &result) == 0);
    return result;
}

/* What is cached is counted apart, and a request is served from it: the last freed first. */
static void counts(void) {
    void *volatile p = malloc(200);
    size_t live = number("live"), cached = number("cached"), allocations = number("allocations");
    free(p);
    CHECK(number("live") == live - 208 && number("cached") == cached + 208);
    CHECK(malloc(199) == p && number("allocations") == allocations + 1);
    CHECK(number("live") == live && number("cached") == cached);
    free(p);
    malloc_trim(0);
    CHECK(number("cached") == 0 && number("live") == live - 208);
}

/* A block that was used is had again, and is zero if that was asked. */
static void recycled(void) {
    unsigned char *volatile p[100];
    for (size_t n = 1; n <= 4000; n += 37) {
        for (int i = 0; i < 100; i++) memset(p[i] = malloc(n), 0xEE, n);
        for (int i = 0; i < 100; i++) free(p[i]);
        errno = KEPT;
        for (int i = 0; i < 100; i++) {
            p[i] = calloc(1, n);
            for (size_t k = 0; k < n; k++) CHECK(p[i][k] == 0);
        }
        for (int i = 0; i < 100; i++) {
            memset(p[i], i, n);
            p[i] = realloc(p[i], n + 500);
            for (size_t k = 0; k < n; k++) CHECK(p[i][k] == i);
            size_t usable = malloc_usable_size(p[i]);
            unsigned char *same = realloc(p[i], usable);
            CHECK(same == p[i] && malloc_usable_size(same) == usable);
            free(p[i]);
        }
        CHECK(errno == KEPT);
    }
}

static void *allocate_all(void *arg) {
    for (int i = 0; i < BLOCKS; i++) CHECK((block[i] = malloc(16 + (size_t)i % 500)) != NULL);
    return arg;
}

static void *free_all(void *arg) {
    for (int i = 0; i < BLOCKS; i++) free(block[i]);
    return arg;
}

/* A thread that ends leaves nothing cached, whether it allocated or freed. */
static void thread_exit(void) {
    malloc_trim(0);
    size_t cached = number("cached"), small = number("small");
    for (int round = 0; round < 20; round++) {
        in_thread(allocate_all, NULL);
        CHECK(number("cached") <= cached + 2000); /* what pthread_create made, and we */
        in_thread(free_all, NULL);
        CHECK(number("cached") <= cached + 2000 && number("small") <= small + 4000);
    }
    CHECK(qed_check() == NULL);
}

enum { RING = 64, ITEMS = 200000 };
static _Atomic(uintptr_t *) ring[RING];

static void *produce(void *arg) {
    for (uintptr_t i = 0; i < ITEMS; i++) {
        uintptr_t *p = malloc(16 + i % 7 * 40);
        CHECK(p != NULL);
        p[0] = p[1] = i;
        while (atomic_load(&ring[i % RING]) != NULL) sched_yield();
        atomic_store(&ring[i % RING], p);
    }
    return arg;
}

/* One thread allocates, another frees. */
static void producer_and_consumer(void) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, produce, NULL) == 0);
    for (uintptr_t i = 0; i < ITEMS; i++) {
        uintptr_t *p;
        while ((p = atomic_load(&ring[i % RING])) == NULL) sched_yield();
        CHECK(p[0] == i && p[1] == i);
        atomic_store(&ring[i % RING], NULL);
        free(p);
    }
    CHECK(pthread_join(thread, NULL) == 0);
    malloc_trim(0);
    CHECK(qed_check() == NULL && number("mapped") <= 64 << 20);
}

/* A compiler does not see what is done. */
static void (*const volatile frees)(void *) = free;
static char told[40];

static void tell(const char *verdict, void *p) {
    (void)p;
    snprintf(told, sizeof told, "%s", verdict);
}

static void *free_one(void *p) {
    free(p);
    return NULL;
}

static void *free_one_and_inside(void *p) {
    void *mine = malloc(64); /* it has a cache */
    frees(p);
    CHECK(strcmp(told, "double-free") == 0);
    told[0] = '\0';
    frees((char *)p + 16);
    CHECK(strcmp(told, "unallocated") == 0);
    told[0] = '\0';
    CHECK(realloc(p, 10) == NULL && strcmp(told, "double-free") == 0);
    frees(mine);
    return NULL;
}

/* A block in one thread's cache is freed by another: without a cache, with one, and after it was had again. */
static void double_free(void) {
    char *volatile p = malloc(64), *volatile q = malloc(64);
    qed_set_misuse_hook(tell);
    frees(p);
    in_thread(free_one, p);
    CHECK(strcmp(told, "double-free") == 0);
    in_thread(free_one_and_inside, p);
    told[0] = '\0';
    frees(q);
    frees(p);
    CHECK(strcmp(told, "double-free") == 0);
    told[0] = '\0';
    CHECK(malloc(64) == q && malloc(64) == p && malloc(64) != p);
    in_thread(free_one, p);
    CHECK(told[0] == '\0');
    frees(p);
    CHECK(strcmp(told, "double-free") == 0 && qed_check() == NULL);
    qed_set_misuse_hook(NULL);
}

static pthread_barrier_t filled, forked;

static void *hold(void *arg) {
    allocate_all(NULL);
    free_all(NULL);
    pthread_barrier_wait(&filled);
    pthread_barrier_wait(&forked);
    return arg;
}

/* What other threads had cached is free in the child, what the forking one had is still its own. */
static void after_fork(void) {
    pthread_t thread[3];
    malloc_trim(0);
    CHECK(pthread_barrier_init(&filled, NULL, 4) == 0 && pthread_barrier_init(&forked, NULL, 4) == 0);
    for (int i = 0; i < 3; i++) {
        CHECK(pthread_create(&thread[i], NULL, hold, NULL) == 0);
        usleep(100000); /* they use the same array */
    }
    pthread_barrier_wait(&filled);
    void *volatile p = malloc(100);
    free(p);
    size_t cached = number("cached");
    CHECK(cached > 3000);
    pid_t child = fork();
    if (child == 0) {
        alarm(30);
        CHECK(number("cached") < 3000 && qed_check() == NULL);
        CHECK(malloc(100) == p);
        for (int i = 0; i < 3; i++) in_thread(allocate_all, NULL);
        in_thread(free_all, NULL);
        CHECK(qed_check() == NULL);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    CHECK(number("cached") == cached);
    pthread_barrier_wait(&forked);
    for (int i = 0; i < 3; i++) CHECK(pthread_join(thread[i], NULL) == 0);
}

static pthread_key_t early, late;

/* Before and after the cache is gone: the system calls the destructors of all keys, and again of those set. */
static void destructor(void *value) {
    char *again = realloc(value, 300), *volatile p[50];
    CHECK(again != NULL && strcmp(again, "kept") == 0);
    for (size_t i = 0; i < 50; i++) memset(p[i] = malloc(i + 1), 1, i + 1);
    for (size_t i = 0; i < 50; i++) free(p[i]);
    if (again[4 + 1]++ < 2) {
        CHECK(pthread_setspecific(late, again) == 0);
    } else {
        free(again);
    }
}

static void *set_keys(void *arg) {
    CHECK(pthread_setspecific(early, strcpy(calloc(1, 20), "kept")) == 0);
    CHECK(pthread_setspecific(late, strcpy(calloc(1, 20), "kept")) == 0);
    return arg;
}

static void destructors(void) {
    malloc_trim(0);
    size_t small = number("small");
    CHECK(pthread_key_create(&early, destructor) == 0 && pthread_key_create(&late, destructor) == 0);
    for (int i = 0; i < 50; i++) in_thread(set_keys, NULL);
    CHECK(number("small") <= small + 4000 && qed_check() == NULL);
}

static volatile unsigned signals;

/* Takes eight blocks one after the other, and then frees them: so it leaves what it interrupts with more or fewer. */
static void interrupt(int number) {
    static unsigned char *kept[8];
    (void)number;
    unsigned i = signals++ % 16;
    if (i < 8) {
        kept[i] = malloc(64);
        if (kept[i] != NULL) memset(kept[i], (int)i, 64);
    } else {
        if (kept[i - 8] != NULL) CHECK(kept[i - 8][0] == i - 8 && kept[i - 8][63] == i - 8);
        free(kept[i - 8]);
    }
}

/* A handler interrupts malloc and free anywhere, and does the same: no block is had twice, and none is lost. */
static void interrupted(void) {
    malloc_trim(0);
    const size_t small = number("small");
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = SA_RESTART};
    struct itimerval often = {{0, 50}, {0, 50}}, never = {{0, 0}, {0, 0}};
    unsigned char *volatile p[32] = {0};
    CHECK(sigaction(SIGALRM, &action, NULL) == 0 && setitimer(ITIMER_REAL, &often, NULL) == 0);
    for (unsigned i = 0; signals < 3000 && i < 200000000; i++) {
        unsigned k = i * 7 % 32;
        if (p[k] != NULL) CHECK(p[k][0] == k + 100 && p[k][63] == k + 100);
        free(p[k]);
        CHECK((p[k] = malloc(64)) != NULL);
        p[k][0] = p[k][63] = (unsigned char)(k + 100);
    }
    CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0 && signals >= 1000);
    while (signals % 16 != 0) interrupt(SIGALRM);
    for (int k = 0; k < 32; k++) free(p[k]);
    malloc_trim(0);
    CHECK(number("small") == small && qed_check() == NULL);
}

int main(void) {
    counts();
    recycled();
    thread_exit();
    producer_and_consumer();
    double_free();
    after_fork();
    destructors();
    interrupted();
    return 0;
}

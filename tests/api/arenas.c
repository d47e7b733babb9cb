/* Arenas: threads are spread over as many heaps as there may be, evenly, and make room when they end; what one thread
 * frees of another's heap gets there; misuse of it is seen as elsewhere; and without memory or address space for several,
 * threads share what there is.
 *
 * QEDMALLOC_ARENAS is read when the program starts: it starts itself again, with a number and what is to be done. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "src/qedmalloc.h"
#include "tests/api/number.h"
#include "tests/api/system.h"

enum { MIB = 1 << 20, CHUNK = 4 * MIB, MOST = 20, BLOCKS = 3000, CALLS = 1000 };

static struct worker {
    pthread_t thread;
    sem_t ready, go;
    void *block[BLOCKS];
    void (*work)(struct worker *);
} workers[MOST];

static void *run(void *arg) {
    struct worker *w = arg;
    w->work(w);
    sem_post(&w->ready);
    while (sem_wait(&w->go) != 0) continue;
    return NULL;
}

/* Starts a thread, which works and stays. */
static void begin(struct worker *w, void (*work)(struct worker *)) {
    w->work = work;
    CHECK(sem_init(&w->ready, 0, 0) == 0 && sem_init(&w->go, 0, 0) == 0);
    CHECK(pthread_create(&w->thread, NULL, run, w) == 0);
    while (sem_wait(&w->ready) != 0) continue;
}

static void end(struct worker *w) {
    sem_post(&w->go);
    CHECK(pthread_join(w->thread, NULL) == 0);
}

static void come_by(size_t bytes) {
    void *volatile p = malloc(bytes); /* so that it is not left out */
    CHECK(p != NULL);
    free(p);
}

static void take_one(struct worker *w) {
    CHECK((w->block[0] = malloc(100)) != NULL);
}

/* Small ones, large ones, and a huge one. */
static size_t size_of(int i) {
    return i == 0 ? 2 * CHUNK : i % 100 == 0 ? 50000 : 16 + (size_t)i;
}

static void take_many(struct worker *w) {
    for (int i = 0; i < BLOCKS; i++) {
        CHECK((w->block[i] = malloc(size_of(i))) != NULL);
        memset(w->block[i], i, 16);
    }
}

static void drop_many(struct worker *w) {
    for (int i = 0; i < BLOCKS; i++) {
        CHECK(((unsigned char *)w->block[i])[15] == (unsigned char)i);
        if (i % 3 == 0) w->block[i] = realloc(w->block[i], size_of(i) + 1000);
        CHECK(w->block[i] != NULL && ((unsigned char *)w->block[i])[15] == (unsigned char)i);
        free(w->block[i]);
    }
}

/* n threads and this one, in `arenas`. */
static void check_spread(size_t n, size_t arenas) {
    CHECK(number("arenas") == arenas);
    CHECK(number("threads") == n + 1);
    CHECK(number("crowd") == (n + arenas) / arenas);
}

/* With the last threads gone, new ones get their places, and their caches. */
static void spread(size_t most) {
    for (size_t i = 0; i < MOST; i++) {
        begin(&workers[i], take_one);
        check_spread(i + 1, i + 2 < most ? i + 2 : most);
    }
    for (size_t i = 0; i < MOST; i++) end(&workers[i]);
    CHECK(number("threads") == 1 && number("crowd") == 1);
    const size_t before = mapped;
    for (size_t i = 0; i < most - 1 && i < MOST; i++) begin(&workers[i], take_one);
    CHECK(number("crowd") == 1 && mapped == before);
    for (size_t i = 0; i < most - 1 && i < MOST; i++) end(&workers[i]);
}

/* Blocks are freed by the main thread, by one that has a heap of its own, and after their thread has ended. */
static void passed_on(void) {
    const size_t live = number("live"), cached = number("cached");
    for (int round = 0; round < 3; round++) {
        begin(&workers[0], take_many);
        if (round == 1) end(&workers[0]);
        if (round == 0) {
            drop_many(&workers[0]);
        } else {
            memcpy(workers[1].block, workers[0].block, sizeof workers[0].block);
            begin(&workers[1], drop_many);
            end(&workers[1]);
        }
        if (round != 1) end(&workers[0]);
        CHECK(number("live") <= live + number("cached") && qed_check() == NULL);
    }
    malloc_trim(0);
    CHECK(number("live") == live && number("cached") <= cached && number("dirty") == 0);
}

static const char *volatile verdict;

static void tell(const char *what, void *p) {
    (void)p;
    CHECK(verdict == NULL);
    verdict = what;
}

static void check_refused(void *volatile p, const char *expected) {
    verdict = NULL;
    free(p);
    CHECK(verdict != NULL && strcmp(verdict, expected) == 0);
    verdict = NULL;
    CHECK(malloc_usable_size(p) == 0 && verdict != NULL && strcmp(verdict, expected) == 0);
    verdict = NULL;
}

/* Where a heap may begin when there are more threads. */
static void not_yet(void) {
    qed_set_misuse_hook(tell);
    begin(&workers[0], take_one);
    check_refused((char *)workers[0].block[0] + ((size_t)1 << 37), "foreign");
    end(&workers[0]);
    free(workers[0].block[0]);
    qed_set_misuse_hook(NULL);
}

/* In a heap that is another thread's, and behind what it has. */
static void misused(void) {
    qed_set_misuse_hook(tell);
    begin(&workers[0], take_many);
    char *volatile small = workers[0].block[1], *volatile large = workers[0].block[100];
    check_refused(small + 16, "interior");
    check_refused(small + 8, "unaligned");
    check_refused(large + 4096, "interior");
    check_refused(small + ((size_t)1 << 32), "foreign");
    check_refused(small - ((size_t)1 << 36), "foreign");
    free(small);
    check_refused(small, "double-free");
    free(large);
    check_refused(large, "double-free");
    malloc_trim(0);
    check_refused(large, "purged");
    for (int i = 0; i < BLOCKS; i++) {
        if (i != 1 && i != 100) free(workers[0].block[i]);
    }
    end(&workers[0]);
    CHECK(qed_check() == NULL && verdict == NULL);
    qed_set_misuse_hook(NULL);
}

/* In five chunks. */
static void take_chunks(struct worker *w) {
    for (int i = 0; i < 5; i++) CHECK((w->block[i] = malloc(CHUNK)) != NULL);
    come_by(100);
}

static void drop_chunks(struct worker *w) {
    for (int i = 0; i < 5; i++) free(w->block[i]);
}

/* Where that had chunks, this one has none. */
static void misuse_one(struct worker *w) {
    CHECK((w->block[0] = malloc(100000)) != NULL);
    check_refused((char *)w->block[0] + 3 * (size_t)CHUNK, "foreign");
}

/* A cache that was for a heap with many chunks does not take one with few for the same. */
static void reused(void) {
    begin(&workers[0], take_chunks);
    begin(&workers[1], take_one);
    end(&workers[0]);
    end(&workers[1]);
    qed_set_misuse_hook(tell);
    begin(&workers[2], take_one);
    begin(&workers[3], misuse_one);
    qed_set_misuse_hook(NULL);
    end(&workers[2]);
    end(&workers[3]);
    drop_chunks(&workers[0]);
    for (int i = 1; i < 4; i++) free(workers[i].block[0]);
}

static bool refuse(const char *call, void *address, size_t bytes) {
    (void)address, (void)bytes;
    return strcmp(call, "mprotect") != 0;
}

static void take_more(struct worker *w) {
    for (int i = 0; i < 10; i++) CHECK((w->block[i] = calloc(1, CHUNK / 2)) != NULL);
}

/* Where there is no memory left, there is some elsewhere. */
static void falls_back(void) {
    static void *volatile ample[20]; /* in the first heap */
    for (int i = 0; i < 20; i++) CHECK((ample[i] = malloc(CHUNK / 2)) != NULL);
    for (int i = 0; i < 20; i++) free(ample[i]);
    const size_t live = number("live");
    permit = refuse;
    begin(&workers[0], take_more);
    permit = NULL;
    end(&workers[0]);
    for (int i = 0; i < 10; i++) free(workers[0].block[i]);
    CHECK(number("live") <= live + number("cached") && qed_check() == NULL);
}

static volatile long now = 100000; /* milliseconds */

int clock_gettime(clockid_t which, struct timespec *t) {
    (void)which;
    *t = (struct timespec){now / 1000, now % 1000 * 1000000};
    return 0;
}

/* What a thread has left behind goes back as well, when another one comes by. */
static void goes_back(void) {
    begin(&workers[0], take_many);
    drop_many(&workers[0]);
    end(&workers[0]);
    CHECK(number("dirty") > 0);
    for (int i = 0; i < 3; i++) {
        now += 10001;
        come_by(40000);
    }
    CHECK(number("dirty") <= 100000);
}

static bool refuse_stretches(const char *call, void *address, size_t bytes) {
    (void)address;
    return strcmp(call, "mmap") != 0 || bytes < (size_t)1 << 30;
}

static int act(const char *what) {
    const size_t most = strtoul(what + 1, NULL, 10);
    come_by(1);
    if (*what == 'p') permit = refuse_stretches;
    if (most > 2) not_yet();
    spread(most);
    permit = NULL;
    if (most > 2) reused();
    passed_on();
    if (most > 1) {
        misused();
        falls_back();
    }
    goes_back();
    return 0;
}

/* `arenas` is in the environment, and `what` is done, in so much address space. */
static void again(const char *arenas, const char *what, rlim_t bytes) {
    pid_t child = fork();
    if (child == 0) {
        CHECK(setrlimit(RLIMIT_AS, &(struct rlimit){bytes, RLIM_INFINITY}) == 0);
        setenv("QEDMALLOC_ARENAS", arenas, 1);
        execl("/proc/self/exe", "arenas", what, (char *)NULL);
        _exit(255);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(int argc, char **argv) {
    if (argc > 1) return act(argv[1]);
    cpu_set_t set;
    char suits[20];
    CHECK(sched_getaffinity(0, sizeof set, &set) == 0);
    const int cpus = CPU_COUNT(&set), most = cpus == 1 ? 1 : cpus > 63 ? 256 : 4 * cpus;
    snprintf(suits, sizeof suits, "s%d", most);
    again("", suits, RLIM_INFINITY);
    again("0", suits, RLIM_INFINITY);
    again("3x", suits, RLIM_INFINITY);
    again("1", "s1", RLIM_INFINITY);
    again("2", "s2", RLIM_INFINITY);
    again("3", "s3", RLIM_INFINITY);
    again("1000000", "s256", RLIM_INFINITY);
    again("4", "p1", RLIM_INFINITY);
    again("4", "l1", (rlim_t)1 << 40);
    return 0;
}

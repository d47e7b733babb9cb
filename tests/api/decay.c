/* Memory that was free for ten seconds goes back when the program comes by, and what it needs from time to time does not;
 * QEDMALLOC_DECAY says how long else. The clock is the test's, and allocates, as one that somebody has put there may; but
 * nobody may when the heap is at work again. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "tests/api/number.h"
#include "tests/api/system.h"

enum { HALF = 1 << 19 /* MiB */, SHORT = 40000 /* bytes: no cache has that */, FEW = 100000 };

static volatile long now = 100000;   /* milliseconds */
static unsigned char *volatile last; /* block that was freed, of so many bytes, */
static volatile size_t length;
static volatile size_t purged; /* of which so many have gone back */
static volatile unsigned looks;
static void *volatile metadata; /* of the heap: what it has had first, */
static volatile size_t extent;  /* so many bytes */
static volatile bool shuts;
static volatile unsigned refused;

/* What is asked of the system may let somebody in; after that the heap is at work, and sees to its metadata first. */
static void shut(void) {
    if (shuts) CHECK(syscall(SYS_mprotect, metadata, extent, PROT_NONE) == 0);
}

int clock_gettime(clockid_t which, struct timespec *t) {
    void *volatile p = malloc(SHORT);
    CHECK(p != NULL);
    free(p);
    looks++;
    (void)which;
    *t = (struct timespec){now / 1000, now % 1000 * 1000000};
    shut();
    return 0;
}

static bool count(const char *call, void *address, size_t bytes) {
    unsigned char *from = address, *to = from + bytes;
    if (metadata == NULL && strcmp(call, "mprotect") == 0) metadata = address, extent = bytes;
    shut();
    if (strcmp(call, "madvise") != 0) return true;
    if (from < last) from = last;
    if (to > last + length) to = last + length;
    if (from < to) purged += (size_t)(to - from);
    return true;
}

static bool (*volatile permit)(const char *call, void *address, size_t bytes) = count; /* from the start */

static void come_by(void) {
    void *volatile p = malloc(SHORT);
    CHECK(p != NULL);
    free(p);
}

static void soil(size_t bytes) {
    unsigned char *p = malloc(bytes);
    CHECK(p != NULL);
    memset(p, 1, bytes);
    last = p;
    length = bytes;
    free(p);
}

static void goes_back(void) {
    soil(3 * HALF);
    const size_t dirty = number("dirty");
    CHECK(dirty >= 3 * HALF);
    now += 9999;
    come_by();
    CHECK(number("dirty") == dirty && purged == 0);
    now += 1;
    come_by();
    CHECK(number("dirty") <= FEW && purged >= dirty - FEW);
}

/* A program that needs all of it each second loses next to nothing, and one that needs the half keeps that. */
static void stays_if_needed(void) {
    for (int i = 0; i < 90; i++) {
        soil(2 * HALF);
        now += 1000;
        if (i == 30) purged = 0;
    }
    CHECK(purged == 0 && number("dirty") >= 2 * HALF);
    for (int i = 0; i < 30; i++) {
        soil(HALF);
        now += 1000;
    }
    CHECK(number("dirty") >= HALF && number("dirty") <= HALF + FEW);
}

/* What the program needs is taken from what has gone, and reads as zero. */
static void is_zero(void) {
    for (int i = 0; i < 3; i++) {
        soil(3 * HALF);
        now += 10000;
        come_by();
    }
    unsigned char *p = calloc(1, 3 * HALF);
    for (size_t i = 0; i < 3 * HALF; i++) CHECK(p[i] == 0);
    free(p);
    CHECK(qed_check() == NULL);
}

static void come_in(int number) {
    CHECK(syscall(SYS_mprotect, metadata, extent, PROT_READ | PROT_WRITE) == 0);
    const bool nothing = malloc(SHORT) == NULL;
    CHECK(nothing);
    refused++;
    (void)number;
}

/* A signal handler that comes in when the system has been asked for something gets nothing, whatever was granted
 * meanwhile: the clock, pages that go back, and pages that come. */
static void is_at_work(void) {
    struct sigaction action = {.sa_handler = come_in};
    CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
    shuts = true;
    come_by();
    CHECK(refused > 0);
    unsigned before = refused;
    soil(3 * HALF);
    for (int i = 0; i < 2; i++) {
        now += 10000;
        come_by();
    }
    CHECK(refused > before + 2);
    before = refused;
    void *volatile p = malloc(80 * HALF);
    CHECK(p != NULL && refused > before);
    shuts = false;
    free(p);
    CHECK(qed_check() == NULL);
}

/* The bytes that are dirty after `pause` milliseconds, in KiB and no more than 200, if the environment has that. */
static int told(const char *option, const char *pause) {
    pid_t child = fork();
    if (child == 0) {
        setenv("QEDMALLOC_DECAY", option, 1);
        execl("/proc/self/exe", "decay", pause, (char *)NULL);
        _exit(255);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int tell(long pause) {
    come_by();
    soil(3 * HALF);
    now += pause;
    come_by();
    const size_t kib = number("dirty") / 1024;
    return kib < 200 ? (int)kib : 200;
}

int main(int argc, char **argv) {
    if (argc > 1) return tell(strtol(argv[1], NULL, 10));
    come_by();
    goes_back();
    stays_if_needed();
    is_zero();
    is_at_work();
    CHECK(looks > 100);
    CHECK(told("0", "0") < 200);
    CHECK(told("700", "699") == 200);
    CHECK(told("700", "700") < 200);
    CHECK(told("99999999999999999999999", "1000000") == 200);
    CHECK(told("", "9999") == 200 && told("5s", "9999") == 200 && told("-1", "9999") == 200);
    CHECK(told("5s", "10000") < 200);
    return 0;
}

/* Statistics: the numbers of a known heap, as text, as JSON and as glibc's, cut off at every length;
 * and what they say when memory goes back to the system, which the system confirms. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/api/family.h"
#include "tests/test.h"

enum { MIB = 1 << 20, CHUNK = 4 * MIB };

/* A number of the JSON text. */
static size_t number(const char *key) {
    static char json[8192];
    char quoted[40];
    CHECK(qed_stats_json(json, sizeof json) < sizeof json);
    snprintf(quoted, sizeof quoted, "\"%s\":", key);
    const char *at = strstr(json, quoted);
    CHECK(at != NULL);
    return strtoul(at + strlen(quoted), NULL, 10);
}

static size_t resident(void) {
    char text[100] = "";
    int file = open("/proc/self/statm", O_RDONLY);
    CHECK(read(file, text, sizeof text - 1) > 0);
    close(file);
    return strtoul(strchr(text, ' '), NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

/* By how much a number changes with a block. */
static void check_change(const char *key, size_t size, size_t change) {
    size_t before = number(key), allocations = number("allocations"), live = number("live");
    void *volatile p = malloc(size); /* so that it is not left out */
    CHECK(number(key) == before + change);
    CHECK(number("live") == live + change);
    CHECK(number("allocations") == allocations + 1);
    free(p);
    CHECK(number(key) == before);
    CHECK(number("live") == live);
}

static void numbers(void) {
    check_change("small", 1, 16);
    check_change("small", 100, 112);
    check_change("small", 32768, 32768);
    check_change("large", 32769, 9 * 4096);
    check_change("large", 1000000, 245 * 4096);
    check_change("huge", CHUNK + 1, 2 * (size_t)CHUNK);
    CHECK(number("live") == number("small") + number("large") + number("huge"));
    CHECK(number("active") >= number("live"));
    CHECK(number("mapped") >= number("active") + number("dirty"));
    CHECK(number("mapped") % CHUNK == 0);
}

static void bins(void) {
    char json[8192];
    void *volatile p[70];
    for (int i = 0; i < 70; i++) p[i] = malloc(28672);
    qed_stats_json(json, sizeof json);
    CHECK(strstr(json, "{\"class\":28672,\"runs\":18,\"regions\":70}") != NULL); /* 4 regions to a run */
    qed_stats(json, sizeof json);
    CHECK(strstr(json, "   28672 bytes:        70 live in      18 runs\n") != NULL);
    for (int i = 0; i < 70; i++) free(p[i]);
}

static void cut_off(size_t (*report)(char *, size_t)) {
    char whole[8192], part[8192];
    size_t length = report(whole, sizeof whole);
    CHECK(length == strlen(whole) && length > 100);
    CHECK(report(NULL, 0) == length);
    for (size_t size = 1; size <= length + 2; size++) {
        memset(part, '#', sizeof part);
        CHECK(report(part, size) == length);
        size_t shown = size <= length ? size - 1 : length;
        CHECK(strlen(part) == shown && memcmp(part, whole, shown) == 0);
        CHECK(part[size] == '#');
    }
}

/* What is freed goes back of itself when it is much, and at once when the program asks. */
static void memory_goes_back(void) {
    enum { BLOCKS = 1000, BYTES = 100000 };
    static void *volatile block[BLOCKS];
    malloc_trim(0);
    size_t at_first = resident();
    for (int i = 0; i < BLOCKS; i++) memset(block[i] = malloc(BYTES), 1, BYTES);
    CHECK(resident() > at_first + 90 * MIB);
    for (int i = 0; i < BLOCKS; i++) free(block[i]);
    CHECK(number("dirty") <= 24 * MIB);
    CHECK(resident() < at_first + 30 * MIB);
    CHECK(malloc_trim(0) == 1);
    CHECK(number("dirty") == 0);
    CHECK(resident() < at_first + 8 * MIB);
    CHECK(malloc_trim(0) == 0);

    void *p = malloc(100 * MIB); /* and of huge blocks at once */
    memset(p, 1, 100 * MIB);
    errno = 12345;
    free(p);
    CHECK(errno == 12345);
    CHECK(resident() < at_first + 30 * MIB);
}

/* What glibc's programs ask; musl has no such functions. */
static void glibc(void) {
#ifdef __GLIBC__
    struct mallinfo2 m = mallinfo2();
    CHECK(m.uordblks == number("live") && m.arena == number("mapped") && m.keepcost == number("dirty"));
    CHECK(m.uordblks + m.fordblks == m.arena);
    CHECK(m.hblks == 0 && m.hblkhd == 0);
    size_t live = m.uordblks;
    void *volatile p = malloc(5000);
    CHECK(mallinfo2().uordblks == live + 5120);
    free(p);
#endif
}

static const char *standard_error_of(void (*run)(void)) {
    static char said[8192];
    int ends[2];
    CHECK(pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        run();
        exit(0);
    }
    close(ends[1]);
    size_t length = 0;
    for (ssize_t n; (n = read(ends[0], said + length, sizeof said - 1 - length)) > 0;) length += (size_t)n;
    said[length] = '\0';
    close(ends[0]);
    CHECK(waitpid(child, NULL, 0) == child);
    return said;
}

static void nothing(void) {
}

static void wanted(void) {
    setenv("QEDMALLOC_STATS", "1", 1);
}

static void unwanted(void) {
    setenv("QEDMALLOC_STATS", "0", 1);
}

#ifdef __GLIBC__
static void asked(void) {
    malloc_stats();
}
#endif

static void reports(void) {
    static const char start[] = "qedmalloc " QED_VERSION ", bytes:\nlive ";
    CHECK(strcmp(standard_error_of(nothing), "") == 0);
    CHECK(strcmp(standard_error_of(unwanted), "") == 0);
    CHECK(strncmp(standard_error_of(wanted), start, sizeof start - 1) == 0);
#ifdef __GLIBC__
    CHECK(strncmp(standard_error_of(asked), start, sizeof start - 1) == 0);
#endif
}

int main(void) {
    unsetenv("QEDMALLOC_STATS");
    CHECK(strcmp(qed_version(), QED_VERSION) == 0);
    numbers();
    bins();
    cut_off(qed_stats);
    cut_off(qed_stats_json);
    memory_goes_back();
    glibc();
    reports();
    CHECK(qed_check() == NULL);
    return 0;
}

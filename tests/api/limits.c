/* Little address space, little memory, and address space that is taken: the heap starts with what
 * there is, says ENOMEM when it is used up, and leaves the program its share. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "src/qedmalloc.h"
#include "tests/api/system.h"
#include "tests/test.h"

enum { BLOCKS = 100000, MIB = 1 << 20 };

static void *block[BLOCKS];

/* Takes blocks until there are no more, twice, and gets as much the second time; how many bytes. */
static size_t exhaust(size_t size) {
    size_t taken[2] = {0};
    for (int round = 0; round < 2; round++) {
        size_t n = 0;
        while (n < BLOCKS && (block[n] = malloc(size)) != NULL) memset(block[n++], 1, size);
        CHECK(n < BLOCKS && errno == ENOMEM);
        CHECK(qed_check() == NULL);
        taken[round] = n * size;
        while (n > 0) free(block[--n]);
    }
    CHECK(taken[0] == taken[1]);
    return taken[0];
}

static void few_mappings(void) {
    size_t lines = 0;
    char text[4096];
    for (int i = 0; i < BLOCKS; i++) CHECK((block[i] = malloc(16 + (size_t)i % 200)) != NULL);
    int file = open("/proc/self/maps", O_RDONLY);
    for (ssize_t n; (n = read(file, text, sizeof text)) > 0;) {
        for (ssize_t i = 0; i < n; i++) lines += text[i] == '\n';
    }
    close(file);
    CHECK(lines > 5 && lines <= 100);
    for (int i = 0; i < BLOCKS; i++) free(block[i]);
}

/* What the program maps for itself. */
static bool room_for(size_t bytes) {
    void *p = (void *)syscall(SYS_mmap, NULL, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p != MAP_FAILED) syscall(SYS_munmap, p, bytes);
    return p != MAP_FAILED;
}

/* Under `ulimit -v`, from the start of the program on. */
static void serve_under(size_t limit) {
    CHECK(malloc(1) != NULL);
    CHECK(room_for(limit / 4));
    CHECK(malloc(limit) == NULL && errno == ENOMEM);
    size_t small = exhaust(1000), large = exhaust(50000), huge = exhaust(4 * MIB);
    CHECK(small > limit / 8 && large > limit / 8 && huge > limit / 8);
    CHECK(small < limit / 2 && large < limit / 2 && huge <= limit / 2);
}

/* The program anew, as the shell would start it. */
static void start_under(const char *self, size_t mib) {
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {mib * MIB, mib * MIB};
        CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
        execl(self, self, "serve", (char *)NULL);
        _exit(99);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
}

static void in_child(void (*serve)(void)) {
    pid_t child = fork();
    if (child == 0) {
        serve();
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
}

/* Address space without limit, but memory is refused, as by a system that does not overcommit. */
static void little_memory(void) {
    struct rlimit limit = {48 * MIB, 48 * MIB};
    CHECK(setrlimit(RLIMIT_DATA, &limit) == 0);
    CHECK(exhaust(3000) > 24 * MIB);
    CHECK(exhaust(4 * MIB) > 24 * MIB);
}

/* The places for the metadata are taken, for a kernel that tells and for one that does not. */
static volatile unsigned refusals;

static bool refuse_places(const char *call, void *address, size_t bytes) {
    (void)bytes;
    if (address == NULL || strcmp(call, "mmap") != 0 || refusals == 0) return true;
    refusals--;
    return false;
}

static void taken_places(void) {
    permit = refuse_places;
    refusals = 40; /* all below and some above */
    few_mappings();
    CHECK(refusals == 0 && qed_check() == NULL);
}

static void old_kernel(void) {
    misplace = 40;
    few_mappings();
    CHECK(misplace == 0 && qed_check() == NULL);
}

static void old_kernel_without_room(void) {
    misplace = 1u << 30;
    CHECK(malloc(1) == NULL && errno == ENOMEM);
    CHECK(mapped == 0);
    misplace = 0;
    few_mappings();
}

int main(int count, char **arguments) {
    if (count > 1) {
        struct rlimit limit;
        CHECK(getrlimit(RLIMIT_AS, &limit) == 0);
        serve_under(limit.rlim_cur);
        return 0;
    }
    for (size_t mib = 32; mib <= 128; mib *= 2) start_under(arguments[0], mib);
    start_under(arguments[0], 96);
    in_child(few_mappings);
    in_child(little_memory);
    in_child(taken_places);
    in_child(old_kernel);
    in_child(old_kernel_without_room);
    return 0;
}

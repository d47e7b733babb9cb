/* measure FILE LIBRARY COMMAND...: runs the command with the library preloaded (none if that is "") and appends
 * a line to the file: CPU time of it and its children, wall time, in microseconds, and the largest of their
 * peak memories, in KiB.
 *
 * A process inherits the peak of the one that started it: this one's is small, that of a script would be told
 * instead of the command's. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long wall(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static long long micros(struct timeval t) {
    return t.tv_sec * 1000000LL + t.tv_usec;
}

int main(int argc, char **argv) {
    if (argc < 4) {
        fprintf(stderr, "usage: measure FILE LIBRARY COMMAND...\n");
        return 2;
    }
    const long long start = wall();
    const pid_t child = fork();
    if (child == 0) {
        if (*argv[2] != '\0') setenv("LD_PRELOAD", argv[2], 1);
        execvp(argv[3], argv + 3);
        _exit(127);
    }
    int status;
    struct rusage used;
    if (child < 0 || wait4(child, &status, 0, &used) != child) return 1;
    const long long end = wall();
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    FILE *file = fopen(argv[1], "a");
    if (file == NULL) return 1;
    fprintf(file, "%lld %lld %ld\n", micros(used.ru_utime) + micros(used.ru_stime), end - start,
            used.ru_maxrss);
    return fclose(file) != 0;
}

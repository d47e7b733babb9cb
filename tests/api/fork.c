/* Forks while other threads allocate: no child finds a lock taken or a heap half changed. Children
 * allocate, free what they inherited, start threads, fork again, and leave in both ways. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/qedmalloc.h"
#include "tests/test.h"

enum { THREADS = 4, CHILDREN = 150, INHERITED = 200 };

static atomic_bool stop;
static unsigned char *inherited[INHERITED];

static void churn(uint32_t seed, uint32_t times) {
    unsigned char *block[32] = {0};
    size_t bytes[32] = {0};
    for (uint32_t i = 0; i < times; i++) {
        seed = seed * 1664525u + 1013904223u;
        uint32_t k = seed >> 27;
        if (block[k] != NULL) CHECK(block[k][0] == k && block[k][bytes[k] - 1] == k);
        free(block[k]);
        bytes[k] = 1 + (seed >> 8) % ((seed & 0xFF) == 0 ? 6u << 20 : (seed & 7) == 0 ? 50000 : 500);
        block[k] = malloc(bytes[k]);
        CHECK(block[k] != NULL);
        block[k][0] = block[k][bytes[k] - 1] = (unsigned char)k;
    }
    for (int k = 0; k < 32; k++) free(block[k]);
}

static void *churn_until_stop(void *arg) {
    for (uint32_t seed = (uint32_t)(uintptr_t)arg; !atomic_load(&stop); seed += THREADS) churn(seed, 300);
    return NULL;
}

static void *churn_once(void *arg) {
    churn((uint32_t)(uintptr_t)arg, 500);
    return NULL;
}

static void in_thread(uint32_t seed) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, churn_once, (void *)(uintptr_t)seed) == 0);
    churn(seed + 1, 500);
    CHECK(pthread_join(thread, NULL) == 0);
}

static void await(pid_t child) {
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void child_body(uint32_t n) {
    alarm(60);
    CHECK(qed_check() == NULL);
    for (int i = 0; i < INHERITED; i++) {
        for (int j = 0; j < 10 * i; j++) CHECK(inherited[i][j] == (unsigned char)i);
        free(inherited[i]);
    }
    churn(n, 1000);
    if (n % 5 == 0) in_thread(n);
    if (n % 7 == 0) {
        pid_t grandchild = fork();
        CHECK(grandchild >= 0);
        if (grandchild == 0) {
            churn(n, 200);
            _exit(0);
        }
        await(grandchild);
    }
    CHECK(qed_check() == NULL);
    if (n % 2 == 0) _exit(0);
    exit(0);
}

static void fork_child(uint32_t n) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) child_body(n);
    await(child);
}

/* Two threads fork at once. */
static void *fork_half(void *arg) {
    for (uint32_t n = (uint32_t)(uintptr_t)arg; n < CHILDREN; n += 2) fork_child(n);
    return NULL;
}

int main(void) {
    alarm(120);
    for (int i = 0; i < INHERITED; i++) {
        inherited[i] = malloc(10 * (size_t)i);
        CHECK(inherited[i] != NULL);
        memset(inherited[i], i, 10 * (size_t)i);
    }
    pthread_t thread[THREADS], second;
    for (uintptr_t i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&thread[i], NULL, churn_until_stop, (void *)i) == 0);
    }
    CHECK(pthread_create(&second, NULL, fork_half, (void *)1) == 0);
    fork_half(NULL);
    CHECK(pthread_join(second, NULL) == 0);
    atomic_store(&stop, true);
    for (int i = 0; i < THREADS; i++) CHECK(pthread_join(thread[i], NULL) == 0);
    for (int i = 0; i < INHERITED; i++) free(inherited[i]);
    return 0;
}

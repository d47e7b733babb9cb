/* Allocation at every stage of a process's life: before the constructors of any library, in
 * constructors and destructors, in atexit and thread-exit handlers, in an object that is loaded,
 * used by running threads and unloaded, and in the last destructor of all.
 *
 * The last destructor ends a child process with a status of its own: so the parent knows that
 * the child came that far and found that all stages had run. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/qedmalloc.h"
#include "tests/test.h"

enum { LIVED = 42, ROUNDS = 20, THREADS = 4 };

enum stage { PREINIT, CONSTRUCTOR, MAIN, THREAD_EXIT, PLUGIN, AT_EXIT, DESTRUCTOR, STAGES };

static _Atomic(unsigned char *) kept[STAGES]; /* a block of each stage, freed in the last destructor */
static pid_t parent;

static void verify(const unsigned char *p, size_t n, enum stage s) {
    for (size_t i = 0; i < n; i++) CHECK(p[i] == (unsigned char)s);
}

/* Blocks of all sorts; one outlives the stage. */
static void allocate(enum stage s) {
    unsigned char *block[40];
    for (size_t i = 0; i < 40; i++) {
        size_t n = ((size_t)1 << i / 2) + i;
        block[i] = malloc(n);
        CHECK(block[i] != NULL);
        memset(block[i], (int)s, n);
    }
    for (size_t i = 0; i < 40; i++) {
        size_t n = ((size_t)1 << i / 2) + i;
        block[i] = realloc(block[i], n + 1000);
        CHECK(block[i] != NULL);
        verify(block[i], n, s);
        free(block[i]);
    }
    unsigned char *last = malloc(100);
    CHECK(last != NULL);
    memset(last, (int)s, 100);
    free(atomic_exchange(&kept[s], last));
}

static void preinit(void) {
    allocate(PREINIT);
}
__attribute__((section(".preinit_array"), used)) static void (*const before_all)(void) = preinit;

__attribute__((constructor(101))) static void construct(void) {
    if (kept[PREINIT] == NULL) allocate(PREINIT); /* musl has no such stage */
    allocate(CONSTRUCTOR);
}

__attribute__((destructor)) static void destruct(void) {
    if (parent != 0) allocate(DESTRUCTOR);
}

__attribute__((destructor(101))) static void destruct_last(void) {
    if (parent == 0) return;
    for (enum stage s = 0; s < STAGES; s++) {
        CHECK(kept[s] != NULL);
        verify(kept[s], 100, s);
        free(kept[s]);
    }
    CHECK(qed_check() == NULL);
    _exit(LIVED);
}

static void at_exit(void) {
    allocate(AT_EXIT);
}

static pthread_key_t key;

/* Runs when a thread ends, twice: it puts itself back once. */
static void thread_exit(void *value) {
    unsigned char *round = value;
    allocate(THREAD_EXIT);
    if (*round != 0) {
        free(round);
        return;
    }
    free(round);
    unsigned char *next = malloc(1);
    CHECK(next != NULL);
    *next = 1;
    CHECK(pthread_setspecific(key, next) == 0);
}

/* The object to load: a constructor and a destructor that allocate, and thread-local storage so
 * large that the loader has to allocate it when a thread first touches it. */
static const char plugin_source[] =
    "#include <stdlib.h>\n"
    "#include <string.h>\n"
    "static char *text;\n"
    "int *unloaded;\n"
    "static _Thread_local char wide[100000];\n"
    "__attribute__((constructor)) static void load(void) { text = malloc(6); strcpy(text, \"hello\"); }\n"
    "__attribute__((destructor)) static void unload(void) { free(realloc(text, 70000)); ++*unloaded; }\n"
    "char *make(size_t n) {\n"
    "    char *p = calloc(1, n);\n"
    "    memset(wide, 1, sizeof wide);\n"
    "    if (p) strcpy(p, text);\n"
    "    return p;\n"
    "}\n";

static void build_plugin(const char *path) {
    char command[300];
    const char *cc = getenv("CC");
    int n = snprintf(command, sizeof command, "%s -shared -fPIC -O1 -x c -o %s -", cc ? cc : "cc", path);
    CHECK(n > 0 && (size_t)n < sizeof command);
    FILE *pipe = popen(command, "w");
    CHECK(pipe != NULL && fputs(plugin_source, pipe) >= 0 && pclose(pipe) == 0);
}

static pthread_barrier_t loaded, used;
static char *(*volatile make)(size_t);

/* Older than the object and younger: its thread-local storage comes and goes with it. */
static void *use_plugin(void *arg) {
    (void)arg;
    unsigned char *round = calloc(1, 1);
    CHECK(round != NULL && pthread_setspecific(key, round) == 0);
    for (int i = 0; i < ROUNDS; i++) {
        pthread_barrier_wait(&loaded);
        char *p = make(1000);
        CHECK(p != NULL && strcmp(p, "hello") == 0);
        free(p);
        pthread_barrier_wait(&used);
    }
    return NULL;
}

static void load_and_unload(const char *path) {
    int unloaded = 0;
    for (int i = 0; i < ROUNDS; i++) {
        void *object = dlopen(path, RTLD_NOW);
        CHECK(object != NULL);
        *(int **)dlsym(object, "unloaded") = &unloaded;
        void *symbol = dlsym(object, "make");
        memcpy((void *)&make, &symbol, sizeof symbol);
        allocate(PLUGIN);
        pthread_barrier_wait(&loaded);
        pthread_barrier_wait(&used);
        CHECK(dlclose(object) == 0);
        CHECK(unloaded == i + 1);
    }
}

static int live(const char *path) {
    pthread_t thread[THREADS];
    parent = getppid();
    alarm(60);
    CHECK(atexit(at_exit) == 0);
    allocate(MAIN);
    CHECK(pthread_key_create(&key, thread_exit) == 0);
    CHECK(pthread_barrier_init(&loaded, NULL, THREADS + 1) == 0);
    CHECK(pthread_barrier_init(&used, NULL, THREADS + 1) == 0);
    for (int i = 0; i < THREADS; i++) CHECK(pthread_create(&thread[i], NULL, use_plugin, NULL) == 0);
    load_and_unload(path);
    for (int i = 0; i < THREADS; i++) CHECK(pthread_join(thread[i], NULL) == 0);
    return 1; /* the last destructor has the last word */
}

int main(void) {
    char dir[] = "/tmp/qed-lifecycle-XXXXXX", path[sizeof dir + 20];
    CHECK(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/plugin.so", dir);
    build_plugin(path);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) return live(path);
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(unlink(path) == 0 && rmdir(dir) == 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == LIVED);
    return 0;
}

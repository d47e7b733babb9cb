#include "qed_heap.h"

#include "check.h"
#include "heap.h"
#include "watch.h"

/* What a struct qed_heap is. Programs only pass its address, and this file and the core only see this
 * type, so that the two types never meet. */
struct embedded {
    struct qed_heap_config config;
    unsigned char *data; /* of the lowest page; NULL before init */
    size_t live, peak;   /* see struct qed_heap_statistics */
    struct heap core;    /* last: it is cleared in whole words */
};

/* Contents are cleared and copied in words, of whatever type they are. */
struct __attribute__((may_alias)) word {
    size_t value;
};

_Static_assert(sizeof(struct embedded) <= sizeof(struct qed_heap), "the public size holds the metadata");
_Static_assert(sizeof(struct embedded) + 128 > sizeof(struct qed_heap), "and is honest");
_Static_assert(_Alignof(struct embedded) <= _Alignof(struct qed_heap), "so does its alignment");
_Static_assert(offsetof(struct embedded, core) % sizeof(struct word) == 0, "the core starts at a word");
_Static_assert(sizeof(struct qed_heap_config) % sizeof(struct word) == 0, "a configuration is whole words");
_Static_assert(sizeof(struct qed_heap_statistics) % sizeof(struct word) == 0, "and so are statistics");
_Static_assert(QUANTUM % sizeof(struct word) == 0, "blocks are whole words");
_Static_assert((int)QED_HEAP_CHUNK == (int)CHUNK && (int)QED_HEAP_ALIGN == (int)PAGE, "as announced");
_Static_assert((int)QED_HEAP_FOREIGN == (int)HEAP_FOREIGN && (int)QED_HEAP_UNALIGNED == (int)HEAP_UNALIGNED &&
                   (int)QED_HEAP_INTERIOR == (int)HEAP_INTERIOR &&
                   (int)QED_HEAP_DOUBLE_FREE == (int)HEAP_DOUBLE_FREE &&
                   (int)QED_HEAP_UNALLOCATED == (int)HEAP_UNALLOCATED,
               "the public verdicts are the core's");

/* Loops, where an assignment of a struct or an initializer might become a call of memcpy or memset, which
 * a program without libc lacks. Both work on whole words: a block has no less, unless somebody watches. */
static size_t words_of(size_t bytes) {
    return bytes / sizeof(struct word) + (bytes % sizeof(struct word) != 0);
}

static void clear(void *to, size_t bytes) {
    struct word *w = to;
    unsigned char *b = to;
    for (size_t i = 0; i < words_of(bytes) && !watched; i++) w[i].value = 0;
    for (size_t i = 0; i < bytes && watched; i++) b[i] = 0;
}

static void copy(void *to, const void *from, size_t bytes) {
    struct word *w = to;
    const struct word *v = from;
    unsigned char *b = to;
    const unsigned char *a = from;
    for (size_t i = 0; i < words_of(bytes) && !watched; i++) w[i].value = v[i].value;
    for (size_t i = 0; i < bytes && watched; i++) b[i] = a[i];
}

/* The address of offset 0. No object need be there, so it is a number. */
static uintptr_t base_of(const struct embedded *e) {
    return (uintptr_t)e->data - (uintptr_t)FIRST_PAGE * PAGE;
}

static size_t offset_of(const struct embedded *e, const void *pointer) {
    return (uintptr_t)pointer - base_of(e);
}

static void *block_at(const struct embedded *e, size_t off) {
    return off == 0 ? NULL : e->data + (off - (size_t)FIRST_PAGE * PAGE);
}

/* Takes the lock. NULL, and no lock is held, if the heap has no memory. */
static struct embedded *enter(const struct qed_heap *heap) {
    struct embedded *e = (struct embedded *)(uintptr_t)heap;
    if (e == NULL || e->data == NULL) return NULL;
    if (e->config.lock != NULL) e->config.lock(e->config.context);
    return e;
}

static void leave(const struct embedded *e) {
    if (e->config.unlock != NULL) e->config.unlock(e->config.context);
}

static enum qed_heap_verdict report(const struct embedded *e, enum verdict v, void *pointer) {
    enum qed_heap_verdict verdict = (enum qed_heap_verdict)v;
    if (v != HEAP_OK && e->config.misuse != NULL) e->config.misuse(e->config.context, verdict, pointer);
    return verdict;
}

/* A block that had `before` usable bytes has `after`. */
static void account(struct embedded *e, size_t before, size_t after) {
    e->live = e->live - before + after;
    if (e->live > e->peak) e->peak = e->live;
}

/* All `chunks` free, none ever used. */
static void restart(struct embedded *e, uint32_t chunks) {
    clear(&e->core, sizeof e->core);
    heap_init(&e->core, 1, (uint32_t)(base_of(e) / PAGE));
    heap_grow(&e->core, chunks);
    if (watched) tool_shut(e->data, (size_t)chunks * CHUNK);
    e->live = 0;
    e->peak = 0;
}

bool qed_heap_init_sized(struct qed_heap *heap, size_t size, void *memory, size_t bytes,
                         const struct qed_heap_config *config) {
    struct embedded *e = (struct embedded *)heap;
    size_t skip = -(uintptr_t)memory % PAGE;
    if (heap == NULL || size != sizeof *heap || memory == NULL) return false;
    if (bytes > UINTPTR_MAX - (uintptr_t)memory || bytes < skip + CHUNK) return false;
    size_t chunks = (bytes - skip) / CHUNK;
    if (chunks > QED_HEAP_CHUNKS) return false;
    if (config != NULL && (config->lock == NULL) != (config->unlock == NULL)) return false;
    clear(&e->config, sizeof e->config);
    if (config != NULL) copy(&e->config, config, sizeof e->config);
    e->data = (unsigned char *)memory + skip;
    watch_start();
    restart(e, (uint32_t)chunks);
    return true;
}

/* Frees what is live, as far as watchers know. */
static void bury(const struct embedded *e) {
    for (size_t off = (size_t)FIRST_PAGE * PAGE; off < (size_t)e->core.pages.end * PAGE; off += QUANTUM) {
        size_t usable = heap_usable(&e->core, off);
        if (usable > 0) watch_free(block_at(e, off), usable);
    }
}

void qed_heap_reset(struct qed_heap *heap) {
    struct embedded *e = enter(heap);
    if (e == NULL) return;
    if (watched) bury(e);
    restart(e, e->core.pages.end / CHUNK_PAGES - FIRST_CHUNK);
    leave(e);
}

void *qed_heap_aligned(struct qed_heap *heap, size_t align, size_t bytes) {
    if (align == 0 || (align & (align - 1)) != 0) return NULL;
    struct embedded *e = enter(heap);
    if (e == NULL) return NULL;
    size_t off = heap_alloc(&e->core, 0, watch_asks(bytes), align), usable = heap_usable(&e->core, off);
    account(e, 0, usable);
    if (watched && off != 0) watch_alloc(block_at(e, off), bytes, usable, false);
    leave(e);
    return block_at(e, off);
}

void *qed_heap_alloc(struct qed_heap *heap, size_t bytes) {
    return qed_heap_aligned(heap, 1, bytes);
}

void *qed_heap_calloc(struct qed_heap *heap, size_t count, size_t size) {
    if (size != 0 && count > SIZE_MAX / size) return NULL;
    void *block = qed_heap_alloc(heap, count * size);
    if (block != NULL) clear(block, count * size);
    return block;
}

/* What the program may use of the block at off; 0 if there is none. */
static size_t size_at(const struct embedded *e, size_t off) {
    size_t usable = heap_usable(&e->core, off);
    return watched && usable > 0 ? watch_size(block_at(e, off), usable) : usable;
}

/* Resizes in place; what the program could use until then in *before. */
static enum verdict resize(struct embedded *e, size_t off, size_t bytes, size_t *before) {
    size_t old = heap_usable(&e->core, off);
    *before = size_at(e, off);
    enum verdict v = heap_resize(&e->core, off, watch_asks(bytes));
    size_t usable = heap_usable(&e->core, off);
    if (v == HEAP_OK) account(e, old, usable);
    if (watched && v == HEAP_OK) watch_resize(block_at(e, off), *before, bytes, usable);
    return v;
}

void *qed_heap_realloc(struct qed_heap *heap, void *pointer, size_t bytes) {
    if (pointer == NULL) return qed_heap_alloc(heap, bytes);
    struct embedded *e = enter(heap);
    if (e == NULL) return NULL;
    size_t before;
    enum verdict v = resize(e, offset_of(e, pointer), bytes, &before);
    leave(e);
    if (v == HEAP_OK) return pointer;
    if (v != HEAP_NO_ROOM) return report(e, v, pointer), NULL;
    void *moved = qed_heap_alloc(heap, bytes);
    if (moved == NULL) return bytes <= before ? pointer : NULL;
    copy(moved, pointer, bytes < before ? bytes : before);
    qed_heap_free(heap, pointer);
    return moved;
}

enum qed_heap_verdict qed_heap_free(struct qed_heap *heap, void *pointer) {
    if (pointer == NULL) return QED_HEAP_OK;
    struct embedded *e = enter(heap);
    if (e == NULL) return QED_HEAP_FOREIGN;
    size_t off = offset_of(e, pointer);
    size_t before = heap_usable(&e->core, off);
    enum verdict v = heap_free(&e->core, off);
    if (v == HEAP_OK) account(e, before, 0);
    if (watched && v == HEAP_OK) watch_free(pointer, before);
    leave(e);
    return report(e, v, pointer);
}

size_t qed_heap_usable(const struct qed_heap *heap, const void *pointer) {
    struct embedded *e = enter(heap);
    if (e == NULL) return 0;
    size_t bytes = size_at(e, offset_of(e, pointer));
    leave(e);
    return bytes;
}

const char *qed_heap_verdict_name(enum qed_heap_verdict verdict) {
    return (unsigned)verdict < HEAP_VERDICTS ? verdict_name((enum verdict)verdict) : "unknown";
}

const char *qed_heap_check(const struct qed_heap *heap) {
    struct embedded *e = enter(heap);
    if (e == NULL) return "Initialized";
    const char *broken = heap_check(&e->core);
    leave(e);
    return broken;
}

/* Pages of the longest free run in pool k. */
static size_t longest(const struct tree *t, pageno k) {
    return t->longest[t->links.right[k]];
}

void qed_heap_stats(const struct qed_heap *heap, struct qed_heap_statistics *stats) {
    struct heap_stats s;
    clear(stats, sizeof *stats);
    struct embedded *e = enter(heap);
    if (e == NULL) return;
    heap_stats(&e->core, &s);
    size_t chunks = longest(&e->core.pages.tree, run_pool(0));
    size_t pages = longest(&e->core.pages.tree, run_pool(1));
    stats->heap = s.mapped;
    stats->live = e->live;
    stats->peak = e->peak;
    stats->active = s.active;
    stats->largest = (chunks > pages ? chunks : pages) * PAGE;
    leave(e);
}

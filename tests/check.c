/* check: each field of a busy heap's metadata is broken in turn; the finding must have the right name.
 *
 *   chunk  0               1      2  3  4  5  6  7  8      9            10             11
 *          BIN LARGE FREE  LARGE  HUGE  FREE  HUGE  LARGE  LARGE LARGE  last arena's   FREE
 *                                      dirty                            (if not one)   fresh
 */
#include "tests/metadata.h"
#include "check.h"

enum {
    P = FIRST_PAGE,
    C = CHUNK_PAGES,
    CLASS = 2, /* its runs have a rest behind the last region */
    RUNS = 7,  /* the lowest is full, the next is runcur, four are in the tree, the last is full */
    N = C / 8, /* pages of a large block in chunk 0 */
};

static const pageno stray = (pageno)-1;
static const pageno pool = TREE_ARENAS, bin = TREE_ARENAS + 1 + CLASS;

static struct heap *h, *good;
static struct pages *ps;
static struct tree *t;
static struct links *links;
static struct bin_runs *runs;

static pageno run(uint32_t i) {
    return (pageno)(P + i * class_pages(CLASS));
}

/* The i-th large block of chunk 0: 0, 2 and 4 are live, 1 and 3 are free; behind them is a run of the
 * largest class, and a free one. */
static pageno large(uint32_t i) {
    return (pageno)(run(RUNS) + 1 + i * N);
}

static pageno chunk(uint32_t i) {
    return (pageno)(P + i * C);
}

static uint8_t *tag(pageno page, size_t bytes) {
    return &h->regions.tags.tag[(size_t)(page - P) * PAGE_QUANTA + bytes / QUANTUM];
}

static void frees(pageno page, size_t bytes) {
    CHECK(heap_free(h, (size_t)page * PAGE + bytes) == HEAP_OK);
}

static void make_heap(uint32_t chunks) {
    h = zeroed(sizeof *h);
    ps = &h->pages;
    t = &ps->tree;
    links = &t->links;
    runs = &h->regions.runs;
    heap_init(h, ARENAS, 0);
    CHECK(heap_check(h) == NULL);
    heap_grow(h, chunks);
    CHECK(heap_check(h) == NULL);
}

/* Two bins of it, each with a run in its tree. */
static void use_last_arena(void) {
    const uint32_t class[] = {CLASS, BINS - 1};
    for (int i = 0; i < 2; i++) {
        size_t bytes = class_bytes(class[i]), first = heap_alloc(h, ARENAS - 1, bytes, 1);
        for (uint32_t j = 0; j < class_regions(class[i]); j++) heap_alloc(h, ARENAS - 1, bytes, 1);
        heap_free(h, first);
        CHECK(links->right[arena_bin(ARENAS, class[i])] != 0);
    }
}

static void make_busy_heap(void) {
    static const size_t more[] = {C, C + 1, C + 1, C + 1, C, C - 3 * N, 3 * N}; /* pages */
    make_heap(12);
    for (uint32_t i = 0; i < RUNS * class_regions(CLASS); i++) heap_alloc(h, 0, class_bytes(CLASS), 1);
    heap_alloc(h, 0, 1, 1);
    for (int i = 0; i < 5; i++) heap_alloc(h, 0, N * PAGE, 1);
    frees(large(2), 0);
    heap_alloc(h, 0, N * PAGE, 1); /* a live block on dirty pages */
    heap_alloc(h, 0, SMALL_MAX, 1);
    for (int i = 0; i < 7; i++) heap_alloc(h, 0, more[i] * PAGE, 1);
    if (ARENAS > 1) use_last_arena();
    for (uint32_t i = 1; i < RUNS - 1; i++) frees(run(i), (i + 1) * class_bytes(CLASS));
    frees(large(1), 0);
    frees(large(3), 0);
    frees(chunk(4), 0);
    CHECK(ps->kind[chunk(9) + C - 3 * N] == RUN_LARGE && ps->kind[large(5)] == RUN_BIN);
    CHECK(ps->state[large(2)] == PAGE_DIRTY && run_owner(ps, chunk(10)) == (ARENAS > 1 ? ARENAS : 0));
    CHECK(heap_check(h) == NULL);
    good = zeroed(sizeof *good);
    heap_copy(good, h);
}

/* The fields of struct heap but its arrays, and but the bias, which may be any. */
#define SINGLES(X)   X(arenas) X(sizes) X(bins) X(pages.end) X(pages.dirty)
#define BYTES(field) -sizeof((struct heap *)0)->field
_Static_assert(offsetof(struct heap, pages.tree) SINGLES(BYTES) BYTES(pages.bias) < 4, "all but padding");

#define NAME(field)                         #field,
#define ARRAY_NAME(array, per_chunk, first) NAME(array)
static const char *const field_name[] = {SINGLES(NAME) HEAP_ARRAYS(ARRAY_NAME)};
enum { FIELDS = sizeof field_name / sizeof field_name[0] };
static bool found_in[FIELDS];

/* The heap's finding; if it differs from the good one in one field only, it was found in that. */
static const char *find(void) {
    size_t end = copy_end(good), i = 0, last = 0, changed = 0;
#define NOTE(field, bytes)                                                \
    if (memcmp(&h->field, &good->field, bytes) != 0) last = i, changed++; \
    i++;
#define NOTE_SINGLE(field)                  NOTE(field, sizeof h->field)
#define NOTE_ARRAY(array, per_chunk, first) NOTE(array, index_of(end, per_chunk, first) * sizeof h->array[0])
    SINGLES(NOTE_SINGLE)
    HEAP_ARRAYS(NOTE_ARRAY)
    const char *broken = heap_check(h);
    if (broken && changed == 1) found_in[last] = true;
    return broken ? broken : "nothing";
}

/* Checks that the heap has this finding after the statement, which is undone. */
#define BREAKS(name, statement)                                                        \
    do {                                                                               \
        statement;                                                                     \
        const char *found = find();                                                    \
        if (strcmp(found, #name) != 0) fprintf(stderr, "%s: %s\n", #statement, found); \
        CHECK(strcmp(found, #name) == 0);                                              \
        heap_copy(h, good);                                                            \
    } while (0)

/* Nothing is wrong with full runs of all classes, one behind the other. */
static void test_full(void) {
    make_heap(1);
    for (uint32_t c = 0; c < BINS; c++) {
        for (uint32_t i = 0; i < class_regions(c); i++) heap_alloc(h, 0, class_bytes(c), 1);
    }
    CHECK(heap_check(h) == NULL && h->pages.end == chunk(1));
}

/* Nothing is wrong with heaps at the edge of what there is. */
static void test_sound(void) {
    make_heap(0);
    make_heap(SLOTS < 100000 ? HEAP_CHUNKS - FIRST_CHUNK : 1);
    size_t off = heap_alloc(h, 0, 1, 1);
    CHECK(off == (size_t)P * PAGE && heap_check(h) == NULL);
    links->left[TREES + 1] = 1; /* a slot between the headers and the pages */
    h->sizes.class_of[0] = 1;   /* of no request */
    CHECK(heap_check(h) == NULL);
}

static void test_heap(void) {
    BREAKS(HeapArenas, h->arenas = 0);
    BREAKS(HeapArenas, h->arenas = ARENAS + 1);
    BREAKS(HeapEnd, ps->end = stray);
    BREAKS(HeapEnd, ps->end = 0);
    BREAKS(HeapEnd, ps->end = SLOTS + C);
    BREAKS(HeapEnd, ps->end++);
    BREAKS(TreeRange, ps->end = chunk(10));
    BREAKS(RunKind, ps->end = chunk(13));
    BREAKS(RunDirty, ps->dirty++);
    BREAKS(ClassFits, h->sizes.class_of[SMALL_QUANTA] = 0);
    BREAKS(ClassFits, h->sizes.class_of[1] = BINS);
    BREAKS(ClassLeast, h->sizes.class_of[1] = 1);
}

/* Tree k becomes one path of n slots inside a huge block, each the right child of the one before, or each
 * the left one. */
static void path(pageno k, pageno n, bool right) {
    pageno p = k, x = (pageno)(right ? chunk(2) + 1 : chunk(2) + n);
    links->right[k] = x;
    for (pageno i = 0; i < n; i++) {
        links->parent[x] = p;
        p = x;
        x = (pageno)(right ? x + 1 : x - 1);
        if (i + 1 < n) *(right ? &links->right[p] : &links->left[p]) = x;
    }
}

/* The highest node of the bin's tree gets a red left child, and is red itself. */
static void redden_left(void) {
    tree_remove(t, run(4));
    tree_insert(t, bin, run(4));
    CHECK(links->left[run(5)] == run(4) && links->right[run(5)] == 0);
    t->red[run(5)] = 1;
}

static void test_links(void) {
    pageno fresh = chunk(10);
    CHECK(links->right[bin] == run(3) && links->right[run(3)] == run(4) && links->right[run(4)] == run(5));
    CHECK(links->right[pool] == large(3) && links->left[large(3)] == large(1));
    BREAKS(TreeHeader, links->left[0] = fresh);
    BREAKS(TreeHeader, links->right[0] = fresh);
    BREAKS(NilZero, links->parent[0] = fresh);
    BREAKS(TreeHeader, links->left[bin] = run(2));
    BREAKS(TreeRange, links->right[bin] = stray);
    BREAKS(TreeRange, links->right[bin] = ps->end);
    BREAKS(TreeRange, links->right[pool] = TREES);
    BREAKS(TreeRange, links->left[large(3)] = large(5));
    BREAKS(TreeRange, links->left[run(3)] = stray);
    BREAKS(TreeRange, links->right[run(5)] = run(4));
    BREAKS(TreeRange, links->right[run(5)] = run(5));
    BREAKS(TreeRange, links->left[run(2)] = run(2));
    BREAKS(TreeRange, links->right[bin + 1] = P - 1);
    BREAKS(TreeWeight, path((pageno)(bin + 1), 65, true)); /* deeper than any tree of 2^32 keys */
    BREAKS(TreeWeight, path((pageno)(bin + 1), 65, false));
    BREAKS(BinTrees, path((pageno)(bin + 1), 64, true));
    BREAKS(BinTrees, path((pageno)(bin + 1), 64, false));
    BREAKS(TreeParent, links->parent[large(1)] = large(5));
    BREAKS(TreeParent, links->parent[large(3)] = 0);
    BREAKS(TreeParent, links->right[bin + 1] = run(3));
    BREAKS(RunPool, links->left[large(3)] = 0);
    BREAKS(RunPool, links->right[pool] = 0);
    BREAKS(HugeTrees, links->right[TREE_CHUNKS] = 0);
    BREAKS(HugeTrees, links->right[TREE_HUGE] = 0);
    BREAKS(BinMembers, links->right[bin] = 0);
    BREAKS(TreeWeight, links->left[run(3)] = 0);
}

static void test_nodes(void) {
    BREAKS(TreeNil, t->red[0] = 1);
    BREAKS(TreeLongest, t->longest[0] = 1);
    BREAKS(NilZero, t->length[0] = 1);
    BREAKS(TreeNil, t->red[bin] = 1);
    BREAKS(TreeRed, t->red[large(3)] = 1);
    BREAKS(TreeRed, t->red[run(4)] = 1);
    BREAKS(TreeRed, t->red[run(3)] = 1); /* a root */
    BREAKS(TreeRed, redden_left());
    BREAKS(TreeWeight, t->red[large(1)] = 0);
    BREAKS(TreeLongest, t->longest[large(1)]++);
    BREAKS(TreeLongest, t->longest[large(3)]--);
    BREAKS(TreeLongest, t->length[large(1)]++);
    BREAKS(BinTrees, (links->right[bin - 1] = run(3), links->parent[run(3)] = (pageno)(bin - 1)));
    BREAKS(RunPool, tree_remove(t, large(1)));
    BREAKS(HugeTrees, tree_remove(t, chunk(2)));
    BREAKS(HugeTrees, tree_remove(t, chunk(4)));
    BREAKS(BinMembers, tree_remove(t, run(3)));
    BREAKS(BinMembers, tree_insert(t, bin, run(6)));
    BREAKS(BinOk, tree_insert(t, bin, run(0)));
    if (ARENAS > 1) BREAKS(BinTrees, tree_insert(t, arena_bin(ARENAS, CLASS), run(6)));
    BREAKS(OwnedPools, tree_insert(t, pool, chunk(1)));
    BREAKS(HugeTrees, tree_insert(t, TREE_CHUNKS, chunk(2)));
    BREAKS(HugeTrees, tree_insert(t, TREE_HUGE, chunk(1)));
}

/* Free run or huge block r becomes two. */
static void tear(pageno r, uint32_t n) {
    pageno k = ps->kind[r] == RUN_HUGE ? TREE_HUGE : run_pool(run_owner(ps, r));
    tree_remove(t, r);
    tree_insert(t, k, run_split(ps, r, n));
    tree_insert(t, k, r);
}

/* Two large blocks that meet at a chunk border become one. */
static void span(pageno r, pageno q) {
    run_join(ps, r, q);
    run_own(ps, r);
}

static void test_runs(void) {
    pageno whole = chunk(1), huge = chunk(2);
    BREAKS(RunSpan, t->length[whole] = 0);
    BREAKS(RunSpan, t->length[whole] = stray);
    BREAKS(RunSpan, t->length[large(1)] = t->longest[large(1)] = 0);
    BREAKS(RunSpan, t->length[chunk(9)] = (pageno)(ps->end - chunk(9) + 1));
    BREAKS(RunTail, t->length[large(0)]++);
    BREAKS(RunKind, t->length[large(0)]--);
    BREAKS(OwnedHeads, ps->head[large(0)] = 0);
    BREAKS(OwnedHeads, ps->head[large(0) + 3] = large(2));
    BREAKS(RunTail, ps->head[run(2) + class_pages(CLASS) - 1]++);
    BREAKS(OwnedHeads, ps->head[large(5) + 1] = 0);
    BREAKS(RunTail, ps->head[large(2) - 1] = large(2));
    BREAKS(RunTail, ps->head[chunk(4) - 1] = 0);
    BREAKS(RunTail, ps->head[ps->end - 1] = 0);
    BREAKS(RunKind, ps->kind[large(0)] = RUN_INSIDE);
    BREAKS(RunKind, ps->kind[large(0)] = RUN_HUGE + 1);
    BREAKS(HugeRuns, ps->kind[large(0)] = RUN_HUGE);
    BREAKS(RunKind, ps->kind[large(0) + 1] = RUN_LARGE);
    BREAKS(RunKind, ps->kind[huge + C] = RUN_HUGE);
    BREAKS(RunKind, ps->kind[large(5) + 1] = RUN_FREE);
    BREAKS(RunCoalesced, ps->kind[large(0)] = RUN_FREE);
    BREAKS(RunPool, ps->kind[whole] = RUN_FREE);
    BREAKS(RegionsPlace, ps->kind[whole] = RUN_BIN);
    BREAKS(HugeTrees, ps->kind[huge] = RUN_LARGE);
    BREAKS(OwnedPools, ps->kind[large(1)] = RUN_LARGE);
    BREAKS(RunCoalesced, tear(large(1), 1));
    BREAKS(RunCoalesced, tear(chunk(4), C));
    BREAKS(HugeRuns, tear(chunk(2), C + 1));
    BREAKS(RunOwner, span(chunk(8), chunk(9)));
    BREAKS(ChunkUsed, chunk_take(ps, 1));
    BREAKS(PageState, ps->state[large(0) + 1] = PAGE_PURGED + 1);
    BREAKS(PageState, ps->state[ps->end - 1] = PAGE_PURGED + 1);
    BREAKS(RunDirty, ps->state[large(1)] = PAGE_PURGED);
    BREAKS(RunDirty, ps->state[ps->end - 1] = PAGE_DIRTY);
}

/* Free pages of an arena's chunk are nobody's. */
static void disown_part(void) {
    frees(chunk(9), 0);
    tree_remove(t, chunk(9));
    ps->owner[chunk(9) / C] = 0;
    tree_insert(t, TREE_CHUNKS, chunk(9));
}

static void test_owners(void) {
    BREAKS(FreeWhole, disown_part());
    BREAKS(RunOwner, ps->owner[chunk(1) / C] = ARENAS + 1);
    BREAKS(OwnedPools, ps->owner[chunk(0) / C] = 0);
    BREAKS(HugeTrees, ps->owner[chunk(4) / C] = 1);
    BREAKS(HugeRuns, ps->owner[chunk(1) / C] = 0);
    BREAKS(HugeRuns, ps->owner[chunk(9) / C] = 0);
    BREAKS(RunOwner, ps->owner[chunk(3) / C] = 1);
    BREAKS(RunOwner, ps->owner[chunk(5) / C] = 1);
    BREAKS(HugeRuns, ps->owner[chunk(2) / C] = 1);
}

/* The only block of its run is gone, and the run is still there. */
static void empty_run(pageno r) {
    *tag(r, 0) = 0;
    runs->low[r] = 0;
    runs->nfree[r]++;
}

static void test_bins(void) {
    pageno *runcur = &h->bins.runcur[arena_bin(1, CLASS)], *others = &h->bins.runcur[arena_bin(1, 0)];
    const size_t size = class_bytes(CLASS);
    CHECK(*runcur == run(1) && runs->nfree[run(1)] == 1);
    BREAKS(BinOk, *runcur = 0);
    BREAKS(BinOk, *runcur = run(2));
    BREAKS(BinMembers, *runcur = run(0));
    BREAKS(BinMembers, others[0] = 0);
    BREAKS(BinTrees, others[1] = run(1));
    BREAKS(BinOk, others[1] = stray);
    BREAKS(BinOk, others[1] = P - 1);
    BREAKS(BinOk, others[1] = ps->end);
    BREAKS(BinOk, others[BINS - 1] = stray);
    BREAKS(BinTrees, others[0] = chunk(1));
    if (ARENAS > 1)
        BREAKS(BinTrees, h->bins.runcur[arena_bin(ARENAS / 2 + 1, CLASS)] = run(1)); /* another arena's */
    BREAKS(RegionsPlace, runs->class[run(0)] = BINS);
    BREAKS(RegionsPlace, runs->class[run(0)] = BINS - 1);
    BREAKS(BinTrees, runs->class[run(3)]++);
    BREAKS(BinTrees, runs->class[run(1)]--);
    BREAKS(RegionsCount, runs->nfree[run(0)]++);
    BREAKS(RegionsCount, runs->nfree[run(3)]++);
    BREAKS(BinMembers, runs->nfree[run(1)] = 0);
    BREAKS(BinRuns, empty_run(run(RUNS)));
    BREAKS(RegionsLow, runs->low[run(3)] = (uint16_t)(5 * class_quanta(CLASS)));
    BREAKS(RegionsLow, runs->low[run(3)] = 1);
    BREAKS(RegionsLow, runs->low[run(0)] = (uint16_t)((class_regions(CLASS) + 1) * class_quanta(CLASS)));
    BREAKS(RegionsTags, *tag(run(0), 0) = CLASS + 2);
    BREAKS(RegionsLow, *tag(run(0), 0) = 0);
    BREAKS(RegionsCount, *tag(run(3), 4 * size) = CLASS + 1);
    BREAKS(RegionsTags, *tag(run(0), QUANTUM) = CLASS + 1);
    BREAKS(RegionsTags, *tag(run(0), size - QUANTUM) = CLASS + 1);
    BREAKS(RegionsTags, *tag(run(0), class_regions(CLASS) * size) = CLASS + 1);
    BREAKS(RegionsTags, *tag((pageno)(run(1) - 1), PAGE - QUANTUM) = CLASS + 1);
    BREAKS(BinTags, *tag(large(0), 0) = 1);
    BREAKS(BinTags, *tag((pageno)(large(1) - 1), PAGE - QUANTUM) = 1);
    BREAKS(BinTags, *tag(large(1), PAGE) = 1);
    BREAKS(BinTags, *tag(chunk(2), CHUNK) = 1);
    BREAKS(BinTags, *tag((pageno)(ps->end - 1), PAGE - QUANTUM) = 1);
}

int main(void) {
    test_full();
    test_sound();
    make_busy_heap();
    test_heap();
    test_links();
    test_nodes();
    test_runs();
    test_owners();
    test_bins();
    CHECK(heap_check(h) == NULL);
    for (size_t i = 0; i < FIELDS; i++) {
        if (!found_in[i]) fprintf(stderr, "%s: no test breaks this field alone\n", field_name[i]);
        CHECK(found_in[i]);
    }
}

/* Runs and chunks (src/run.h, src/run_dirty.c, src/huge.h) under libFuzzer, without the heap on top of them:
 * any free run may be taken from, at any alignment. Against an array of pages that say what they are part of.
 * A line is 8 bytes; the header is that of fuzz/ops.h.
 *
 *   t104250\n
 *   ||||||+- owner, one less   t take n pages for the owner, of its first free run from page x on that has room
 *   |||||+-- lg of alignment   g give the run in use there or behind   s split it at n   e extend it by n pages
 *   |||++--- n: and it plus    c take a chunk for the owner            b give the chunk of x back
 *   |||      16 times          h a huge block of n quarter chunks      f free the huge block there or behind
 *   |++----- page x, as n      r resize it to n quarter chunks         a add n chunks
 *   +------- operation         p purge the free run there or behind
 *
 * After each line every page is looked at. */
#include "fuzz/judge.h"
#include "huge.h"

static struct pages pages;

/* What a page is part of: `kind` and `start` of its run, but of free pages RUN_FREE and nothing. */
static struct {
    uint8_t kind, state;
    pageno start;
} model[SLOTS];
static uint8_t owner[HEAP_CHUNKS];
static pageno end;
static uint32_t bias;

static struct step {
    char what;
    uint32_t x, n, align, owner;
} step;

/* The page behind the run that starts at p. */
static pageno run_end(pageno p) {
    uint32_t q = p + 1u;
    bool free = model[p].kind == RUN_FREE;
    while (q < end && model[q].kind == model[p].kind && owner[q / CHUNK_PAGES] == owner[p / CHUNK_PAGES] &&
           (free ? owner[p / CHUNK_PAGES] == 0 || q % CHUNK_PAGES != 0 : model[q].start == p)) {
        q++;
    }
    return (pageno)q;
}

/* The first run from page x on that is of a kind, of at least n pages and of the owner; 0 if none is. */
static pageno first_run(uint32_t x, unsigned kinds, uint32_t n, uint32_t of) {
    for (pageno p = FIRST_PAGE, q; p < end; p = q) {
        q = run_end(p);
        if (q > x && kinds >> model[p].kind & 1 && q - p >= (int64_t)n && owner[p / CHUNK_PAGES] == of)
            return p;
    }
    return 0;
}

static pageno first_of(uint32_t x, unsigned kinds) {
    for (uint32_t of = 0; of <= ARENAS; of++) {
        pageno p = first_run(x, kinds, 1, of);
        if (p != 0) return p;
    }
    return 0;
}

static pageno aligned(pageno p, uint32_t align) {
    while ((uint32_t)(p + bias) % align != 0) p++;
    return p;
}

static void mark(pageno p, uint32_t q, uint8_t kind) {
    for (pageno i = p; i < q; i++) {
        model[i].kind = kind;
        model[i].start = p;
        if (kind == RUN_FREE) model[i].state = PAGE_DIRTY;
    }
}

static const char *check_head(pageno p, pageno q, bool in_use) {
    uint32_t of = owner[p / CHUNK_PAGES];
    for (pageno i = p; i < q; i++) {
        HOLDS(Kind, pages.kind[i] == (i == p ? model[p].kind : RUN_INSIDE));
        HOLDS(Head, (i > p && i < q - 1 && (of == 0 || !in_use)) || pages.head[i] == p);
        HOLDS(State, pages.state[i] == model[i].state);
        HOLDS(Holds, run_holds(&pages, p, i));
        HOLDS(Owner, run_owner(&pages, i) == of);
        HOLDS(Find, huge_find(&pages, i) == (model[p].kind == RUN_HUGE ? p : 0));
    }
    HOLDS(Holds, !run_holds(&pages, p, (pageno)(p - 1)) && !run_holds(&pages, p, q));
    return NULL;
}

static const char *check_run(pageno p, pageno q) {
    uint32_t of = owner[p / CHUNK_PAGES], dirty = 0;
    bool free = model[p].kind == RUN_FREE;
    HOLDS(Length, pages.tree.length[p] == q - p && run_next(&pages, p) == q);
    HOLDS(Pool, tree_contains(&pages.tree, run_pool(of), p) == free);
    HOLDS(Huge, tree_contains(&pages.tree, TREE_HUGE, p) == (model[p].kind == RUN_HUGE));
    for (pageno i = p; i < q; i++) dirty += model[i].state == PAGE_DIRTY;
    HOLDS(Dirty, run_dirty(&pages, p) == dirty);
    return check_head(p, q, !free);
}

static const char *check_pages(void) {
    uint32_t dirty = 0, nodes = 0, found = 0;
    HOLDS(End, pages.end == end);
    for (pageno p = FIRST_PAGE, q; p < end; p = q) {
        q = run_end(p);
        FIRST(check_run(p, q));
        nodes += model[p].kind == RUN_FREE || model[p].kind == RUN_HUGE;
        for (pageno i = p; i < q; i++) dirty += model[i].kind == RUN_FREE && model[i].state == PAGE_DIRTY;
    }
    for (pageno k = 1; k <= TREES; k++) {
        for (pageno p = tree_first(&pages.tree, k); p != 0; p = tree_next(&pages.tree, p)) found++;
    }
    HOLDS(Nodes, nodes == found);
    HOLDS(Dirty, pages.dirty == dirty);
    return NULL;
}

static const char *take(void) {
    pageno r = first_run(step.x, 1 << RUN_FREE, step.n + step.align - 1, step.owner), p;
    if (r == 0) return NULL;
    enum kind kind = step.x % 2 ? RUN_BIN : RUN_LARGE;
    p = run_take(&pages, r, step.n, step.align, kind);
    HOLDS(Take, p == aligned(r, step.align));
    run_use(&pages, p);
    run_own(&pages, p);
    mark(p, p + step.n, (uint8_t)kind);
    return NULL;
}

static const char *give(pageno r) {
    mark(r, run_end(r), RUN_FREE);
    run_soil(&pages, r);
    pageno p = run_give(&pages, r);
    HOLDS(Give, p <= r && model[p].kind == RUN_FREE && run_end(p) >= run_end(r));
    return NULL;
}

static const char *split(pageno r) {
    pageno q = run_end(r), p;
    if (q - r <= (int64_t)step.n) return NULL;
    p = run_split(&pages, r, step.n);
    HOLDS(Split, p == r + step.n);
    run_own(&pages, p);
    mark(p, q, model[r].kind);
    return NULL;
}

static const char *extend(pageno r) {
    pageno q = run_end(r);
    bool may = q < end && q % CHUNK_PAGES != 0 && model[q].kind == RUN_FREE;
    HOLDS(MayJoin, run_may_join(&pages, q) == may);
    if (!may || run_end(q) - q < (int64_t)step.n) return NULL;
    run_cut(&pages, q, step.n);
    run_use(&pages, q);
    run_join(&pages, r, q);
    run_own(&pages, r);
    mark(r, q + step.n, model[r].kind);
    return NULL;
}

static const char *take_chunk(void) {
    pageno p = first_run(0, 1 << RUN_FREE, CHUNK_PAGES, 0);
    HOLDS(ChunkTake, chunk_take(&pages, step.owner) == p);
    if (p != 0) owner[p / CHUNK_PAGES] = (uint8_t)step.owner;
    return NULL;
}

static void give_chunk(void) {
    pageno p = (pageno)(step.x - step.x % CHUNK_PAGES);
    if (p >= end || owner[p / CHUNK_PAGES] == 0 || model[p].kind != RUN_FREE || run_end(p) - p != CHUNK_PAGES)
        return;
    chunk_give(&pages, p);
    owner[p / CHUNK_PAGES] = 0;
}

/* The pages of a huge block. */
static uint32_t huge_pages(void) {
    return step.n * (CHUNK_PAGES / 4) < SLOTS ? step.n * (CHUNK_PAGES / 4) : SLOTS;
}

static const char *take_huge(void) {
    uint32_t n = huge_pages(), unit = step.align < CHUNK_PAGES ? step.align : CHUNK_PAGES;
    uint32_t whole = (n + (CHUNK_PAGES - 1)) / CHUNK_PAGES * CHUNK_PAGES;
    pageno r = bias % unit != 0 ? 0 : first_run(0, 1 << RUN_FREE, whole + step.align - unit, 0);
    pageno p = r == 0 ? 0 : aligned(r, step.align);
    HOLDS(HugeAlloc, huge_alloc(&pages, n, step.align) == p);
    if (p != 0) mark(p, p + whole, RUN_HUGE);
    return NULL;
}

static const char *resize_huge(pageno p) {
    uint32_t whole = (huge_pages() + (CHUNK_PAGES - 1)) / CHUNK_PAGES * CHUNK_PAGES;
    pageno q = run_end(p), r = q;
    if (q < end && owner[q / CHUNK_PAGES] == 0 && model[q].kind == RUN_FREE) r = run_end(q);
    HOLDS(HugeResize, huge_resize(&pages, p, huge_pages()) == (p + whole <= r));
    if (p + whole > r) return NULL;
    if (p + whole < q) mark((pageno)(p + whole), q, RUN_FREE);
    mark(p, p + whole, RUN_HUGE);
    return NULL;
}

static void free_huge(pageno p) {
    mark(p, run_end(p), RUN_FREE);
    huge_free(&pages, p);
}

static void add_chunks(void) {
    uint32_t chunks = step.n % 4;
    if (chunks == 0 || chunks * CHUNK_PAGES > (uint32_t)SLOTS - end) return;
    chunks_add(&pages, chunks * CHUNK_PAGES);
    end = (pageno)(end + chunks * CHUNK_PAGES);
}

static void purge(pageno p) {
    run_purge(&pages, p, (uint32_t)(run_end(p) - p));
    for (pageno i = p; i < run_end(p); i++) {
        if (model[i].state == PAGE_DIRTY) model[i].state = PAGE_PURGED;
    }
}

static const char *operate(void) {
    pageno used = first_of(step.x, 1 << RUN_BIN | 1 << RUN_LARGE), huge = first_of(step.x, 1 << RUN_HUGE);
    pageno free = first_of(step.x, 1 << RUN_FREE);
    switch (step.what) {
        case 't':
            return take();
        case 'g':
            return used == 0 ? NULL : give(used);
        case 's':
            return used == 0 ? NULL : split(used);
        case 'e':
            return used == 0 ? NULL : extend(used);
        case 'c':
            return take_chunk();
        case 'b':
            return give_chunk(), NULL;
        case 'h':
            return take_huge();
        case 'f':
            return huge == 0 ? NULL : (free_huge(huge), NULL);
        case 'r':
            return huge == 0 ? NULL : resize_huge(huge);
        case 'a':
            return add_chunks(), NULL;
        default:
            return free == 0 ? NULL : (purge(free), NULL);
    }
}

static const char *live(const uint8_t *line) {
    if (line == NULL) return check_pages();
    step.what = letter("tgsecbhfrap", line[0]);
    step.x = FIRST_PAGE + (number(line[1]) * 16 + number(line[2])) % (SLOTS - FIRST_PAGE);
    step.n = 1 + (number(line[3]) * 16 + number(line[4])) % SLOTS;
    step.align = 1u << number(line[5]) % 11;
    step.owner = 1 + number(line[6]) % ARENAS;
    FIRST(operate());
    return check_pages();
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
    if (size < OP) return LLVMFuzzerTestOneInput(ops_none, OP);
    memset(&pages, 0, sizeof pages);
    memset(model, 0, sizeof model);
    memset(owner, 0, sizeof owner);
    pages.end = end = FIRST_PAGE;
    pages.bias = bias = start_parse(input).bias;
    for (pageno p = 0; p < SLOTS; p++) model[p].kind = RUN_FREE;
    judge_lines(live, input, size, 1);
    return 0;
}

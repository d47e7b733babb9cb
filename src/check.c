#include "check.h"

/* Ends the function with the name of a conjunct that does not hold. */
#define HOLDS(name, condition)          \
    do {                                \
        if (!(condition)) return #name; \
    } while (0)

enum { DEPTH_MAX = 2 * 32 }; /* of a red-black tree whose keys have 32 bits */

/* Run x may be in the tree of its arena's bin i. */
static const char *check_bin_member(const struct heap *h, uint32_t a, uint32_t i, pageno x) {
    pageno runcur = h->bins.runcur[arena_bin(a + 1, i)];
    HOLDS(BinTrees, run_owner(&h->pages, x) == a + 1 && h->regions.runs.class[x] == i);
    HOLDS(BinOk, runcur != 0 && runcur < x);
    return NULL;
}

/* Tree k may have x as a node: a run start of the right kind. */
static const char *check_member(const struct heap *h, pageno k, pageno x) {
    uint8_t kind = h->pages.kind[x];
    uint32_t owner = run_owner(&h->pages, x);
    uint32_t a = (k - TREE_ARENAS) / (1u + BINS), i = (k - TREE_ARENAS) % (1u + BINS);
    if (k == TREE_CHUNKS) {
        HOLDS(HugeTrees, kind == RUN_FREE && owner == 0);
    } else if (k == TREE_HUGE) {
        HOLDS(HugeTrees, kind == RUN_HUGE);
    } else if (i == 0) {
        HOLDS(OwnedPools, kind == RUN_FREE && owner == a + 1);
    } else {
        HOLDS(BinTrees, kind == RUN_BIN);
        return check_bin_member(h, a, i - 1, x);
    }
    return NULL;
}

/* What a walk of a subtree finds. */
struct subtree {
    const char *broken; /* the conjunct, or NULL */
    uint32_t black;     /* black nodes on every way down */
    pageno longest;
};

static const char *check_node(const struct heap *h, pageno k, pageno x, struct subtree l, struct subtree r) {
    const struct tree *t = &h->pages.tree;
    pageno longest = t->length[x];
    if (longest < l.longest) longest = l.longest;
    if (longest < r.longest) longest = r.longest;
    const char *broken = check_member(h, k, x);
    if (broken) return broken;
    HOLDS(TreeRed, !t->red[x] || (!t->red[t->links.left[x]] && !t->red[t->links.right[x]]));
    HOLDS(TreeWeight, l.black == r.black);
    HOLDS(TreeLongest, t->longest[x] == longest);
    return NULL;
}

/* The subtree at x, child of p, in tree k; its keys must lie above lo and below hi. */
static struct subtree check_subtree(const struct heap *h, pageno k, pageno p, pageno x, pageno lo, pageno hi,
                                    uint32_t depth) {
    const struct tree *t = &h->pages.tree;
    struct subtree s = {NULL, 0, 0};
    if (x == 0) return s;
    if (x <= lo || x >= hi) {
        s.broken = "TreeRange";
    } else if (t->links.parent[x] != p) {
        s.broken = "TreeParent";
    } else if (depth == 0) {
        s.broken = "TreeWeight";
    } else {
        struct subtree l = check_subtree(h, k, x, t->links.left[x], lo, x, depth - 1);
        struct subtree r = check_subtree(h, k, x, t->links.right[x], x, hi, depth - 1);
        s.broken = l.broken ? l.broken : r.broken ? r.broken : check_node(h, k, x, l, r);
        s.black = l.black + !t->red[x];
        s.longest = t->longest[x];
    }
    return s;
}

static const char *check_tree(const struct heap *h, pageno k) {
    const struct tree *t = &h->pages.tree;
    HOLDS(TreeHeader, t->links.left[k] == 0);
    HOLDS(TreeNil, t->red[k] == 0);
    const char *broken =
        check_subtree(h, k, k, t->links.right[k], FIRST_PAGE - 1, h->pages.end, DEPTH_MAX).broken;
    if (broken) return broken;
    HOLDS(TreeRed, !t->red[t->links.right[k]]);
    return NULL;
}

/* NIL's fields one by one: gcc 12 drops the second of two comparisons joined by && if both are of members
 * at constant offsets that differ by a multiple of 2^29 bytes. */
static const char *check_trees(const struct heap *h) {
    const struct tree *t = &h->pages.tree;
    HOLDS(TreeHeader, t->links.left[0] == 0);
    HOLDS(TreeHeader, t->links.right[0] == 0);
    HOLDS(TreeNil, t->red[0] == 0);
    HOLDS(TreeLongest, t->longest[0] == 0);
    HOLDS(NilZero, t->links.parent[0] == 0);
    HOLDS(NilZero, t->length[0] == 0);
    for (pageno k = 1; k < run_pool(h->arenas + 1); k++) {
        const char *broken = check_tree(h, k);
        if (broken) return broken;
    }
    return NULL;
}

static const char *check_sizes(const struct heap *h) {
    for (uint32_t q = 1; q <= SMALL_QUANTA; q++) {
        uint32_t c = h->sizes.class_of[q];
        HOLDS(ClassFits, c < BINS && class_quanta(c) >= q);
        HOLDS(ClassLeast, c == 0 || class_quanta(c - 1) < q);
    }
    return NULL;
}

/* No small block starts at the n quanta from off on. Without a branch, so that many are read at once: this
 * is what takes the time. */
static bool no_tags(const struct heap *h, size_t off, size_t n) {
    const uint8_t *tag = h->regions.tags.tag + (off / QUANTUM - (size_t)FIRST_PAGE * PAGE_QUANTA);
    bool none = true;
    for (size_t i = 0; i < n; i++) none &= tag[i] == 0;
    return none;
}

/* The tags of bin run r agree with its counts. */
static const char *check_tags(const struct heap *h, pageno r) {
    uint32_t c = h->regions.runs.class[r], low = h->regions.runs.low[r], nfree = 0, i = 0;
    size_t off = (size_t)r * PAGE, size = class_bytes(c), end = off + (size_t)class_pages(c) * PAGE;
    HOLDS(RegionsLow, low % class_quanta(c) == 0 && low <= class_regions(c) * class_quanta(c));
    for (; i < class_regions(c); i++, off += size) {
        uint32_t tag = region_tag(&h->regions, off);
        HOLDS(RegionsTags, tag == 0 || tag == c + 1 || tag == c + 1 + TAG_CACHED);
        HOLDS(RegionsLow, tag != 0 || i * class_quanta(c) >= low);
        HOLDS(RegionsTags, no_tags(h, off + QUANTUM, class_quanta(c) - 1));
        nfree += tag == 0;
    }
    HOLDS(RegionsTags, no_tags(h, off, (end - off) / QUANTUM));
    HOLDS(RegionsCount, h->regions.runs.nfree[r] == nfree);
    return NULL;
}

static const char *check_bin_run(const struct heap *h, pageno r) {
    uint32_t owner = run_owner(&h->pages, r), c = h->regions.runs.class[r];
    HOLDS(RegionsPlace, c < BINS && h->pages.tree.length[r] == class_pages(c));
    const char *broken = check_tags(h, r);
    if (broken) return broken;
    uint32_t nfree = h->regions.runs.nfree[r];
    pageno k = arena_bin(owner, c);
    bool known = h->bins.runcur[k] == r || tree_contains(&h->pages.tree, k, r);
    HOLDS(BinRuns, nfree < class_regions(c));
    HOLDS(BinMembers, known == (nfree > 0));
    return NULL;
}

/* Free or huge run r, in chunks that nobody owns. */
static const char *check_chunks(const struct heap *h, pageno r) {
    const struct pages *ps = &h->pages;
    uint32_t n = ps->tree.length[r];
    bool free = ps->kind[r] == RUN_FREE, whole = r % CHUNK_PAGES == 0 && n % CHUNK_PAGES == 0;
    HOLDS(HugeRuns, free || (ps->kind[r] == RUN_HUGE && whole));
    HOLDS(FreeWhole, whole);
    HOLDS(HugeTrees, tree_contains(&ps->tree, free ? TREE_CHUNKS : TREE_HUGE, r));
    for (uint32_t i = 0; i < n; i += CHUNK_PAGES) HOLDS(RunOwner, run_owner(ps, (pageno)(r + i)) == 0);
    return NULL;
}

/* Run r in a chunk that an arena owns. */
static const char *check_owned(const struct heap *h, pageno r) {
    const struct pages *ps = &h->pages;
    uint32_t n = ps->tree.length[r], owner = run_owner(ps, r);
    HOLDS(RunOwner, owner <= h->arenas);
    HOLDS(HugeRuns, ps->kind[r] != RUN_HUGE);
    HOLDS(RunOwner, r / CHUNK_PAGES == (r + n - 1) / CHUNK_PAGES);
    if (ps->kind[r] == RUN_BIN) return check_bin_run(h, r);
    if (ps->kind[r] == RUN_FREE) {
        HOLDS(RunPool, tree_contains(&ps->tree, run_pool(owner), r));
        HOLDS(ChunkUsed, n < CHUNK_PAGES);
    }
    return NULL;
}

/* Run r, whose pages are inside the heap, as one of its kind. */
static const char *check_kind(const struct heap *h, pageno r) {
    const struct pages *ps = &h->pages;
    if (ps->kind[r] == RUN_FREE) HOLDS(RunCoalesced, !run_may_join(ps, run_next(ps, r)));
    if (ps->kind[r] != RUN_BIN) {
        HOLDS(BinTags, no_tags(h, (size_t)r * PAGE, (size_t)ps->tree.length[r] * PAGE_QUANTA));
    }
    return run_owner(ps, r) == 0 ? check_chunks(h, r) : check_owned(h, r);
}

/* The run at r tiles its pages. */
static const char *check_run(const struct heap *h, pageno r) {
    const struct pages *ps = &h->pages;
    uint32_t n = ps->tree.length[r];
    bool owned = ps->kind[r] == RUN_BIN || ps->kind[r] == RUN_LARGE;
    HOLDS(RunKind, ps->kind[r] != RUN_INSIDE && ps->kind[r] <= RUN_HUGE);
    HOLDS(RunSpan, 0 < n && n <= (uint32_t)(ps->end - r));
    HOLDS(RunTail, ps->head[r + n - 1] == r);
    for (uint32_t i = 0; i < n; i++) {
        HOLDS(RunKind, i == 0 || ps->kind[r + i] == RUN_INSIDE);
        HOLDS(OwnedHeads, !owned || ps->head[r + i] == r);
        HOLDS(PageState, ps->state[r + i] <= PAGE_PURGED);
    }
    return check_kind(h, r);
}

static const char *check_runs(const struct heap *h) {
    uint32_t dirty = 0;
    for (pageno r = FIRST_PAGE; r < h->pages.end; r = run_next(&h->pages, r)) {
        const char *broken = check_run(h, r);
        if (broken) return broken;
        if (h->pages.kind[r] == RUN_FREE) dirty += run_dirty(&h->pages, r);
    }
    HOLDS(RunDirty, h->pages.dirty == dirty);
    return NULL;
}

static const char *check_runcur(const struct heap *h) {
    for (uint32_t a = 0; a < h->arenas; a++) {
        for (uint32_t c = 0; c < BINS; c++) {
            pageno r = h->bins.runcur[arena_bin(a + 1, c)];
            if (r == 0) continue;
            HOLDS(BinOk, FIRST_PAGE <= r && r < h->pages.end);
            HOLDS(BinTrees, run_owner(&h->pages, r) == a + 1);
            HOLDS(BinTrees, h->pages.kind[r] == RUN_BIN && h->regions.runs.class[r] == c);
            HOLDS(BinMembers, h->regions.runs.nfree[r] > 0);
        }
    }
    return NULL;
}

const char *heap_check(const struct heap *h) {
    HOLDS(HeapArenas, 1 <= h->arenas && h->arenas <= ARENAS);
    HOLDS(HeapEnd, FIRST_PAGE <= h->pages.end && h->pages.end <= SLOTS && h->pages.end % CHUNK_PAGES == 0);
    const char *broken = check_sizes(h);
    if (!broken) broken = check_trees(h);
    if (!broken) broken = check_runcur(h);
    if (!broken) broken = check_runs(h);
    return broken;
}

/* tree: three trees over one set of arrays, against a plain array, which is sorted by itself. */
#include "tests/metadata.h"
#include "tree.h"

enum {
    NODES = 150,
    LOW = TREES + 1,
    STRIDE = (SLOTS - 1 - LOW) / (NODES - 1),
    LONGEST = 40,
};

static struct tree *t;
static const pageno tree[3] = {1, 2, TREES};

/* The model: of candidate i, whose slot is slot_of(i), the tree that it is a node of, or 0, and its length. */
static struct { pageno tree, length; } model[NODES];

static pageno slot_of(unsigned i) {
    return (pageno)(LOW + i * STRIDE);
}

/* The first candidate from i on, in steps of `step`, that is in tree k; NODES if none is. */
static unsigned member(unsigned i, unsigned step, pageno k) {
    while (i < NODES && model[i].tree != k) i += step;
    return i < NODES ? i : NODES;
}

static pageno slot_or_nil(unsigned i) {
    return i < NODES ? slot_of(i) : 0;
}

static unsigned count(pageno k) {
    unsigned n = 0;
    for (unsigned i = 0; i < NODES; i++) n += model[i].tree == k;
    return n;
}

struct seen {
    unsigned black, longest, next; /* next: the first candidate that is not visited yet */
};

/* Walks the subtree of x, child of p, in order: its nodes are the next members of the model. */
static struct seen walk(pageno k, pageno p, pageno x, unsigned depth, unsigned next) {
    if (x == 0) return (struct seen){0, 0, next};
    CHECK(t->links.parent[x] == p);
    CHECK(t->red[x] <= 1 && t->red[x] + t->red[p] <= 1);
    CHECK(((uint64_t)1 << depth) <= (uint64_t)(count(k) + 1) * (count(k) + 1));
    struct seen l = walk(k, x, t->links.left[x], depth + 1, next);
    unsigned i = member(l.next, 1, k);
    CHECK(i < NODES && slot_of(i) == x && t->length[x] == model[i].length);
    struct seen r = walk(k, x, t->links.right[x], depth + 1, i + 1);
    CHECK(l.black == r.black);
    unsigned longest = l.longest > r.longest ? l.longest : r.longest;
    if (longest < t->length[x]) longest = t->length[x];
    CHECK(t->longest[x] == longest);
    return (struct seen){l.black + !t->red[x], longest, r.next};
}

static void check_trees(void) {
    for (unsigned j = 0; j < 3; j++) {
        pageno k = tree[j], root = t->links.right[k];
        CHECK(!t->red[root] && !t->red[k] && t->links.left[k] == 0);
        CHECK(t->longest[k] == 0);
        struct seen all = walk(k, k, root, 1, 0);
        CHECK(member(all.next, 1, k) == NODES);
    }
    CHECK(nil_is_clean(t));
}

static void check_ends(pageno k) {
    CHECK(tree_first(t, k) == slot_or_nil(member(0, 1, k)));
    CHECK(tree_last(t, k) == slot_or_nil(member(NODES - 1, (unsigned)-1, k)));
}

/* All questions about candidate i and tree k. */
static void check_at(pageno k, unsigned i) {
    pageno x = slot_of(i), at = slot_or_nil(member(i, 1, k));
    unsigned lower = member(i - 1, (unsigned)-1, k), upper = member(i + 1, 1, k);
    bool in = model[i].tree == k;
    CHECK(tree_contains(t, k, x) == in && !tree_contains(t, k, 0));
    CHECK(tree_at_or_above(t, k, x) == at);
    CHECK(tree_at_or_above(t, k, (pageno)(x - 1)) == at);
    CHECK(tree_at_or_above(t, k, (pageno)(x + 1)) == slot_or_nil(upper));
    CHECK(tree_at_or_below(t, k, x) == (in ? x : slot_or_nil(lower)));
    CHECK(tree_at_or_below(t, k, (pageno)(x + 1)) == (in ? x : slot_or_nil(lower)));
    CHECK(tree_at_or_below(t, k, (pageno)(x - 1)) == slot_or_nil(lower));
    if (in) CHECK(tree_next(t, x) == slot_or_nil(upper) && tree_prev(t, x) == slot_or_nil(lower));
}

static void check_fits(pageno k) {
    for (uint32_t length = 1; length <= LONGEST + 1; length++) {
        unsigned i = member(0, 1, k);
        while (i < NODES && model[i].length < length) i = member(i + 1, 1, k);
        CHECK(tree_first_fit(t, k, length) == slot_or_nil(i));
    }
    CHECK(tree_first_fit(t, k, UINT32_MAX) == 0);
}

static void insert(pageno k, unsigned i) {
    model[i].tree = k;
    model[i].length = t->length[slot_of(i)] = (pageno)(1 + below(LONGEST));
    tree_insert(t, k, slot_of(i));
    check_trees();
}

static void remove_node(unsigned i) {
    model[i].tree = 0;
    tree_remove(t, slot_of(i));
    check_trees();
}

static void resize(unsigned i) {
    model[i].length = (pageno)(1 + below(LONGEST));
    tree_resize(t, slot_of(i), model[i].length);
    check_trees();
}

/* `first` of 10 candidates go to the first tree, so the trees have different sizes. */
static void random_step(unsigned first) {
    unsigned i = below(NODES);
    if (model[i].tree == 0) {
        insert(below(10) < first ? tree[0] : tree[1 + below(2)], i);
    } else if (below(3) == 0) {
        resize(i);
    } else {
        remove_node(i);
    }
    for (unsigned j = 0; j < 3; j++) check_at(tree[j], i);
    check_ends(tree[below(3)]);
    if (below(10) == 0) check_fits(tree[below(3)]);
}

/* All candidates go to one tree and leave it again, each time in ascending or descending order. */
static void sweep(pageno k, bool in_ascends, bool out_ascends) {
    for (unsigned i = 0; i < NODES; i++) insert(k, in_ascends ? i : NODES - 1 - i);
    for (unsigned i = 0; i < NODES; i++) check_at(k, i);
    check_fits(k);
    for (unsigned i = 0; i < NODES; i++) remove_node(out_ascends ? i : NODES - 1 - i);
}

int main(void) {
    t = zeroed(sizeof *t);
    check_trees();
    for (unsigned j = 0; j < 3; j++) {
        check_ends(tree[j]);
        check_at(tree[j], 7);
        check_fits(tree[j]);
    }
    sweep(tree[1], true, true);
    sweep(tree[2], true, false);
    sweep(tree[0], false, true);
    for (unsigned n = 0; n < 4000; n++) random_step(n / 400);
    for (unsigned i = 0; i < NODES; i++) {
        if (model[i].tree != 0) remove_node(i);
    }
    for (unsigned j = 0; j < 3; j++) CHECK(t->links.right[tree[j]] == 0);
}

/* The trees of src/tree.h under libFuzzer, against arrays that say of each slot which tree it is in: they
 * are sorted by themselves. A line is 8 bytes, as in fuzz/ops.h; there is no header:
 *
 *   i1a2=5 \n
 *   |||||+- length, one less
 *   ||||+-- how many, one less, of   i    insert slots into the tree, those that are in none
 *   |||+--- and it plus: the slot    d    delete them from whatever tree they are in
 *   ||+---- times 16                 r    resize them
 *   |+----- tree, one less           q    only ask
 *   +------ operation
 *
 * After each line all trees are looked at, and every question is asked about the tree and the last slot. */
#include "fuzz/judge.h"

static struct tree tree;
static struct tree_model {
    uint8_t in[SLOTS]; /* 0: no tree */
    pageno length[SLOTS];
} model;
static unsigned count[TREES + 1];

/* The nearest slot to x, x itself or in the direction of the step, in tree k and of the length; 0 if none. */
static pageno nearest(pageno k, uint32_t x, int step, uint32_t length) {
    while (TREES < x && x < SLOTS && (model.in[x] != k || model.length[x] < length)) x += (uint32_t)step;
    return TREES < x && x < SLOTS ? (pageno)x : 0;
}

/* What a walk of a subtree finds. */
struct seen {
    const char *broken;
    unsigned black, nodes;
    pageno longest;
};

static const char *check_node(pageno k, pageno x, struct seen l, struct seen r, unsigned depth) {
    pageno longest = l.longest > r.longest ? l.longest : r.longest;
    if (longest < model.length[x]) longest = model.length[x];
    HOLDS(Member, model.in[x] == k);
    HOLDS(Red, tree.red[x] <= 1 && (!tree.red[x] || !tree.red[tree.links.parent[x]]));
    HOLDS(Black, l.black == r.black);
    HOLDS(Depth, (uint64_t)1 << depth <= (uint64_t)(count[k] + 1) * (count[k] + 1));
    HOLDS(Longest, tree.longest[x] == longest && tree.length[x] == model.length[x]);
    return NULL;
}

/* The subtree at x, child of p, in tree k; its keys must lie above lo and below hi. */
static struct seen walk(pageno k, pageno p, pageno x, unsigned depth, pageno lo, uint32_t hi) {
    struct seen s = {NULL, 0, 0, 0};
    if (x == 0) return s;
    if (x <= lo || x >= hi || tree.links.parent[x] != p || depth > 2 * 32) {
        s.broken = "Links";
        return s;
    }
    struct seen l = walk(k, x, tree.links.left[x], depth + 1, lo, x);
    if (l.broken) return l;
    struct seen r = walk(k, x, tree.links.right[x], depth + 1, x, hi);
    if (r.broken) return r;
    s.broken = check_node(k, x, l, r, depth);
    s.black = l.black + !tree.red[x];
    s.nodes = l.nodes + r.nodes + 1;
    s.longest = tree.longest[x];
    return s;
}

static const char *check_trees(void) {
    for (pageno k = 1; k <= TREES; k++) {
        HOLDS(Header, tree.links.left[k] == 0 && tree.red[k] == 0 && tree.longest[k] == 0);
        struct seen all = walk(k, k, tree.links.right[k], 1, TREES, SLOTS);
        FIRST(all.broken);
        HOLDS(Members, all.nodes == count[k]);
    }
    HOLDS(Nil, tree.links.left[0] == 0 && tree.links.right[0] == 0 && tree.links.parent[0] == 0);
    HOLDS(Nil, tree.red[0] == 0 && tree.longest[0] == 0 && tree.length[0] == 0);
    return NULL;
}

static const char *ask(pageno k, pageno x, uint32_t length) {
    bool in = model.in[x] == k;
    HOLDS(Contains, tree_contains(&tree, k, x) == in && !tree_contains(&tree, k, 0));
    HOLDS(First, tree_first(&tree, k) == nearest(k, TREES + 1, 1, 0));
    HOLDS(Last, tree_last(&tree, k) == nearest(k, SLOTS - 1, -1, 0));
    HOLDS(AtOrBelow, tree_at_or_below(&tree, k, x) == nearest(k, x, -1, 0));
    HOLDS(AtOrAbove, tree_at_or_above(&tree, k, x) == nearest(k, x, 1, 0));
    HOLDS(Next, !in || tree_next(&tree, x) == nearest(k, x + 1u, 1, 0));
    HOLDS(Prev, !in || tree_prev(&tree, x) == nearest(k, x - 1u, -1, 0));
    HOLDS(FirstFit, tree_first_fit(&tree, k, length) == nearest(k, TREES + 1, 1, length));
    return NULL;
}

static void insert(pageno k, pageno x, pageno length) {
    if (model.in[x] != 0) return;
    model.in[x] = (uint8_t)k;
    model.length[x] = length;
    count[k]++;
    tree_set_length(&tree, x, length);
    tree_insert(&tree, k, x);
}

static void operate(char what, pageno k, pageno x, pageno length) {
    if (what == 'i') insert(k, x, length);
    if (model.in[x] == 0) return;
    if (what == 'd') {
        count[model.in[x]]--;
        model.in[x] = 0;
        tree_remove(&tree, x);
    }
    if (what == 'r') {
        model.length[x] = length;
        tree_resize(&tree, x, length);
    }
}

static const char *live(const uint8_t *line) {
    if (line == NULL) return ask(1, TREES + 1, 1);
    pageno k = (pageno)(1 + number(line[1]) % TREES), x = 0;
    uint32_t slot = number(line[2]) * 16 + number(line[3]), n = 1 + number(line[4]) % 64;
    uint32_t length = 1 + number(line[5]);
    for (uint32_t i = 0; i < n; i++) {
        x = (pageno)(TREES + 1 + (slot + i) % (SLOTS - 1 - TREES));
        operate(letter("idrq", line[0]), k, x, (pageno)(length + i));
    }
    FIRST(check_trees());
    return ask(k, x, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
    memset(&tree, 0, sizeof tree);
    memset(&model, 0, sizeof model);
    memset(count, 0, sizeof count);
    judge_lines(live, input, size, 0);
    return 0;
}

/* Threads of the hosted shell (src/shell.h) under libFuzzer, which says when another one goes on: at any access to
 * memory (fuzz/hosted/points.c). The threads are fibers, two, or three if the header's first number is odd; the shell does
 * not know, but for the locks and the ends of threads, which are those of fuzz/hosted/platform.c. They share a heap, or if
 * the header's second number is odd, each has one of its own. If the third is odd, the system comes in again in the middle
 * of its calls.
 *
 * Lines are those of fuzz/ops.h, on 16 slots. The arena says which thread lives it, the alignment after how many accesses
 * the next one goes on, 0: after none. A slot is one thread's at a time: lines on others are left out. g ends the
 * thread, and its next line is another's; h asks for the size; b, c and d look at the heap.
 *
 * No block overlaps another, is lost or changes, whatever the order; a request is served if there is room by far. */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <ucontext.h>

#include "fuzz/hosted/platform.h"
#include "fuzz/judge.h"
#include "qedmalloc.h"
#include "shell.h"

enum {
    MOST_FIBERS = 3,
    SLOTS_USED = 16,
    MOVED = SLOTS_USED,            /* and so on: blocks on their way to another place, one of each thread */
    VISITED = MOVED + MOST_FIBERS, /* and those of visitors */
    HELD = VISITED + MOST_FIBERS,
    STACK = 4 << 20, /* far apart, for Valgrind to see that they are several */
    KEPT = 12345,    /* an errno that nobody sets */
    AMPLE = 1 << 20, /* bytes: so much is had as long as no more than four times that is live */
    STAMP = 64,
};

static struct fiber {
    ucontext_t start;
    jmp_buf at;
    bool begun, done;
    bool inside;          /* the shell */
    bool visited;         /* by the system, which came in again */
    struct thread thread; /* the shell's variable of that name, while others run */
    int error;            /* errno, likewise */
    uint32_t pace, left;  /* accesses until another one goes on, all and still */
} fibers[MOST_FIBERS];
static unsigned char stacks[MOST_FIBERS][STACK];
static uint32_t number_of_fibers;
static bool visits;
static jmp_buf outside;

static struct block {
    unsigned char *p;
    size_t usable;
    bool busy;
} blocks[HELD];

static const uint8_t *text;
static size_t text_size, allocations;
static unsigned told;

static void tell(const char *verdict, void *p) {
    (void)verdict, (void)p;
    told++;
}

static uint32_t me(void) {
    return platform.running;
}

/* The threads go on in turn. */
static uint32_t next_fiber(void) {
    uint32_t next = me();
    do next = (next + 1) % number_of_fibers;
    while (fibers[next].done && next != me());
    return next;
}

static void enter(uint32_t next) {
    struct fiber *f = &fibers[next];
    platform.running = next;
    thread = f->thread;
    errno = f->error;
    f->left = f->pace;
    if (f->begun) _longjmp(f->at, 1);
    f->begun = true;
    setcontext(&f->start);
}

static void let_go_on(void) {
    struct fiber *f = &fibers[me()];
    const uint32_t next = next_fiber();
    if (next == me()) return;
    f->thread = thread;
    f->error = errno;
    if (_setjmp(f->at) == 0) enter(next);
}

static void point(void) {
    struct fiber *f = &fibers[me()];
    if (!f->inside || f->pace == 0 || --f->left > 0) return;
    f->left = f->pace;
    let_go_on();
}

/* The lock is another's. */
static void wait(void) {
    if (next_fiber() == me()) judge("Deadlock", text, text_size, text_size / OP);
    let_go_on();
}

static bool overlaps(const struct block *b) {
    for (const struct block *other = blocks; other < blocks + HELD; other++) {
        if (other != b && other->p != NULL && b->p < other->p + other->usable && other->p < b->p + b->usable)
            return true;
    }
    return false;
}

static unsigned char mark(const struct block *b) {
    return (unsigned char)(b - blocks + 1);
}

/* At its start and its end. */
static void stamp(const struct block *b) {
    const size_t n = b->usable < STAMP ? b->usable : STAMP;
    memset(b->p, mark(b), n);
    memset(b->p + b->usable - n, mark(b), n);
}

static bool holds(const unsigned char *p, size_t n, unsigned char value) {
    for (size_t i = 0; i < n; i++) {
        if (p[i] != value) return false;
    }
    return true;
}

static bool is_intact(const struct block *b) {
    const size_t n = b->usable < STAMP ? b->usable : STAMP;
    return holds(b->p, n, mark(b)) && holds(b->p + b->usable - n, n, mark(b));
}

/* A block that is on its way back counts, too. */
static size_t live_bytes(void) {
    size_t live = 0;
    for (const struct block *b = blocks; b < blocks + HELD; b++)
        live += b->p == NULL && !b->busy ? 0 : b->usable;
    return live;
}

/* No thread goes on between the answer and the note of it, and none between the note and the question. */
static const char *allocate(struct block *b, size_t bytes) {
    bool zero = false;
    unsigned char *p = shell_alloc(bytes, 1, &zero);
    HOLDS(Room, p != NULL || bytes > AMPLE || live_bytes() > 4 * AMPLE);
    if (p == NULL) return NULL;
    b->p = p;
    b->usable = bytes > 0 ? bytes : 1;
    allocations++;
    HOLDS(NoOverlap, !overlaps(b));
    HOLDS(Zero, !zero || holds(p, b->usable, 0));
    stamp(b);
    b->usable = shell_usable(p);
    HOLDS(Usable, b->usable >= bytes && !overlaps(b));
    stamp(b);
    return NULL;
}

static const char *release(struct block *b, bool sized) {
    const struct block was = *b;
    if (b->p == NULL) return NULL;
    HOLDS(Contents, is_intact(b));
    b->p = NULL;
    if (sized) {
        HOLDS(Sized, shell_free_sized(was.p, was.usable, 1, "free") == HEAP_OK);
    } else {
        HOLDS(Free, shell_free(was.p, "free") == HEAP_OK);
    }
    return NULL;
}

static const char *move(struct block *b, size_t bytes) {
    struct block *to = &blocks[MOVED + me()], was = *b;
    const size_t kept = was.usable < bytes ? was.usable : bytes, n = kept < STAMP ? kept : STAMP;
    FIRST(allocate(to, bytes));
    if (to->p == NULL) return NULL;
    b->p = NULL;
    shell_move(to->p, was.p, kept);
    HOLDS(Moved, holds(to->p, n, mark(b)));
    *b = (struct block){to->p, to->usable, true};
    to->p = NULL;
    stamp(b);
    return NULL;
}

static const char *resize(struct block *b, size_t bytes) {
    size_t usable;
    if (b->p == NULL) return NULL;
    HOLDS(Contents, is_intact(b));
    b->usable = b->usable < bytes ? b->usable : bytes; /* the rest may be another's in a moment */
    if (b->usable == 0) b->usable = 1;
    const enum verdict v = shell_resize(b->p, bytes, &usable);
    HOLDS(Resize, v == HEAP_OK || v == HEAP_NO_ROOM);
    b->usable = usable;
    HOLDS(Usable, (v != HEAP_OK || usable >= bytes) && !overlaps(b));
    stamp(b);
    return v == HEAP_OK ? NULL : move(b, bytes);
}

static const char *look(void) {
    struct shell_stats s;
    shell_stats(&s);
    HOLDS(Check, shell_check() == NULL);
    return NULL;
}

/* The system came in to the shell. What it is granted depends, but its block stays what it is. */
static const char *come_in_again(struct block *b) {
    size_t usable;
    if (b->p == NULL) {
        unsigned char *p = shell_alloc(100, 1, NULL);
        if (p == NULL) return NULL;
        *b = (struct block){p, 100, true};
        allocations++;
        HOLDS(NoOverlap, !overlaps(b));
        stamp(b);
    }
    usable = shell_usable(b->p);
    HOLDS(Usable, usable == 0 || usable >= b->usable);
    HOLDS(Resize, shell_resize(b->p, 2 * PAGE, &usable) != HEAP_OK && (usable == 0 || usable >= b->usable));
    HOLDS(Contents, is_intact(b));
    return NULL;
}

static void visit(void) {
    struct fiber *f = &fibers[me()];
    point();
    if (!visits || !f->inside || f->visited) return;
    f->visited = true;
    const char *objection = come_in_again(&blocks[VISITED + me()]);
    if (objection != NULL) platform.wrong = objection;
    f->visited = false;
}

static void end_thread_of_fiber(void) {
    void *what = platform.what[me()];
    platform.what[me()] = NULL;
    if (what != NULL) platform.end(what);
    thread = (struct thread){0};
}

static const char *operate(const struct op *o, struct block *b) {
    switch (o->what) {
        case 'a':
            FIRST(release(b, false));
            return allocate(b, o->bytes);
        case 'f':
        case 's':
            return release(b, o->what == 's');
        case 'r':
            return resize(b, o->bytes);
        case 'h':
            HOLDS(Usable, b->p == NULL || shell_usable(b->p) == b->usable);
            return NULL;
        case 'p':
            return shell_purge(), NULL;
        case 'g':
            return end_thread_of_fiber(), NULL;
        default:
            return look();
    }
}

/* Small numbers are frequent, and large ones far apart. */
static uint32_t pace_of(uint32_t n) {
    return n <= 16 ? n : (n - 15) * 16;
}

static const char *live(const uint8_t *line) {
    struct block *b = &blocks[line[1] % SLOTS_USED];
    if (b->busy) return NULL;
    const struct op o = op_parse(line, (struct reach){b->usable, b->usable + PAGE});
    struct fiber *f = &fibers[me()];
    f->left = f->pace = pace_of(number(line[5]));
    b->busy = true;
    errno = KEPT;
    f->inside = true;
    const char *objection = operate(&o, b);
    f->inside = false;
    b->busy = false;
    FIRST(objection);
    FIRST(platform.wrong);
    HOLDS(Errno, errno == KEPT);
    HOLDS(Told, told == 0);
    return NULL;
}

static void run_fiber(void) {
    for (size_t line = 1; line < text_size / OP; line++) {
        const uint8_t *at = text + line * OP;
        if (number(at[6]) % number_of_fibers == me()) judge(live(at), text, text_size, text_size / OP);
    }
    fibers[me()].inside = true;
    end_thread_of_fiber();
    fibers[me()].inside = false;
    fibers[me()].done = true;
    const uint32_t next = next_fiber();
    if (next == me()) _longjmp(outside, 1);
    enter(next);
}

static void start(uint32_t i) {
    struct fiber *f = &fibers[i];
    memset(f, 0, sizeof *f);
    getcontext(&f->start);
    f->start.uc_stack.ss_sp = stacks[i];
    f->start.uc_stack.ss_size = STACK / 4;
    makecontext(&f->start, run_fiber, 0);
}

/* All are done. */
static const char *end(void) {
    struct shell_stats s;
    thread = (struct thread){0};
    HOLDS(Lock, !platform_is_locked());
    shell_stats(&s);
    HOLDS(Counted, s.allocations == allocations);
    for (struct block *b = blocks; b < blocks + HELD; b++) FIRST(release(b, false));
    shell_purge();
    shell_stats(&s);
    HOLDS(Lost, s.heap.live == 0 && s.cached == 0 && s.heap.dirty == 0);
    HOLDS(Check, shell_check() == NULL);
    return platform.wrong;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
    if (size < OP) return LLVMFuzzerTestOneInput(ops_none, OP);
    platform_restart(0, false);
    platform.point = point;
    platform.visit = visit;
    platform.wait = wait;
    platform.roomy = number(input[2]) % 2 == 1;
    visits = number(input[3]) % 2 == 1;
    shell_restart();
    qed_set_misuse_hook(tell);
    memset(blocks, 0, sizeof blocks);
    allocations = told = 0;
    text = input;
    text_size = size;
    number_of_fibers = 2 + number(input[1]) % 2;
    for (uint32_t i = 0; i < number_of_fibers; i++) start(i);
    if (_setjmp(outside) == 0) enter(0);
    judge(end(), input, size, size / OP);
    return 0;
}

/* firmware: a data logger as it might run on a microcontroller, on one static heap.
 *
 * Each tick a sensor posts a message of its own length to a queue. Every few ticks the radio
 * packs what waits into a frame, which grows as it is filled, copies it to a buffer that the
 * DMA engine can read, and sends it. Now and then something is worth a line in the log, of
 * which the latest are kept. For some time the radio is out of reach: the queue eats
 * up the heap, and the oldest messages make room for new ones.
 *
 * The main loop and an interrupt could share the heap: its lock turns interrupts off.
 */
#include "platform.h"
#include "qed_heap.h"

enum {
    TICKS = 20000,
    SEND_EVERY = 16,      /* ticks */
    OUTAGE_BEGINS = 8000, /* ticks */
    OUTAGE_ENDS = 12000,
    LOG_EVERY = 500, /* ticks */
    LOG_LINES = 8,
    MESSAGE_MAX = 120, /* bytes of data */
    FRAME_MAX = 2048,  /* bytes */
    DMA_ALIGN = 512,   /* bytes */
};

static struct qed_heap heap;
static _Alignas(QED_HEAP_ALIGN) unsigned char memory[4 * QED_HEAP_CHUNK];

/* text: a string that grows as it is written. After a failure it stays as it was and says so. */

struct text {
    char *start; /* NULL, or zero-terminated */
    size_t length;
    bool failed;
};

static void text_add(struct text *t, const char *more) {
    size_t n = 0;
    while (more[n] != 0) n++;
    char *start = qed_heap_realloc(&heap, t->start, t->length + n + 1);
    if (start == NULL) {
        t->failed = true;
        return;
    }
    for (size_t i = 0; i <= n; i++) start[t->length + i] = more[i];
    t->start = start;
    t->length += n;
}

static void text_add_number(struct text *t, size_t number) {
    char digits[24];
    size_t i = sizeof digits - 1;
    digits[i] = 0;
    do {
        digits[--i] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    text_add(t, &digits[i]);
}

static void text_free(struct text *t) {
    qed_heap_free(&heap, t->start);
    t->start = NULL;
    t->length = 0;
}

static void print_number(const char *what, size_t number) {
    struct text t = {NULL, 0, false};
    text_add(&t, what);
    text_add_number(&t, number);
    text_add(&t, "\n");
    platform_print(t.failed ? "(no memory to print)\n" : t.start);
    text_free(&t);
}

/* log: the latest lines, in a ring. */

static struct text lines[LOG_LINES];
static uint32_t next_line;

static void log_number(size_t tick, const char *what, size_t number) {
    struct text *line = &lines[next_line++ % LOG_LINES];
    text_free(line);
    line->failed = false;
    text_add(line, "[");
    text_add_number(line, tick);
    text_add(line, "] ");
    text_add(line, what);
    text_add_number(line, number);
    text_add(line, "\n");
}

static void log_print(void) {
    for (uint32_t i = 0; i < LOG_LINES; i++) {
        const struct text *line = &lines[(next_line + i) % LOG_LINES];
        if (line->start != NULL) platform_print(line->start);
    }
}

static void log_free(void) {
    for (uint32_t i = 0; i < LOG_LINES; i++) text_free(&lines[i]);
}

/* queue: messages that wait for the radio, oldest first. */

struct message {
    struct message *next;
    size_t length; /* of data */
    unsigned char data[];
};

static struct message *oldest, *newest;
static size_t waiting, posted, dropped;

static struct message *queue_take(void) {
    struct message *m = oldest;
    if (m == NULL) return NULL;
    oldest = m->next;
    if (oldest == NULL) newest = NULL;
    waiting--;
    return m;
}

static void queue_add(struct message *m) {
    m->next = NULL;
    if (newest != NULL) newest->next = m;
    if (oldest == NULL) oldest = m;
    newest = m;
    waiting++;
}

/* By dropping the oldest message; false if there is none. */
static bool make_room(void) {
    struct message *m = queue_take();
    qed_heap_free(&heap, m);
    if (m != NULL) dropped++;
    return m != NULL;
}

/* sensor: noise of a fixed seed, so that every run is the same. */

static uint32_t noise(void) {
    static uint32_t state = 1;
    state = state * 1664525u + 1013904223u;
    return state >> 8;
}

static void sensor_post(void) {
    size_t length = 1 + noise() % MESSAGE_MAX;
    struct message *m;
    do {
        m = qed_heap_alloc(&heap, sizeof *m + length);
    } while (m == NULL && make_room());
    if (m == NULL) return;
    m->length = length;
    for (size_t i = 0; i < length; i++) m->data[i] = (unsigned char)(length + i);
    queue_add(m);
    posted++;
}

/* radio: frames of a length byte and data per message. */

struct frame {
    unsigned char *bytes;
    size_t length;
    size_t messages;
};

static size_t sent, frames, corrupt;

static void frame_add(struct frame *f, const struct message *m) {
    size_t length = f->length + 1 + m->length;
    unsigned char *bytes;
    do {
        bytes = qed_heap_realloc(&heap, f->bytes, length);
    } while (bytes == NULL && make_room());
    if (bytes == NULL) {
        dropped++;
        return;
    }
    bytes[f->length] = (unsigned char)m->length;
    for (size_t i = 0; i < m->length; i++) bytes[f->length + 1 + i] = m->data[i];
    f->bytes = bytes;
    f->length = length;
    f->messages++;
}

static struct frame frame_of_queue(void) {
    struct frame f = {NULL, 0, 0};
    while (oldest != NULL && f.length + 1 + oldest->length <= FRAME_MAX) {
        struct message *m = queue_take();
        frame_add(&f, m);
        qed_heap_free(&heap, m);
    }
    return f;
}

/* What the receiver makes of it: the messages, each of which must be as the sensor wrote it. */
static void receive(const unsigned char *bytes, size_t length) {
    for (size_t at = 0; at < length; at += 1 + (size_t)bytes[at]) {
        size_t n = bytes[at];
        bool intact = n != 0 && n <= length - at - 1;
        for (size_t i = 0; intact && i < n; i++) intact = bytes[at + 1 + i] == (unsigned char)(n + i);
        if (!intact) {
            corrupt++;
            return;
        }
        sent++;
    }
}

static void radio_send(void) {
    struct frame f = frame_of_queue();
    unsigned char *dma;
    do {
        dma = qed_heap_aligned(&heap, DMA_ALIGN, f.length);
    } while (dma == NULL && make_room());
    if (dma == NULL) dropped += f.messages;
    if ((uintptr_t)dma % DMA_ALIGN != 0) corrupt++;
    if (dma != NULL && f.length != 0) {
        for (size_t i = 0; i < f.length; i++) dma[i] = f.bytes[i];
        receive(dma, f.length);
        frames++;
    }
    qed_heap_free(&heap, dma);
    qed_heap_free(&heap, f.bytes);
}

static bool in_reach(size_t tick) {
    return tick < OUTAGE_BEGINS || tick >= OUTAGE_ENDS;
}

static void run(void) {
    for (size_t tick = 0; tick < TICKS; tick++) {
        sensor_post();
        if (tick % SEND_EVERY == 0 && in_reach(tick)) radio_send();
        if (tick % LOG_EVERY == 0) log_number(tick, "messages waiting: ", waiting);
    }
    while (oldest != NULL) radio_send();
}

static void print_statistics(void) {
    struct qed_heap_statistics s;
    qed_heap_stats(&heap, &s);
    print_number("heap:            ", s.heap);
    print_number("  live:          ", s.live);
    print_number("  peak:          ", s.peak);
    print_number("  active pages:  ", s.active);
    print_number("  largest block: ", s.largest);
    print_number("  metadata:      ", sizeof heap);
}

/* A free too many is told to us, and harms nobody. */
static enum qed_heap_verdict seen = QED_HEAP_OK;

static void on_misuse(void *context, enum qed_heap_verdict verdict, void *pointer) {
    (void)context;
    (void)pointer;
    seen = verdict;
    platform_print("misuse: ");
    platform_print(qed_heap_verdict_name(verdict));
    platform_print("\n");
}

static void free_twice(void) {
    void *block = qed_heap_alloc(&heap, 40);
    qed_heap_free(&heap, block);
    qed_heap_free(&heap, block);
}

int program(void) {
    static const struct qed_heap_config config = {platform_lock, platform_unlock, on_misuse, NULL};
    if (!qed_heap_init(&heap, memory, sizeof memory, &config)) return 1;
    run();
    log_print();
    print_number("messages posted: ", posted);
    print_number("  sent:          ", sent);
    print_number("  dropped:       ", dropped);
    print_number("  corrupt:       ", corrupt);
    print_number("frames sent:     ", frames);
    print_statistics();
    free_twice();
    log_free();

    struct qed_heap_statistics s;
    qed_heap_stats(&heap, &s);
    bool all_free = s.live == 0 && s.largest == s.heap && qed_heap_check(&heap) == NULL;
    bool all_there = posted == sent + dropped && corrupt == 0 && seen == QED_HEAP_DOUBLE_FREE;
    platform_print(all_free && all_there ? "firmware: ok\n" : "firmware: FAILED\n");
    return all_free && all_there ? 0 : 2;
}

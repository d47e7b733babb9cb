/* What the library says about itself: qed_version, qed_check, statistics as text and as JSON; and what it is told
 * by the environment. */
#define _GNU_SOURCE
#include <stdlib.h>

#include "os.h"
#include "qedmalloc.h"
#include "shell.h"
#include "text.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

#define EXPORT __attribute__((visibility("default")))

enum { REPORT_BYTES = 4096 }; /* a report is shorter */

EXPORT const char *qed_version(void) {
    return QED_VERSION;
}

EXPORT const char *qed_check(void) {
    return shell_check();
}

/*   64 bytes:     17 live in     1 runs */
static void put_bins(struct text *t, const struct heap_stats *s) {
    for (uint32_t c = 0; c < BINS; c++) {
        if (s->bin[c].runs == 0) continue;
        text_number(t, class_bytes(c), 8);
        text_put(t, " bytes: ");
        text_number(t, s->bin[c].regions, 9);
        text_put(t, " live in ");
        text_number(t, s->bin[c].runs, 7);
        text_put(t, " runs\n");
    }
}

static void put_line(struct text *t, const char *name, uint64_t value) {
    text_put(t, name);
    text_number(t, value, 16);
    text_put(t, "\n");
}

/* 2 arenas, 3 threads, at most 2 of them in one */
static void put_arenas(struct text *t, const struct shell_stats *s) {
    text_number(t, s->arenas, 0);
    text_put(t, s->arenas == 1 ? " arena, " : " arenas, ");
    text_number(t, s->threads, 0);
    text_put(t, s->threads == 1 ? " thread, at most " : " threads, at most ");
    text_number(t, s->crowd, 0);
    text_put(t, " of them in one\n");
}

EXPORT size_t qed_stats(char *buffer, size_t size) {
    struct shell_stats s;
    struct text t = {buffer, size, 0};
    shell_stats(&s);
    text_put(&t, "qedmalloc " QED_VERSION ", bytes:\n");
    put_line(&t, "live    ", s.heap.live);
    put_line(&t, "  small ", s.heap.small);
    put_line(&t, "  large ", s.heap.large);
    put_line(&t, "  huge  ", s.heap.huge);
    put_line(&t, "cached  ", s.cached);
    put_line(&t, "active  ", s.heap.active);
    put_line(&t, "dirty   ", s.heap.dirty);
    put_line(&t, "mapped  ", s.heap.mapped);
    text_number(&t, s.allocations, 0);
    text_put(&t, " blocks allocated since the start\n");
    put_arenas(&t, &s);
    put_bins(&t, &s.heap);
    return text_end(&t);
}

/* The key comes with all that stands before it, its opening quote included. */
static void put_member(struct text *t, const char *key, uint64_t value) {
    text_put(t, key);
    text_put(t, "\":");
    text_number(t, value, 0);
}

static void put_json_bins(struct text *t, const struct heap_stats *s) {
    const char *before = "";
    for (uint32_t c = 0; c < BINS; c++) {
        if (s->bin[c].runs == 0) continue;
        text_put(t, before);
        put_member(t, "{\"class", class_bytes(c));
        put_member(t, ",\"runs", s->bin[c].runs);
        put_member(t, ",\"regions", s->bin[c].regions);
        text_put(t, "}");
        before = ",";
    }
}

EXPORT size_t qed_stats_json(char *buffer, size_t size) {
    struct shell_stats s;
    struct text t = {buffer, size, 0};
    shell_stats(&s);
    text_put(&t, "{\"version\":\"" QED_VERSION "\"");
    put_member(&t, ",\"allocations", s.allocations);
    put_member(&t, ",\"live", s.heap.live);
    put_member(&t, ",\"small", s.heap.small);
    put_member(&t, ",\"large", s.heap.large);
    put_member(&t, ",\"huge", s.heap.huge);
    put_member(&t, ",\"cached", s.cached);
    put_member(&t, ",\"active", s.heap.active);
    put_member(&t, ",\"dirty", s.heap.dirty);
    put_member(&t, ",\"mapped", s.heap.mapped);
    put_member(&t, ",\"arenas", s.arenas);
    put_member(&t, ",\"threads", s.threads);
    put_member(&t, ",\"crowd", s.crowd);
    text_put(&t, ",\"bins\":[");
    put_json_bins(&t, &s.heap);
    text_put(&t, "]}");
    return text_end(&t);
}

static void write_report(void) {
    char report[REPORT_BYTES];
    size_t length = qed_stats(report, sizeof report);
    os_write(report, length < sizeof report ? length : sizeof report - 1);
}

/* A number in the environment; false if there is none of that name. */
static bool told(const char *name, uint64_t *value) {
    const char *text = getenv(name);
    char *end;
    if (text == NULL || *text < '0' || *text > '9') return false;
    *value = strtoull(text, &end, 10);
    return *end == '\0';
}

/* QEDMALLOC_DECAY=MILLISECONDS and QEDMALLOC_ARENAS=NUMBER in the environment. */
__attribute__((constructor)) static void be_told(void) {
    uint64_t value;
    if (told("QEDMALLOC_DECAY", &value)) shell_be_patient(value);
    if (told("QEDMALLOC_ARENAS", &value)) shell_share(value < ARENAS ? (uint32_t)value : ARENAS);
}

/* With QEDMALLOC_STATS=1 in the environment every program says at its end what it used. */
__attribute__((destructor)) static void report_at_exit(void) {
    const char *wanted = getenv("QEDMALLOC_STATS");
    if (wanted != NULL && wanted[0] == '1' && wanted[1] == '\0') write_report();
}

/* glibc's own questions. Its arena is our heap; nothing is mapped apart from that. */
#ifdef __GLIBC__
EXPORT void malloc_stats(void) {
    write_report();
}

EXPORT struct mallinfo2 mallinfo2(void) {
    struct shell_stats s;
    shell_stats(&s);
    return (struct mallinfo2){
        .arena = s.heap.mapped,
        .uordblks = s.heap.live,
        .fordblks = s.heap.mapped - s.heap.live,
        .keepcost = s.heap.dirty,
    };
}
#endif

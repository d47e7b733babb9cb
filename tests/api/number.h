/* number: what the statistics say. */
#ifndef QED_TEST_NUMBER_H
#define QED_TEST_NUMBER_H

#include <string.h>

#include "tests/api/family.h"
#include "tests/test.h"

/* A number of the JSON text. */
static size_t number(const char *key) {
    static _Thread_local char json[8192], quoted[40];
    CHECK(qed_stats_json(json, sizeof json) < sizeof json);
    snprintf(quoted, sizeof quoted, "\"%s\":", key);
    const char *at = strstr(json, quoted);
    CHECK(at != NULL);
    return strtoul(at + strlen(quoted), NULL, 10);
}

#endif

/* test: what a unit test needs. */
#ifndef QED_TEST_H
#define QED_TEST_H

#include <stdio.h>
#include <stdlib.h>

/* Ends the program with the place and text of the condition if it does not hold. */
#define CHECK(condition)                                                            \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                                \
        }                                                                           \
    } while (0)

#endif

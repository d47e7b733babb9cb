/* family: declarations of the malloc family, those included that a C library does not have itself. */
#ifndef QED_TEST_FAMILY_H
#define QED_TEST_FAMILY_H

#include <malloc.h>
#include <stdlib.h>

#include "src/qedmalloc.h"

#ifndef __GLIBC__
int malloc_trim(size_t pad);
void *pvalloc(size_t size);
#endif

#endif

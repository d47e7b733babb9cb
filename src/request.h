/* request: what is asked of a heap, in the units of its kind: small bytes, or pages. */
#ifndef QED_REQUEST_H
#define QED_REQUEST_H

#include "tree.h"

#include "spec/request.acsl"

struct request {
    uint32_t small; /* bytes, a multiple of the alignment; 0 if not small */
    uint32_t pages;
    uint32_t align; /* pages */
};

/* Whether no heap can have such a block, however few it has. */
/*@ assigns \nothing;
    ensures exceeds: \result <==> bytes > RequestMax || align > RequestMax; */
bool request_exceeds(size_t bytes, size_t align);

/* Whether a small block serves. */
/*@ assigns \nothing;
    ensures small:   \result <==> RequestSmall(bytes, align); */
bool request_is_small(size_t bytes, size_t align);

/* The bytes of the small block that does: at least `bytes` and 1, and a multiple of the alignment. */
/*@ requires small:  RequestSmall(bytes, align) && RequestAlign(align);
    assigns \nothing;
    ensures range:   1 <= \result <= SMALL_MAX && bytes <= \result;
    ensures whole:   \result % align == 0; */
uint32_t request_small(size_t bytes, size_t align);

/* `bytes`, 0 is served like 1, at an address that is a multiple of `align`, a power of two. */
/*@ requires ok:     RequestOk(bytes, align);
    assigns \nothing;
    ensures small:   RequestSmall(bytes, align) ==> 1 <= \result.small <= SMALL_MAX && bytes <= \result.small &&
                     \result.small % align == 0;
    ensures pages:   !RequestSmall(bytes, align) ==> \result.small == 0 &&
                     \result.pages == RequestPages(bytes) && 0 < \result.pages <= SLOTS &&
                     bytes <= \result.pages * PAGE;
    ensures align:   !RequestSmall(bytes, align) ==> \result.align == RequestPageAlign(align) &&
                     1 <= \result.align <= SLOTS &&
                     (CHUNK_PAGES % \result.align == 0 || \result.align % CHUNK_PAGES == 0); */
struct request request_of(size_t bytes, size_t align);

/* Whether a chunk holds the pages wherever its free ones begin. */
/*@ requires range:  1 <= r.align <= SLOTS && r.pages <= SLOTS;
    assigns \nothing;
    ensures large:   \result <==> r.pages + r.align - 1 <= CHUNK_PAGES; */
bool request_is_large(struct request r);

#endif

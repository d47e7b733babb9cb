/* verdict: what an operation on an existing block may answer.
 *
 * Every answer from HEAP_FOREIGN on is a misuse by the client: no block starts at
 * the offset it gave, or not such a block. The operation has changed nothing.
 */
#ifndef QED_VERDICT_H
#define QED_VERDICT_H

enum verdict {
    HEAP_OK,
    HEAP_NO_ROOM,     /* resize only: the block cannot change its size in place */
    HEAP_FOREIGN,     /* outside the heap */
    HEAP_UNALIGNED,   /* no multiple of QUANTUM */
    HEAP_INTERIOR,    /* inside a live block, not at its start */
    HEAP_DOUBLE_FREE, /* the start of a free or cached region, or anywhere in a free page that is dirty */
    HEAP_PURGED,      /* anywhere in a free page that was used and given back to the system since */
    HEAP_UNALLOCATED, /* no start of a block: in a page never used, in a free or cached region, behind the last one */
    HEAP_WRONG_SIZE,  /* a live block, but not of the size class that the client names */
    HEAP_WRONG_ALIGN, /* a live block, but not of the alignment that the client names */
    HEAP_VERDICTS
};

/* The verdict's stable name: "double-free". */
/*@ requires verdict: v < HEAP_VERDICTS;
    assigns \result \from v; */
const char *verdict_name(enum verdict v);

#endif

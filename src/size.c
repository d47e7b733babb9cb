#include "size.h"

#define BYTES(bytes, pages)   bytes,
#define PAGES(bytes, pages)   pages,
#define REGIONS(bytes, pages) (pages) * PAGE / (bytes),

const struct classes classes = {
    .bytes = {SIZE_CLASSES(BYTES)},
    .regions = {SIZE_CLASSES(REGIONS)},
    .pages = {SIZE_CLASSES(PAGES)},
};

/*@ ghost
  void class_facts(uint32_t c) {
      // steer: the prover looks at each row, and a quarter of them is what it manages at once
      /@ assert first:  c < BINS / 4 ==> ClassOk(c); @/
      /@ assert second: BINS / 4 <= c < BINS / 2 ==> ClassOk(c); @/
      /@ assert third:  BINS / 2 <= c < BINS / 4 * 3 ==> ClassOk(c); @/
      /@ assert fourth: BINS / 4 * 3 <= c ==> ClassOk(c); @/
  }
*/

uint32_t class_bytes(uint32_t c) {
    return classes.bytes[c];
}

uint32_t class_quanta(uint32_t c) {
    return class_bytes(c) / QUANTUM;
}

uint32_t class_pages(uint32_t c) {
    return classes.pages[c];
}

uint32_t class_regions(uint32_t c) {
    return classes.regions[c];
}

void sizes_init(struct sizes *s) {
    uint32_t c = 0;
    s->class_of[0] = 0;
    /*@ ghost class_facts(c); */
    /*@ loop invariant index: 1 <= q <= SMALL_QUANTA + 1;
        loop invariant class: c < BINS;
        loop invariant ok:    ClassOk(c);
        loop invariant near:  (q - 1) * QUANTUM <= ClassBytes(c);
        loop invariant least: ClassLeast(c, q * QUANTUM);
        loop invariant done:  SizesOkBelow(*s, q);
        loop assigns q, c, s->class_of[1 .. SMALL_QUANTA];
        loop variant SMALL_QUANTA - q; */
    for (uint32_t q = 1; q <= SMALL_QUANTA; q++) {
        if (class_bytes(c) < q * QUANTUM) c++;
        /*@ ghost class_facts(c); */
        s->class_of[q] = (uint8_t)c;
    }
}

uint32_t size_class(const struct sizes *s, size_t bytes) {
    const uint32_t c = s->class_of[(bytes + (QUANTUM - 1)) / QUANTUM];
    /*@ ghost class_facts(c); */
    /*@ ghost if (c > 0) class_facts(c - 1); */
    return c;
}

size_t pages_of(size_t bytes) {
    return bytes / PAGE + (bytes % PAGE != 0);
}

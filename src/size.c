#include "size.h"
#include "spec/size_even.acsl"

#define BYTES(bytes, pages)   bytes,
#define PAGES(bytes, pages)   pages,
#define REGIONS(bytes, pages) (pages) * PAGE / (bytes),

const struct classes classes = {
    .bytes = {SIZE_CLASSES(BYTES)},
    .regions = {SIZE_CLASSES(REGIONS)},
    .pages = {SIZE_CLASSES(PAGES)},
};

/* steer: the prover looks at each row, and a quarter of them is what it manages at once */
/*@ ghost
  void class_facts(uint32_t c) {
      /@ assert first:  c < BINS / 4 ==> ClassOk(c); @/
      /@ assert second: BINS / 4 <= c < BINS / 2 ==> ClassOk(c); @/
      /@ assert third:  BINS / 2 <= c < BINS / 4 * 3 ==> ClassOk(c); @/
      /@ assert fourth: BINS / 4 * 3 <= c ==> ClassOk(c); @/
  }

  void multiple(long long p, long long k, long long n) {
  }

  // What d is times a, powers of two.
  /@ requires powers: Power(a) && Power(d) && a <= d;
     assigns \nothing;
     ensures times:   1 <= \result <= 0x1000 && d == \result * a; @/
  uint32_t power_times(uint32_t a, uint32_t d) {
      uint32_t m = 1, p = d;
      /@ loop invariant powers: Power(p) && Power(m) && a <= p;
         loop invariant times:  d == m * p;
         loop assigns m, p;
         loop variant p; @/
      while (p != a) { p /= 2; m *= 2; }
      return m;
  }

  // Multiples that are less than one apart are the same.
  /@ requires range: 0 <= n && 0 <= k && 0 < d && (k - 1) * d < n * d <= k * d;
     assigns \nothing;
     ensures same:   n == k; @/
  void same_multiple(long long n, long long k, long long d) {
  }

  // The lowest multiple of d from `bytes` on is one of a too.
  /@ requires powers: Power(a) && Power(d);
     requires whole:  d <= b && b % d == 0 && bytes % a == 0;
     requires lowest: b - d < bytes <= b;
     assigns \nothing;
     ensures multiple: b % a == 0; @/
  void round_up_to(uint32_t bytes, uint32_t b, uint32_t d, uint32_t a) {
      uint32_t k = b / d, q = bytes / a;
      /@ assert whole: b == k * d && bytes == q * a; @/
      if (a <= d) {
          uint32_t m = power_times(a, d);
          multiple(b, (long long)k * m, a);
      } else {
          uint32_t m = power_times(d, a);
          /@ assert parts: bytes == (q * m) * d; @/
          same_multiple((long long)q * m, k, d);
      }
  }

  void class_spaced(uint32_t c) {
      /@ assert first:  c < BINS / 4 ==> ClassSpaced(c); @/
      /@ assert second: BINS / 4 <= c < BINS / 2 ==> ClassSpaced(c); @/
      /@ assert third:  BINS / 2 <= c < BINS / 4 * 3 ==> ClassSpaced(c); @/
      /@ assert fourth: BINS / 4 * 3 <= c ==> ClassSpaced(c); @/
  }

  /@ requires class:  c < BINS;
     assigns \nothing;
     ensures gap:    Power(ClassGap(c)) && ClassEven(c) - (c == 0 ? 0 : ClassEven(c - 1)) == ClassGap(c);
     ensures whole:  ClassEven(c) % ClassGap(c) == 0; @/
  void class_gap(uint32_t c) {
  }

  void class_of_multiple(uint32_t c, uint32_t bytes, uint32_t a) {
      uint32_t b = classes.bytes[c], below = c == 0 ? 0 : classes.bytes[c - 1], d = b - below;
      class_gap(c);
      class_spaced(c);
      if (c > 0) class_spaced(c - 1);
      round_up_to(bytes, b, d, a);
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

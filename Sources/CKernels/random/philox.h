// Philox4x32-10, a vector of counters at a time.
#ifndef MTLC_KERNEL_PHILOX_H
#define MTLC_KERNEL_PHILOX_H

#include "../support/simd.h"

typedef uint64_t vu_wide __attribute__((vector_size(2 * MTLC_VECTOR_BYTES)));

INLINE void multiply(vu x, uint32_t by, vu *high, vu *low) {
  vu_wide product = __builtin_convertvector(x, vu_wide) * by;
  *high = __builtin_convertvector(product >> 32, vu);
  *low = __builtin_convertvector(product, vu);
}

/// Counters number .. number + VL in the first two words, the other two the same for all; in their
/// place what comes out.
INLINE void philox(vu c[4], uint64_t number, uint32_t third, uint32_t fourth, uint64_t key) {
  vu lane = (vu)lanes();
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  // The low word may wrap within the vector.
  vu c0 = lane + (uint32_t)number;
  vu c1 = ((vu)(c0 < lane) & 1) + (uint32_t)(number >> 32);
  vu c2 = lane * 0 + third, c3 = lane * 0 + fourth;
  for (int round = 0; round < 10; round++) {
    vu high0, low0, high1, low1;
    multiply(c2, 0xCD9E8D57u, &high0, &low0);
    multiply(c0, 0xD2511F53u, &high1, &low1);
    c0 = high0 ^ c1 ^ k0;
    c1 = low0;
    c2 = high1 ^ c3 ^ k1;
    c3 = low1;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  c[0] = c0, c[1] = c1, c[2] = c2, c[3] = c3;
}

#endif

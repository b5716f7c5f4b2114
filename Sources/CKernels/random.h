// Philox4x32-10, a vector of counters at a time.
#ifndef MTLC_RANDOM_KERNEL_H
#define MTLC_RANDOM_KERNEL_H

#include "mtlc_random.h"
#include "random_cut.h"
#include "simd.h"

typedef uint64_t vu_wide __attribute__((vector_size(2 * MTLC_VECTOR_BYTES)));

INLINE void multiply(vu x, uint32_t by, vu *high, vu *low) {
  vu_wide product = __builtin_convertvector(x, vu_wide) * by;
  *high = __builtin_convertvector(product >> 32, vu);
  *low = __builtin_convertvector(product, vu);
}

/// Elements 4 * block .. 4 * (block + VL).
static void uniform_block(const mtlc_random_args *t, uint32_t step, uint64_t block, float *out) {
  vu lane = (vu)lanes();
  uint32_t k0 = (uint32_t)t->seed, k1 = (uint32_t)(t->seed >> 32);
  // The low word may wrap within the vector.
  vu c0 = lane + (uint32_t)block;
  vu c1 = ((vu)(c0 < lane) & 1) + (uint32_t)(block >> 32);
  vu c2 = lane * 0 + step, c3 = lane * 0 + t->stream;
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
  vf f0 = __builtin_convertvector((vi)(c0 >> 8), vf) * 0x1p-24f;
  vf f1 = __builtin_convertvector((vi)(c1 >> 8), vf) * 0x1p-24f;
  vf f2 = __builtin_convertvector((vi)(c2 >> 8), vf) * 0x1p-24f;
  vf f3 = __builtin_convertvector((vi)(c3 >> 8), vf) * 0x1p-24f;
  vf even_low = zip_low(f0, f2), even_high = zip_high(f0, f2);
  vf odd_low = zip_low(f1, f3), odd_high = zip_high(f1, f3);
  store(out, zip_low(even_low, odd_low));
  store(out + VL, zip_high(even_low, odd_low));
  store(out + 2 * VL, zip_low(even_high, odd_high));
  store(out + 3 * VL, zip_high(even_high, odd_high));
}

static void random_run(const mtlc_random_args *t, int64_t first, int64_t last) {
  int64_t tile = random_tile(t->count);
  int64_t end = min_int(t->count, last * tile);
  uint32_t step = t->step ? (uint32_t)*t->step : 0;
  for (int64_t i = first * tile; i < end; i += 4 * VL) {
    if (i + 4 * VL <= end) {
      uniform_block(t, step, (uint64_t)i / 4, t->out + i);
    } else {
      float rest[4 * VL];
      uniform_block(t, step, (uint64_t)i / 4, rest);
      for (int64_t j = i; j < end; j++) t->out[j] = rest[j - i];
    }
  }
}

#endif

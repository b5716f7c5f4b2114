// Uniform numbers.
#ifndef MTLC_KERNEL_RANDOM_H
#define MTLC_KERNEL_RANDOM_H

#include "mtlc_random.h"
#include "philox.h"
#include "random_cut.h"
#include "../support/simd.h"

/// Elements 4 * block .. 4 * (block + VL).
static void uniform_block(const mtlc_random_args *t, uint32_t step, uint64_t block, float *out) {
  vu c[4];
  philox(c, block, step, t->stream, t->seed);
  vf f0 = __builtin_convertvector((vi)(c[0] >> 8), vf) * 0x1p-24f;
  vf f1 = __builtin_convertvector((vi)(c[1] >> 8), vf) * 0x1p-24f;
  vf f2 = __builtin_convertvector((vi)(c[2] >> 8), vf) * 0x1p-24f;
  vf f3 = __builtin_convertvector((vi)(c[3] >> 8), vf) * 0x1p-24f;
  vf even_low = zip_low(f0, f2), even_high = zip_high(f0, f2);
  vf odd_low = zip_low(f1, f3), odd_high = zip_high(f1, f3);
  store(out, zip_low(even_low, odd_low));
  store(out + VL, zip_high(even_low, odd_low));
  store(out + 2 * VL, zip_low(even_high, odd_high));
  store(out + 3 * VL, zip_high(even_high, odd_high));
}

/// Elements [first, end) to their places in rows that lie apart.
static void random_scatter(const mtlc_random_args *t, int64_t first, int64_t end,
                           const float *values) {
  int64_t row = first / t->columns, column = first - row * t->columns;
  while (first < end) {
    int64_t count = min_int(end - first, t->columns - column);
    __builtin_memcpy(t->out + row * t->ld + column, values, (size_t)count * sizeof *values);
    first += count, values += count, row++, column = 0;
  }
}

static void random_run(const mtlc_random_args *t, int64_t first, int64_t last) {
  int64_t tile = random_tile(t->count);
  int64_t end = min_int(t->count, last * tile);
  uint32_t step = t->step ? (uint32_t)*t->step : 0;
  uint64_t start = t->first_row ? (uint64_t)(*t->first_row * t->row_elements) : 0;
  for (int64_t i = first * tile, count; i < end; i += count) {
    // A part of a batch may begin within a counter.
    uint64_t element = start + (uint64_t)i;
    int64_t skipped = (int64_t)(element & 3);
    count = min_int(4 * VL - skipped, end - i);
    if (count == 4 * VL && t->columns == t->ld) {
      uniform_block(t, step, element / 4, t->out + i);
      continue;
    }
    float values[4 * VL];
    uniform_block(t, step, element / 4, values);
    if (t->columns != t->ld) {
      random_scatter(t, i, i + count, values + skipped);
    } else {
      __builtin_memcpy(t->out + i, values + skipped, (size_t)count * sizeof *values);
    }
  }
}

#endif

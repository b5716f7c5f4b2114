// Panels of op(B) copied to k rows of TILE_COLUMNS floats, padded with zeros: for a transposed B
// and for columns that do not fill a vector.
#ifndef MTLC_MATMUL_PACK_H
#define MTLC_MATMUL_PACK_H

#include "simd.h"

/// Rows [0, k) and columns [0, columns) of a plain B.
static void pack_plain(const float *b, int64_t ldb, int64_t k, int64_t columns, float *panel,
                       int64_t ld) {
  for (int64_t p = 0; p < k; p++, b += ldb, panel += ld)
    for (int64_t j = 0; j < columns; j += VL) store(panel + j, load_upto(b + j, columns - j));
}

/// Transposes a VL × VL block in registers: log2(VL) rounds, each interleaving rows i and i + VL/2.
INLINE void transpose(vf rows[VL]) {
  for (int width = 1; width < VL; width *= 2) {
    vf next[VL];
#pragma clang loop unroll(full)
    for (int i = 0; i < VL / 2; i++) {
#if MTLC_VECTOR_BYTES == 64
      next[2 * i] = __builtin_shufflevector(rows[i], rows[i + VL / 2], 0, 16, 1, 17, 2, 18, 3, 19,
                                            4, 20, 5, 21, 6, 22, 7, 23);
      next[2 * i + 1] = __builtin_shufflevector(rows[i], rows[i + VL / 2], 8, 24, 9, 25, 10, 26, 11,
                                                27, 12, 28, 13, 29, 14, 30, 15, 31);
#elif MTLC_VECTOR_BYTES == 32
      next[2 * i] = __builtin_shufflevector(rows[i], rows[i + VL / 2], 0, 8, 1, 9, 2, 10, 3, 11);
      next[2 * i + 1] =
          __builtin_shufflevector(rows[i], rows[i + VL / 2], 4, 12, 5, 13, 6, 14, 7, 15);
#else
      next[2 * i] = __builtin_shufflevector(rows[i], rows[i + VL / 2], 0, 4, 1, 5);
      next[2 * i + 1] = __builtin_shufflevector(rows[i], rows[i + VL / 2], 2, 6, 3, 7);
#endif
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < VL; i++) rows[i] = next[i];
  }
}

/// Rows [0, k) and columns [0, columns) of op(B) from B stored as [columns, k].
static void pack_transposed(const float *b, int64_t ldb, int64_t k, int64_t columns, float *panel,
                            int64_t ld) {
  for (int64_t j = 0; j < columns; j += VL)
    for (int64_t p = 0; p < k; p += VL) {
      vf rows[VL];
      int64_t height = min_int(VL, columns - j), width = min_int(VL, k - p);
      const float *from = b + j * ldb + p;
      float *to = panel + p * ld + j;
      if (height == VL && width == VL) {
        for (int i = 0; i < VL; i++) rows[i] = load(from + i * ldb);
        transpose(rows);
        for (int i = 0; i < VL; i++) store(to + i * ld, rows[i]);
      } else {
        for (int i = 0; i < VL; i++)
          rows[i] = i < height ? load_upto(from + i * ldb, width) : (vf){0};
        transpose(rows);
        for (int i = 0; i < VL; i++)
          if (i < width) store(to + i * ld, rows[i]);
      }
    }
}

#endif

// Panels of op(B) copied to k rows of TILE_COLUMNS floats, padded with zeros: for a transposed B
// and for columns that do not fill a vector.
#ifndef MTLC_KERNEL_MATMUL_PACK_H
#define MTLC_KERNEL_MATMUL_PACK_H

#include "../support/simd.h"

enum {
  /// From so many numbers from row to row on, the processor does not see the next rows coming.
  PACK_FAR = 1024,
  PACK_ROWS_AHEAD = 8,
};

/// Rows [0, k) and columns [0, columns) of a plain B.
static void pack_plain(const float *b, int64_t ldb, int64_t k, int64_t columns, float *panel,
                       int64_t ld) {
  const int64_t ahead = ldb >= PACK_FAR ? PACK_ROWS_AHEAD * ldb : 0;
  for (int64_t p = 0; p < k; p++, b += ldb, panel += ld)
    for (int64_t j = 0; j < columns; j += VL) {
      if (ahead) __builtin_prefetch(b + j + ahead, 0, 3);
      store(panel + j, load_upto(b + j, columns - j));
    }
}

/// Rows [0, k) and columns [0, columns) of op(B) from B stored as [columns, k].
static void pack_transposed(const float *b, int64_t ldb, int64_t k, int64_t columns, float *panel,
                            int64_t ld) {
  const int64_t ahead = ldb >= PACK_FAR ? 2 * VL : 0;
  for (int64_t j = 0; j < columns; j += VL)
    for (int64_t p = 0; p < k; p += VL) {
      vf rows[VL];
      int64_t height = min_int(VL, columns - j), width = min_int(VL, k - p);
      const float *from = b + j * ldb + p;
      float *to = panel + p * ld + j;
      if (height == VL && width == VL) {
        for (int i = 0; i < VL; i++) {
          if (ahead) __builtin_prefetch(from + i * ldb + ahead, 0, 3);
          rows[i] = load(from + i * ldb);
        }
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

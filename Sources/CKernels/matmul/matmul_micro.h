// Register tiles of the matrix product:
// buffer[rows, vectors * VL] += A[rows, k] · B[k, vectors * VL].
//
// Every element is one chain of multiply-adds over k in ascending order, whatever the shape of the
// tile it falls into, so cutting the work differently cannot change a bit.
#ifndef MTLC_KERNEL_MATMUL_MICRO_H
#define MTLC_KERNEL_MATMUL_MICRO_H

#include "../support/simd.h"

// The tile must leave registers for one row of B: 24 + 3 of 32, 12 + 3 of 16, or 8 + 2 of 16 where
// multiply and add need a temporary.
#if defined(MTLC_AVX512) || defined(__aarch64__)
enum { TILE_ROWS = 8, TILE_VECTORS = 3 };
#elif defined(MTLC_AVX2)
enum { TILE_ROWS = 4, TILE_VECTORS = 3 };
#else
enum { TILE_ROWS = 4, TILE_VECTORS = 2 };
#endif
enum { TILE_COLUMNS = TILE_VECTORS * VL };

// One row of A has few chains, so it takes more columns at once to hide the latency.
enum { ROW_VECTORS = 10 };

/// Element (i, k) of A lies at a[i * row_stride + k * k_stride].
typedef void micro_kernel(const float *a, int64_t row_stride, int64_t k_stride, const float *b,
                          int64_t ldb, int64_t k, float *buffer, int64_t ld, int32_t resume,
                          int64_t ahead);

/// What comes next is asked for while the sums are at work. `ahead` leads from an element of A to
/// the one that the next block of k, or the rows below, will want: with A transposed its rows are
/// far apart, so one line per step; else a line of each of the rows in turn.
INLINE void prefetch_ahead(const float *a, int64_t row_stride, int64_t p, int64_t ahead) {
  __builtin_prefetch(a + (row_stride == 1 ? 0 : (p & (TILE_ROWS - 1)) * row_stride) + ahead, 0, 2);
}

INLINE void micro_step(const int rows, const int vectors, vf sum[8][ROW_VECTORS], const float *a,
                       int64_t row_stride, const float *b) {
  vf row[ROW_VECTORS];
#pragma clang loop unroll(full)
  for (int j = 0; j < vectors; j++) row[j] = load(b + j * VL);
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) {
    vf x = splat(a[i * row_stride]);
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) sum[i][j] += x * row[j];
  }
}

INLINE void micro(const int rows, const int vectors, const float *a, int64_t row_stride,
                  int64_t k_stride, const float *b, int64_t ldb, int64_t k, float *buffer,
                  int64_t ld, int32_t resume, int64_t ahead) {
  vf sum[8][ROW_VECTORS];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++)
      sum[i][j] = resume ? load(buffer + i * ld + j * VL) : (vf){0};
  for (int64_t p = 0; p < k; p++, a += k_stride, b += ldb) {
    if (rows == TILE_ROWS && vectors == TILE_VECTORS) prefetch_ahead(a, row_stride, p, ahead);
    micro_step(rows, vectors, sum, a, row_stride, b);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) store(buffer + i * ld + j * VL, sum[i][j]);
}

// Two forms per shape: A's rows contiguous along k, or its columns contiguous along the rows.
#define MICRO_AS(name, rows, vectors, row_step, k_step)                                      \
  static void name(const float *a, int64_t row_stride, int64_t k_stride, const float *b,     \
                   int64_t ldb, int64_t k, float *buffer, int64_t ld, int32_t resume,        \
                   int64_t ahead) {                                                          \
    (void)row_stride, (void)k_stride;                                                        \
    micro(rows, vectors, a, row_step, k_step, b, ldb, k, buffer, ld, resume, ahead);         \
  }
#define MICRO(rows, vectors)                                         \
  MICRO_AS(micro_n_##rows##_##vectors, rows, vectors, row_stride, 1) \
  MICRO_AS(micro_t_##rows##_##vectors, rows, vectors, 1, k_stride)

#define MICRO_ROWS(vectors) \
  MICRO(1, vectors) MICRO(2, vectors) MICRO(3, vectors) MICRO(4, vectors)
#define MICRO_MORE_ROWS(vectors) \
  MICRO(5, vectors) MICRO(6, vectors) MICRO(7, vectors) MICRO(8, vectors)

MICRO_ROWS(1)
MICRO_ROWS(2)
MICRO_ROWS(3)
MICRO_MORE_ROWS(1)
MICRO_MORE_ROWS(2)
MICRO_MORE_ROWS(3)
MICRO(1, 4)
MICRO(1, 5)
MICRO(1, 6)
MICRO(1, 7)
MICRO(1, 8)
MICRO(1, 9)
MICRO(1, 10)

#define MICRO_TABLE(form, vectors)                                              \
  {                                                                             \
    micro_##form##_1_##vectors, micro_##form##_2_##vectors,                     \
        micro_##form##_3_##vectors, micro_##form##_4_##vectors,                 \
        micro_##form##_5_##vectors, micro_##form##_6_##vectors,                 \
        micro_##form##_7_##vectors, micro_##form##_8_##vectors,                 \
  }

/// By transposition of A, vectors - 1, rows - 1.
static micro_kernel *const micro_kernels[2][3][8] = {
    {MICRO_TABLE(n, 1), MICRO_TABLE(n, 2), MICRO_TABLE(n, 3)},
    {MICRO_TABLE(t, 1), MICRO_TABLE(t, 2), MICRO_TABLE(t, 3)},
};

/// For a single row: by transposition of A, vectors - 1.
static micro_kernel *const row_kernels[2][ROW_VECTORS] = {
    {micro_n_1_1, micro_n_1_2, micro_n_1_3, micro_n_1_4, micro_n_1_5, micro_n_1_6, micro_n_1_7,
     micro_n_1_8, micro_n_1_9, micro_n_1_10},
    {micro_t_1_1, micro_t_1_2, micro_t_1_3, micro_t_1_4, micro_t_1_5, micro_t_1_6, micro_t_1_7,
     micro_t_1_8, micro_t_1_9, micro_t_1_10},
};

#endif

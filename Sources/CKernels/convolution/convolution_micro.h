// Register tiles of convolutions: a few rows from anywhere times a panel of vectors.
#ifndef MTLC_KERNEL_CONVOLUTION_MICRO_H
#define MTLC_KERNEL_CONVOLUTION_MICRO_H

#include "../support/simd.h"

// 24 sums, 4 vectors of the panel and a factor of 32 registers; 8 + 2 + 1 of 16.
#if defined(MTLC_AVX512) || defined(__aarch64__)
enum { CONV_ROWS = 6, CONV_VECTORS = 4 };
#else
enum { CONV_ROWS = 4, CONV_VECTORS = 2 };
#endif
enum { CONV_COLUMNS = CONV_VECTORS * VL };

/// sums[i, :] (+)= Σ_p rows[i][p] · b[p, :].
typedef void conv_rows_kernel(const float *const *rows, const float *b, int64_t ldb, int64_t k,
                              float *sums, int32_t resume);

INLINE void conv_rows(const int count, const int vectors, const float *const *rows, const float *b,
                      int64_t ldb, int64_t k, float *sums, int32_t resume) {
  vf sum[CONV_ROWS][CONV_VECTORS];
  const float *row[CONV_ROWS];
#pragma clang loop unroll(full)
  for (int i = 0; i < count; i++) {
    row[i] = rows[i];
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++)
      sum[i][j] = resume ? load(sums + i * CONV_COLUMNS + j * VL) : (vf){0};
  }
  for (int64_t p = 0; p < k; p++, b += ldb) {
    vf panel[CONV_VECTORS];
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) panel[j] = load(b + j * VL);
#pragma clang loop unroll(full)
    for (int i = 0; i < count; i++) {
      vf x = splat(row[i][p]);
#pragma clang loop unroll(full)
      for (int j = 0; j < vectors; j++) sum[i][j] += x * panel[j];
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < count; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) store(sums + i * CONV_COLUMNS + j * VL, sum[i][j]);
}

/// Neighbouring pixels of a row of the result and the pixels of the image that they meet.
typedef struct {
  const float *x, *y;
  int64_t count;
} conv_run;

/// sums[i, :] (+)= Σ over the pixels of all runs of x[i] · y[:].
typedef void conv_runs_kernel(const conv_run *runs, int64_t run_count, int64_t channel,
                              int64_t x_stride, int64_t column, int64_t y_stride, float *sums,
                              int64_t ld, int32_t resume);

INLINE void conv_runs(const int count, const int vectors, const conv_run *runs, int64_t run_count,
                      int64_t channel, int64_t x_stride, int64_t column, int64_t y_stride,
                      float *sums, int64_t ld, int32_t resume) {
  vf sum[CONV_ROWS][CONV_VECTORS];
#pragma clang loop unroll(full)
  for (int i = 0; i < count; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++)
      sum[i][j] = resume ? load(sums + i * ld + j * VL) : (vf){0};
  for (int64_t r = 0; r < run_count; r++) {
    const float *x = runs[r].x + channel, *y = runs[r].y + column;
    for (int64_t p = runs[r].count; p > 0; p--, x += x_stride, y += y_stride) {
      vf panel[CONV_VECTORS];
#pragma clang loop unroll(full)
      for (int j = 0; j < vectors; j++) panel[j] = load(y + j * VL);
#pragma clang loop unroll(full)
      for (int i = 0; i < count; i++) {
        vf factor = splat(x[i]);
#pragma clang loop unroll(full)
        for (int j = 0; j < vectors; j++) sum[i][j] += factor * panel[j];
      }
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < count; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) store(sums + i * ld + j * VL, sum[i][j]);
}

#define CONV_MICRO(count, vectors)                                                            \
  static void conv_rows_##count##_##vectors(const float *const *rows, const float *b,         \
                                            int64_t ldb, int64_t k, float *sums,              \
                                            int32_t resume) {                                 \
    conv_rows(count, vectors, rows, b, ldb, k, sums, resume);                                 \
  }                                                                                           \
  static void conv_runs_##count##_##vectors(                                                  \
      const conv_run *runs, int64_t run_count, int64_t channel, int64_t x_stride,             \
      int64_t column, int64_t y_stride, float *sums, int64_t ld, int32_t resume) {            \
    conv_runs(count, vectors, runs, run_count, channel, x_stride, column, y_stride, sums, ld, \
              resume);                                                                        \
  }
#define CONV_MICRO_ROWS(vectors) \
  CONV_MICRO(1, vectors) CONV_MICRO(2, vectors) CONV_MICRO(3, vectors) CONV_MICRO(4, vectors)

CONV_MICRO_ROWS(1)
CONV_MICRO_ROWS(2)
#if defined(MTLC_AVX512) || defined(__aarch64__)
CONV_MICRO_ROWS(3)
CONV_MICRO_ROWS(4)
CONV_MICRO(5, 1) CONV_MICRO(5, 2) CONV_MICRO(5, 3) CONV_MICRO(5, 4)
CONV_MICRO(6, 1) CONV_MICRO(6, 2) CONV_MICRO(6, 3) CONV_MICRO(6, 4)
#define CONV_TABLE(form, vectors)                                                        \
  {                                                                                      \
    conv_##form##_1_##vectors, conv_##form##_2_##vectors, conv_##form##_3_##vectors,     \
        conv_##form##_4_##vectors, conv_##form##_5_##vectors, conv_##form##_6_##vectors, \
  }
#define CONV_TABLES(form)                                                        \
  {CONV_TABLE(form, 1), CONV_TABLE(form, 2), CONV_TABLE(form, 3), CONV_TABLE(form, 4)}
#else
#define CONV_TABLE(form, vectors)                                                    \
  {                                                                                  \
    conv_##form##_1_##vectors, conv_##form##_2_##vectors, conv_##form##_3_##vectors, \
        conv_##form##_4_##vectors,                                                   \
  }
#define CONV_TABLES(form) {CONV_TABLE(form, 1), CONV_TABLE(form, 2)}
#endif

/// By vectors - 1 and rows - 1.
static conv_rows_kernel *const conv_rows_kernels[CONV_VECTORS][CONV_ROWS] = CONV_TABLES(rows);
static conv_runs_kernel *const conv_runs_kernels[CONV_VECTORS][CONV_ROWS] = CONV_TABLES(runs);

#endif

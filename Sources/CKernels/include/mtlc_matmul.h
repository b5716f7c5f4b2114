#ifndef MTLC_MATMUL_H
#define MTLC_MATMUL_H

#include "mtlc_activation.h"
#include "mtlc_optimizer.h"

/// How exact the numbers are that are multiplied; sums are floats in any case. Less than the highest
/// is a permission: products that gain nothing from it ignore it.
typedef enum mtlc_precision {
  MTLC_PRECISION_HIGHEST = 0,  // float
  MTLC_PRECISION_HIGH = 1,     // two bfloat16: to 2^-17 of each number
  MTLC_PRECISION_MEDIUM = 2,   // one bfloat16: to 2^-8
} mtlc_precision;

enum { MTLC_PRECISION_COUNT = MTLC_PRECISION_MEDIUM + 1 };

/// C[m, n] = epilogue(op(A)[m, k] · op(B)[k, n]) for each of `groups` independent products.
///
///   v = op(A)·op(B)  (+ addend)  (+ bias)
///   v = activation(v)                on columns [activation_begin, activation_end)
///   v = v * activation'(y)           on the same columns, when activation_gradient is set
///   C = v, or update(parameter, gradient = v) when `update` is set: then C is not touched
///   crossed = v * factor  (+ residual)  when `factor` is set, without groups and `update`
///
/// k = 0 gives the epilogue of zero. C and `crossed` may each be the same memory as one of addend, y,
/// factor and residual (same leading dimension): an element is read before its place is written.
typedef struct mtlc_matmul_args {
  // Extents. In forward m is the number of rows of the batch; in a weight gradient k is.
  int64_t m, n, k;
  int64_t groups;  ///< 1 for a plain product.

  const float *a;  ///< [m, k], or [k, m] when transpose_a; row stride lda.
  int64_t lda, a_group_stride;
  const float *b;  ///< [k, n], or [n, k] when transpose_b; row stride ldb.
  int64_t ldb, b_group_stride;
  float *c;  ///< [m, n]; may be NULL with `update` or `factor`.
  int64_t ldc, c_group_stride;
  int32_t transpose_a, transpose_b;

  const float *addend;  ///< [m, n] or NULL; C itself where the product is added to it.
  int64_t ldadd, addend_group_stride;

  mtlc_activation activation;
  mtlc_activation activation_gradient;  ///< The activation whose output y is.
  mtlc_precision precision;
  int64_t activation_begin, activation_end;  ///< activation_end = 0 means all n columns.
  const float *bias;                         ///< [n] or NULL.
  int64_t bias_group_stride;
  const float *y;  ///< [m, n]; used with activation_gradient.
  int64_t ldy, y_group_stride;
  const float *factor, *residual;  ///< [m, n] or NULL.
  int64_t ldf, ldr;
  float *crossed;  ///< [m, n]; with `factor`.
  int64_t ldx;

  /// Column sums of op(B): colsum[n] = Σ_k op(B)[k, n] (the bias gradient beside a weight
  /// gradient), or NULL. With `colsum_update` the sums are applied as the gradient of a bias
  /// parameter instead of being stored; then colsum may be NULL.
  float *colsum;
  int64_t colsum_group_stride;

  const mtlc_optimizer_update *update;         ///< NULL: store C. Layout [m, n].
  const mtlc_optimizer_update *colsum_update;  ///< NULL: store colsum. Layout [1, n].
} mtlc_matmul_args;

int64_t mtlc_matmul_tiles(const mtlc_matmul_args *args);
void mtlc_matmul_run(const mtlc_matmul_args *args, int64_t first, int64_t last);

#endif

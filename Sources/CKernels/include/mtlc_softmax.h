#ifndef MTLC_SOFTMAX_H
#define MTLC_SOFTMAX_H

#include <stdint.h>

/// y = softmax(x) over the last axis. y may be the same memory as x.
typedef struct mtlc_softmax_args {
  int64_t rows;  ///< Extent.
  int64_t cols;
  const float *x;
  int64_t ldx;
  float *y;
  int64_t ldy;
} mtlc_softmax_args;

int64_t mtlc_softmax_tiles(const mtlc_softmax_args *args);
void mtlc_softmax_run(const mtlc_softmax_args *args, int64_t first, int64_t last);

/// dx = y (dy - Σ dy y). dx may be the same memory as y or dy.
typedef struct mtlc_softmax_gradient_args {
  int64_t rows;  ///< Extent.
  int64_t cols;
  const float *y;
  int64_t ldy;
  const float *dy;
  int64_t lddy;
  float *dx;
  int64_t lddx;
} mtlc_softmax_gradient_args;

int64_t mtlc_softmax_gradient_tiles(const mtlc_softmax_gradient_args *args);
void mtlc_softmax_gradient_run(const mtlc_softmax_gradient_args *args, int64_t first, int64_t last);

#endif

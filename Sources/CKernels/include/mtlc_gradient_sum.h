#ifndef MTLC_GRADIENT_SUM_H
#define MTLC_GRADIENT_SUM_H

#include <stdint.h>

/// As many sums as a tree of 2^32 vectors keeps at a time.
enum { MTLC_GRADIENT_SUM_TERMS = 32 };

/// out = terms[n - 1] + (… + (terms[1] + (terms[0] + scale * x))): a vector takes its place in a sum of many
/// whose order is a tree. The product is rounded before it is added to, so that a vector that was scaled
/// elsewhere gives the same bits.
typedef struct mtlc_gradient_sum_args {
  int64_t count;
  const float *x;
  float scale;
  int32_t term_count;
  const float *terms[MTLC_GRADIENT_SUM_TERMS];
  float *out;  ///< May be x, or one of the terms.
} mtlc_gradient_sum_args;

int64_t mtlc_gradient_sum_tiles(const mtlc_gradient_sum_args *args);
void mtlc_gradient_sum_run(const mtlc_gradient_sum_args *args, int64_t first, int64_t last);

#endif

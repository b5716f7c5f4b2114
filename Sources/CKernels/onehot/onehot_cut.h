// How one-hot products are cut: like the matrix products they replace, the gradient along the rows
// of the weight.
#ifndef MTLC_KERNEL_ONEHOT_CUT_H
#define MTLC_KERNEL_ONEHOT_CUT_H

#include "../matmul/matmul_cut.h"
#include "mtlc_embedding.h"

INLINE matmul_cut onehot_linear_cut(const mtlc_onehot_linear_args *t) {
  double work = (double)t->rows * (double)t->n * (double)t->feature_count;
  return cut_rectangle(t->rows, t->n, 4 * work, t->rows >= CUT_LARGE_BATCH);
}

INLINE int64_t onehot_weight_rows(const mtlc_onehot_gradient_args *t) {
  int64_t rows = 0;
  for (int64_t f = 0; f < t->feature_count; f++)
    rows = max_int(rows, t->row_offsets[f] + t->row_counts[f]);
  return rows;
}

INLINE matmul_cut onehot_gradient_cut(const mtlc_onehot_gradient_args *t) {
  int64_t rows = onehot_weight_rows(t);
  double work = (double)t->rows * (double)t->n * (double)t->feature_count;
  if (t->update) work += 8 * (double)rows * (double)t->n;
  return cut_rectangle(rows, t->n, 4 * work, 1);
}

#endif

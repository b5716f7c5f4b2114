// Sums of gradients in a tree.
#ifndef MTLC_KERNEL_GRADIENT_SUM_H
#define MTLC_KERNEL_GRADIENT_SUM_H

#include "mtlc_gradient_sum.h"
#include "gradient_sum_cut.h"
#include "../support/simd.h"

static void gradient_sum_run(const mtlc_gradient_sum_args *t, int64_t first, int64_t last) {
#pragma clang fp contract(off)
  int64_t end = min_int(t->count, last * GRADIENT_SUM_TILE);
  for (int64_t i = first * GRADIENT_SUM_TILE; i < end; i += VL) {
    int64_t left = end - i;
    vf sum = load_upto(t->x + i, left) * t->scale;
    for (int32_t k = 0; k < t->term_count; k++) sum = load_upto(t->terms[k] + i, left) + sum;
    store_upto(t->out + i, sum, left);
  }
}

#endif

// Column sums of op(B), the gradients of biases, beside a product: stored, or applied as a step.
#ifndef MTLC_KERNEL_MATMUL_SUMS_H
#define MTLC_KERNEL_MATMUL_SUMS_H

#include "matmul_cut.h"
#include "matmul_epilogue.h"

/// The end of a vector of column sums: stored, or applied as the gradient of a bias.
INLINE void finish_column_sum(const matmul_group *g, vf sum, int64_t j, int64_t n) {
  const mtlc_optimizer_update *u = g->args->colsum_update;
  if (!u) {
    store_upto(g->colsum + j, sum, n);
    return;
  }
  step_constants s = step_constants_of(u->hyper, u->l2);
  int64_t at = g->number * u->group_stride + j;
  step(u->kind, STEP_GRADIENT, &s, sum, u->parameter + at, u->state1 + at, u->state2 + at,
       STEP_SOME, n);
}

/// Column sums of op(B), in ascending order of k, several vectors at a time.
static void column_sums(const matmul_group *g, int64_t j0, int64_t j1) {
  enum { TOGETHER = 8 };
  const mtlc_matmul_args *t = g->args;
  int64_t j = j0;
  for (; !t->transpose_b && j + TOGETHER * VL <= j1; j += TOGETHER * VL) {
    vf sums[TOGETHER];
    const float *b = g->b + j;
#pragma clang loop unroll(full)
    for (int i = 0; i < TOGETHER; i++)
      sums[i] = (vf){0};
    for (int64_t p = 0; p < t->k; p++, b += t->ldb)
#pragma clang loop unroll(full)
      for (int i = 0; i < TOGETHER; i++) sums[i] += load(b + i * VL);
    for (int i = 0; i < TOGETHER; i++) finish_column_sum(g, sums[i], j + i * VL, VL);
  }
  for (; j < j1; j += VL) {
    int64_t n = min_int(VL, j1 - j);
    vf sum = {0};
    if (t->transpose_b) {
      for (int64_t l = 0; l < n; l++) {
        const float *row = g->b + (j + l) * t->ldb;
        for (int64_t p = 0; p < t->k; p++) sum[l] += row[p];
      }
    } else {
      const float *b = g->b + j;
      if (n == VL)
        for (int64_t p = 0; p < t->k; p++, b += t->ldb) sum += load(b);
      else
        for (int64_t p = 0; p < t->k; p++, b += t->ldb) sum += load_n(b, n);
    }
    finish_column_sum(g, sum, j, n);
  }
}

/// The share of a span's rows in the column sums of its columns: whole vectors of every variant. For
/// a small batch the first rows have all of them, or two cores would write lines of one bias.
INLINE void owe_column_sums(matmul_group *g, const matmul_cut *cut, const matmul_span *s) {
  if (!g->args->colsum && !g->args->colsum_update) return;
  if (g->args->k < CUT_LARGE_BATCH) {
    g->sums_begin = s->j0;
    g->sums_end = s->i0 == 0 ? s->j1 : s->j0;
    return;
  }
  int64_t units = ceil_div(s->j1 - s->j0, CUT_COLUMNS);
  int64_t row = s->i0 / cut->block_rows;
  int64_t end = max_int(row + 1, ceil_div(s->i1, cut->block_rows));
  g->sums_begin = s->j0 + units * row / cut->row_blocks * CUT_COLUMNS;
  g->sums_end = min_int(s->j1, s->j0 + units * end / cut->row_blocks * CUT_COLUMNS);
}

#endif

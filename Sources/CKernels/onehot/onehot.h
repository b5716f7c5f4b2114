// What is left of a matrix product whose left operand is one-hot: sums of weight rows, and
// gradients added to weight rows.
#ifndef MTLC_KERNEL_ONEHOT_H
#define MTLC_KERNEL_ONEHOT_H

#include "../matmul/matmul_micro.h"
#include "onehot_cut.h"
#include "onehot_update.h"
#include "../support/vector_math.h"

/// The weight row that feature f of a row of ids selects, or -1.
INLINE int64_t selected_row(const int32_t *ids, const int64_t *id_columns, const int64_t *offsets,
                            const int64_t *counts, int64_t f) {
  int32_t id = ids[id_columns[f]];
  return id < 0 ? -1 : offsets[f] + (id < counts[f] ? id : 0);
}

INLINE vf onehot_finish(const mtlc_onehot_linear_args *t, vf x, const float *out, int64_t j,
                        int64_t n) {
  if (t->accumulate) x += load_upto(out + j, n);
  if (t->bias) x += load_upto(t->bias + j, n);
  int64_t end = t->activation_end ? t->activation_end : t->n;
  if (!t->activation || j >= end || j + VL <= t->activation_begin) return x;
  return keep_outside(activate(t->activation, x), x, t->activation_begin, end, j);
}

/// Columns [j, j + vectors * VL) of rows [i0, i1), all sums in registers.
INLINE void onehot_panel(const mtlc_onehot_linear_args *t, int64_t i0, int64_t i1, int64_t j,
                         const int vectors) {
  for (int64_t i = i0; i < i1; i++) {
    const int32_t *ids = t->ids + i * t->ld_ids;
    vf sum[ROW_VECTORS];
    for (int v = 0; v < vectors; v++) sum[v] = (vf){0};
    for (int64_t f = 0; f < t->feature_count; f++) {
      int64_t row = selected_row(ids, t->id_columns, t->row_offsets, t->row_counts, f);
      if (row < 0) continue;
      const float *w = t->weight + row * t->ld_weight + j;
      for (int v = 0; v < vectors; v++) sum[v] += load(w + v * VL);
    }
    float *out = t->out + i * t->ld_out;
    for (int v = 0; v < vectors; v++)
      store(out + j + v * VL, onehot_finish(t, sum[v], out, j + v * VL, VL));
  }
}

/// The n < VL columns from j on.
static void onehot_edge(const mtlc_onehot_linear_args *t, int64_t i0, int64_t i1, int64_t j,
                        int64_t n) {
  for (int64_t i = i0; i < i1; i++) {
    const int32_t *ids = t->ids + i * t->ld_ids;
    vf sum = {0};
    for (int64_t f = 0; f < t->feature_count; f++) {
      int64_t row = selected_row(ids, t->id_columns, t->row_offsets, t->row_counts, f);
      if (row >= 0) sum += load_n(t->weight + row * t->ld_weight + j, n);
    }
    float *out = t->out + i * t->ld_out;
    store_n(out + j, onehot_finish(t, sum, out, j, n), n);
  }
}

static void onehot_rectangle(const mtlc_onehot_linear_args *t, const matmul_span *s) {
  int64_t j = s->j0, whole = (s->j1 - s->j0) / VL;
  while (whole > 0) {
    int64_t vectors = ceil_div(whole, ceil_div(whole, ROW_VECTORS));
    switch (vectors) {
      case 1: onehot_panel(t, s->i0, s->i1, j, 1); break;
      case 2: onehot_panel(t, s->i0, s->i1, j, 2); break;
      case 3: onehot_panel(t, s->i0, s->i1, j, 3); break;
      case 4: onehot_panel(t, s->i0, s->i1, j, 4); break;
      case 5: onehot_panel(t, s->i0, s->i1, j, 5); break;
      case 6: onehot_panel(t, s->i0, s->i1, j, 6); break;
      case 7: onehot_panel(t, s->i0, s->i1, j, 7); break;
      case 8: onehot_panel(t, s->i0, s->i1, j, 8); break;
      case 9: onehot_panel(t, s->i0, s->i1, j, 9); break;
      default: onehot_panel(t, s->i0, s->i1, j, ROW_VECTORS); break;
    }
    j += vectors * VL;
    whole -= vectors;
  }
  if (j < s->j1) onehot_edge(t, s->i0, s->i1, j, s->j1 - j);
}

static void onehot_linear_run(const mtlc_onehot_linear_args *t, int64_t first, int64_t last) {
  if (first >= last) return;
  matmul_cut cut = onehot_linear_cut(t);
  while (first < last) {
    matmul_span s = matmul_span_of(&cut, first, last, t->rows, t->n);
    onehot_rectangle(t, &s);
    first = s.next;
  }
}

/// Column sums of d_out.
static void onehot_bias(const mtlc_onehot_gradient_args *t, int64_t j0, int64_t j1) {
  for (int64_t j = j0; j < j1; j += VL) {
    int64_t n = min_int(VL, j1 - j);
    vf sum = {0};
    for (int64_t i = 0; i < t->rows; i++) sum += load_upto(t->d_out + i * t->ld_d_out + j, n);
    store_upto(t->d_bias + j, sum, n);
  }
}

/// A rectangle of the weight: the gradients that fall into it, in the order of the batch.
static void onehot_gradient_rectangle(const mtlc_onehot_gradient_args *t, const matmul_span *s) {
  for (int64_t i = 0; i < t->rows; i++) {
    const int32_t *ids = t->ids + i * t->ld_ids;
    const float *d = t->d_out + i * t->ld_d_out;
    for (int64_t f = 0; f < t->feature_count; f++) {
      int64_t row = selected_row(ids, t->id_columns, t->row_offsets, t->row_counts, f);
      if (row < s->i0 || row >= s->i1) continue;
      float *w = t->d_weight + row * t->ld_d_weight;
      int64_t j = s->j0;
      for (; j + VL <= s->j1; j += VL) store(w + j, load(w + j) + load(d + j));
      if (j < s->j1) store_n(w + j, load_n(w + j, s->j1 - j) + load_n(d + j, s->j1 - j), s->j1 - j);
    }
  }
}

static void onehot_gradient_run(const mtlc_onehot_gradient_args *t, int64_t first, int64_t last) {
  if (first >= last) return;
  int64_t rows = onehot_weight_rows(t);
  matmul_cut cut = onehot_gradient_cut(t);
  while (first < last) {
    matmul_span s = matmul_span_of(&cut, first, last, rows, t->n);
    if (s.i0 == 0 && t->d_bias) onehot_bias(t, s.j0, s.j1);
    if (t->update)
      onehot_update_rectangle(t, &s);
    else
      onehot_gradient_rectangle(t, &s);
    first = s.next;
  }
}

#endif

// The gradient of a one-hot product with the optimizer's step at once: the rows of the batch are
// listed by id, so each row of the weight has its gradient summed in registers and is stepped, and
// no gradient ever reaches memory.
#ifndef MTLC_ONEHOT_UPDATE_H
#define MTLC_ONEHOT_UPDATE_H

#include "matmul_micro.h"
#include "onehot_cut.h"
#include "update.h"

/// The rows of the batch by the id of one feature: lists in the order of the batch, -1 at the end.
typedef struct {
  int32_t head[MTLC_ONEHOT_UPDATE_ROWS];
  int32_t next[MTLC_ONEHOT_UPDATE_BATCH];
  int64_t count;
  int32_t chosen[MTLC_ONEHOT_UPDATE_ROWS];  // the ids to step, unless it is all
} onehot_lists;

/// Lists the rows with the ids [low, high) of feature f.
INLINE void list_by_id(const mtlc_onehot_gradient_args *t, int64_t f, int64_t low, int64_t high,
                       onehot_lists *lists) {
  for (int64_t k = 0; k < high - low; k++) lists->head[k] = -1;
  const int32_t *ids = t->ids + t->id_columns[f];
  // From the last row to the first, each in front of those that follow it.
  for (int64_t i = t->rows - 1; i >= 0; i--) {
    int64_t id = ids[i * t->ld_ids];
    if (id >= t->row_counts[f]) id = 0;
    if (id < low || id >= high) continue;
    lists->next[i] = lists->head[id - low];
    lists->head[id - low] = (int32_t)i;
  }
  lists->count = high - low;
  if (t->update_rows == MTLC_ROWS_ALL) return;
  // Written down first: a loop that met an unpredictable choice at every id would stumble.
  lists->count = 0;
  for (int64_t k = 0; k < high - low; k++) {
    lists->chosen[lists->count] = (int32_t)k;
    int32_t other = lists->head[k] < 0 ? MTLC_ROWS_PRESENT : MTLC_ROWS_ABSENT;
    lists->count += t->update_rows != other;
  }
}

/// sums = the gradient of one row, columns [j, j + vectors * VL): the rows of the batch from `i` on in
/// its list, which is walked once for all columns.
INLINE void sum_listed(const mtlc_onehot_gradient_args *t, const onehot_lists *lists, int32_t i,
                       int64_t j, const int vectors, float *sums) {
  vf g[ROW_VECTORS];
  for (int v = 0; v < vectors; v++) g[v] = (vf){0};
  for (; i >= 0; i = lists->next[i]) {
    const float *d = t->d_out + i * t->ld_d_out + j;
    for (int v = 0; v < vectors; v++) g[v] += load(d + v * VL);
  }
  for (int v = 0; v < vectors; v++) store(sums + v * VL, g[v]);
}

/// The gradient of one row, columns [j0, j1).
static void row_gradient(const mtlc_onehot_gradient_args *t, const onehot_lists *lists, int32_t i,
                         int64_t j0, int64_t j1, float *sums) {
  int64_t j = j0, whole = (j1 - j0) / VL;
  while (whole > 0) {
    int64_t vectors = whole;
    if (whole > ROW_VECTORS) vectors = ceil_div(whole, ceil_div(whole, ROW_VECTORS));
    float *to = sums + (j - j0);
    switch (vectors) {
      case 1: sum_listed(t, lists, i, j, 1, to); break;
      case 2: sum_listed(t, lists, i, j, 2, to); break;
      case 3: sum_listed(t, lists, i, j, 3, to); break;
      case 4: sum_listed(t, lists, i, j, 4, to); break;
      case 5: sum_listed(t, lists, i, j, 5, to); break;
      case 6: sum_listed(t, lists, i, j, 6, to); break;
      case 7: sum_listed(t, lists, i, j, 7, to); break;
      case 8: sum_listed(t, lists, i, j, 8, to); break;
      case 9: sum_listed(t, lists, i, j, 9, to); break;
      default: sum_listed(t, lists, i, j, ROW_VECTORS, to); break;
    }
    j += vectors * VL;
    whole -= vectors;
  }
  if (j == j1) return;
  vf g = {0};
  for (; i >= 0; i = lists->next[i]) g += load_n(t->d_out + i * t->ld_d_out + j, j1 - j);
  store(sums + (j - j0), g);
}

/// The same sums, which step the parameters at `at` straight from the registers.
INLINE void step_listed(const int32_t kind, const step_constants *s,
                        const mtlc_onehot_gradient_args *t, const onehot_lists *lists, int32_t i,
                        int64_t j, const int vectors, int64_t at) {
  const mtlc_optimizer_update *u = t->update;
  vf g[ROW_VECTORS];
#pragma clang loop unroll(full)
  for (int v = 0; v < vectors; v++) g[v] = (vf){0};
  for (; i >= 0; i = lists->next[i]) {
    const float *d = t->d_out + i * t->ld_d_out + j;
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) g[v] += load(d + v * VL);
  }
  float *parameter = u->parameter + at, *state1 = u->state1 + at, *state2 = u->state2 + at;
#pragma clang loop unroll(full)
  for (int v = 0; v < vectors; v++)
    step(kind, s, g[v], parameter + v * VL, state1 + v * VL, state2 + v * VL, 1, VL);
}

/// A whole number of vectors from column j on, as many as registers hold: plain Adam, of which there
/// is a loop for each width.
static void step_whole(const step_constants *s, const mtlc_onehot_gradient_args *t,
                       const onehot_lists *lists, int32_t i, int64_t j, int64_t vectors,
                       int64_t at) {
  switch (vectors) {
    case 1: step_listed(PLAIN_ADAM, s, t, lists, i, j, 1, at); break;
    case 2: step_listed(PLAIN_ADAM, s, t, lists, i, j, 2, at); break;
    case 3: step_listed(PLAIN_ADAM, s, t, lists, i, j, 3, at); break;
    case 4: step_listed(PLAIN_ADAM, s, t, lists, i, j, 4, at); break;
    case 5: step_listed(PLAIN_ADAM, s, t, lists, i, j, 5, at); break;
    case 6: step_listed(PLAIN_ADAM, s, t, lists, i, j, 6, at); break;
    case 7: step_listed(PLAIN_ADAM, s, t, lists, i, j, 7, at); break;
    case 8: step_listed(PLAIN_ADAM, s, t, lists, i, j, 8, at); break;
    case 9: step_listed(PLAIN_ADAM, s, t, lists, i, j, 9, at); break;
    default: step_listed(PLAIN_ADAM, s, t, lists, i, j, ROW_VECTORS, at); break;
  }
}

/// Steps columns [j, j1) of the weight's row at `at`; `gradient` may be NULL for zeros.
INLINE void step_row(const int32_t kind, const step_constants *s, const mtlc_optimizer_update *u,
                     int64_t at, int64_t j, int64_t j1, const float *gradient) {
  for (; j + VL <= j1; j += VL) {
    vf g = gradient ? load(gradient) : (vf){0};
    step(kind, s, g, u->parameter + at + j, u->state1 + at + j, u->state2 + at + j, 1, VL);
    if (gradient) gradient += VL;
  }
  if (j < j1)
    step(kind, s, gradient ? load(gradient) : (vf){0}, u->parameter + at + j, u->state1 + at + j,
         u->state2 + at + j, 0, j1 - j);
}

/// Steps the rows of ids [low, high) of feature f, columns [j0, j1).
INLINE void onehot_update_feature(const int32_t kind, const step_constants *s,
                                  const mtlc_onehot_gradient_args *t, int64_t f, int64_t low,
                                  int64_t high, int64_t j0, int64_t j1) {
  enum { AT_ONCE = 4 * ROW_VECTORS * VL };
  const mtlc_optimizer_update *u = t->update;
  onehot_lists lists;
  float gradient[AT_ONCE];
  list_by_id(t, f, low, high, &lists);
  for (int64_t c = 0; c < lists.count; c++) {
    int64_t k = t->update_rows == MTLC_ROWS_ALL ? c : lists.chosen[c];
    int64_t at = (t->row_offsets[f] + low + k) * u->ld;
    int32_t first = lists.head[k];
    if (first < 0) {
      step_row(kind, s, u, at, j0, j1, 0);
      continue;
    }
    int64_t j = j0;
    if (kind == PLAIN_ADAM)
      for (int64_t whole = (j1 - j0) / VL; whole > 0;) {
        int64_t vectors = ceil_div(whole, ceil_div(whole, ROW_VECTORS));
        step_whole(s, t, &lists, first, j, vectors, at + j);
        j += vectors * VL;
        whole -= vectors;
      }
    for (; j < j1; j += AT_ONCE) {
      int64_t end = min_int(j1, j + AT_ONCE);
      row_gradient(t, &lists, first, j, end, gradient);
      step_row(kind, s, u, at, j, end, gradient);
    }
  }
}

INLINE void onehot_update_as(const int32_t kind, const step_constants *s,
                             const mtlc_onehot_gradient_args *t, const matmul_span *span) {
  for (int64_t f = 0; f < t->feature_count; f++) {
    int64_t low = max_int(0, span->i0 - t->row_offsets[f]);
    int64_t high = min_int(t->row_counts[f], span->i1 - t->row_offsets[f]);
    if (low < high) onehot_update_feature(kind, s, t, f, low, high, span->j0, span->j1);
  }
}

/// A small gradient that another core may have computed is asked for at once: walking the lists
/// would wait for it line by line.
INLINE void fetch_gradient(const mtlc_onehot_gradient_args *t, const matmul_span *span) {
  enum { SMALL = 8192, LINE = 16 };
  if (t->update_rows == MTLC_ROWS_ABSENT || t->rows * (span->j1 - span->j0) > SMALL) return;
  for (int64_t i = 0; i < t->rows; i++)
    for (int64_t j = span->j0; j < span->j1; j += LINE)
      __builtin_prefetch(t->d_out + i * t->ld_d_out + j);
}

static void onehot_update_rectangle(const mtlc_onehot_gradient_args *t, const matmul_span *span) {
  const mtlc_optimizer_update *u = t->update;
  step_constants s = step_constants_of(u->kind, u->hyper, u->l2);
  fetch_gradient(t, span);
  switch (specialised(u->kind, &s)) {
    case PLAIN_ADAM: onehot_update_as(PLAIN_ADAM, &s, t, span); break;
    case MTLC_OPTIMIZER_SGD: onehot_update_as(MTLC_OPTIMIZER_SGD, &s, t, span); break;
    case MTLC_OPTIMIZER_MOMENTUM: onehot_update_as(MTLC_OPTIMIZER_MOMENTUM, &s, t, span); break;
    case MTLC_OPTIMIZER_ADAM: onehot_update_as(MTLC_OPTIMIZER_ADAM, &s, t, span); break;
    case MTLC_OPTIMIZER_ADAMW: onehot_update_as(MTLC_OPTIMIZER_ADAMW, &s, t, span); break;
    case MTLC_OPTIMIZER_ADAGRAD: onehot_update_as(MTLC_OPTIMIZER_ADAGRAD, &s, t, span); break;
    default: break;
  }
}

#endif

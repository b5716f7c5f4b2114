// The gradient of a one-hot product with the optimizer's step at once: the rows of the batch are
// listed by id, so each row of the weight has its gradient summed in registers and is stepped, and
// no gradient ever reaches memory.
#ifndef MTLC_ONEHOT_UPDATE_H
#define MTLC_ONEHOT_UPDATE_H

#include "onehot_cut.h"
#include "update.h"

/// The rows of the batch by the id of one feature: lists in the order of the batch, -1 at the end.
typedef struct {
  int32_t head[MTLC_ONEHOT_UPDATE_ROWS];
  int32_t next[MTLC_ONEHOT_UPDATE_BATCH];
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
}

/// Steps the rows of ids [low, high) of feature f, columns [j0, j1).
INLINE void onehot_update_feature(const int32_t kind, const step_constants *s,
                                  const mtlc_onehot_gradient_args *t, int64_t f, int64_t low,
                                  int64_t high, int64_t j0, int64_t j1) {
  const mtlc_optimizer_update *u = t->update;
  onehot_lists lists;
  list_by_id(t, f, low, high, &lists);
  for (int64_t k = 0; k < high - low; k++) {
    int64_t at = (t->row_offsets[f] + low + k) * u->ld, j = j0;
    int32_t first = lists.head[k];
    if (first < 0)
      for (; j + VL <= j1; j += VL)
        step(kind, s, (vf){0}, u->parameter + at + j, u->state1 + at + j, u->state2 + at + j, 1,
             VL);
    for (; j + VL <= j1; j += VL) {
      vf g = {0};
      for (int32_t i = first; i >= 0; i = lists.next[i]) g += load(t->d_out + i * t->ld_d_out + j);
      step(kind, s, g, u->parameter + at + j, u->state1 + at + j, u->state2 + at + j, 1, VL);
    }
    if (j < j1) {
      vf g = {0};
      for (int32_t i = first; i >= 0; i = lists.next[i])
        g += load_n(t->d_out + i * t->ld_d_out + j, j1 - j);
      step(kind, s, g, u->parameter + at + j, u->state1 + at + j, u->state2 + at + j, 0, j1 - j);
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

static void onehot_update_rectangle(const mtlc_onehot_gradient_args *t, const matmul_span *span) {
  const mtlc_optimizer_update *u = t->update;
  step_constants s = step_constants_of(u->kind, u->hyper, u->l2);
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

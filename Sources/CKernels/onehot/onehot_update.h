// The gradient of a one-hot product with the optimizer's step at once: the rows of the batch are
// listed by id, so each row of the weight has its gradient summed in registers and is stepped, and
// no gradient ever reaches memory.
#ifndef MTLC_KERNEL_ONEHOT_UPDATE_H
#define MTLC_KERNEL_ONEHOT_UPDATE_H

#include "../matmul/matmul_micro.h"
#include "onehot_cut.h"
#include "onehot_lists.h"
#include "../optimizer/optimizer_rules.h"

/// sums = the gradient of one row, columns [j, j + vectors * VL): the rows of the batch from `i` on
/// in its list, which is walked once for all columns.
INLINE void sum_listed(const mtlc_onehot_gradient_args *t, const int16_t *next, int64_t i,
                       int64_t j, const int vectors, float *sums) {
  vf g[ROW_VECTORS];
  for (int v = 0; v < vectors; v++) g[v] = (vf){0};
  for (; i >= 0; i = next[i]) {
    const float *d = t->d_out + i * t->ld_d_out + j;
    for (int v = 0; v < vectors; v++) g[v] += load(d + v * VL);
  }
  for (int v = 0; v < vectors; v++) store(sums + v * VL, g[v]);
}

/// The gradient of one row, columns [j0, j1).
static void row_gradient(const mtlc_onehot_gradient_args *t, const int16_t *next, int64_t i,
                         int64_t j0, int64_t j1, float *sums) {
  int64_t j = j0, whole = (j1 - j0) / VL;
  while (whole > 0) {
    int64_t vectors = whole;
    if (whole > ROW_VECTORS) vectors = ceil_div(whole, ceil_div(whole, ROW_VECTORS));
    float *to = sums + (j - j0);
    switch (vectors) {
      case 1: sum_listed(t, next, i, j, 1, to); break;
      case 2: sum_listed(t, next, i, j, 2, to); break;
      case 3: sum_listed(t, next, i, j, 3, to); break;
      case 4: sum_listed(t, next, i, j, 4, to); break;
      case 5: sum_listed(t, next, i, j, 5, to); break;
      case 6: sum_listed(t, next, i, j, 6, to); break;
      case 7: sum_listed(t, next, i, j, 7, to); break;
      case 8: sum_listed(t, next, i, j, 8, to); break;
      case 9: sum_listed(t, next, i, j, 9, to); break;
      default: sum_listed(t, next, i, j, ROW_VECTORS, to); break;
    }
    j += vectors * VL;
    whole -= vectors;
  }
  if (j == j1) return;
  vf g = {0};
  for (; i >= 0; i = next[i]) g += load_n(t->d_out + i * t->ld_d_out + j, j1 - j);
  store(sums + (j - j0), g);
}

/// The same sums, which step the parameters at `at` by plain Adam straight from the registers.
INLINE void step_listed(const step_constants *s, const mtlc_onehot_gradient_args *t,
                        const int16_t *next, int64_t i, int64_t j, const int vectors, int64_t at) {
  const mtlc_optimizer_update *u = t->update;
  vf g[ROW_VECTORS];
#pragma clang loop unroll(full)
  for (int v = 0; v < vectors; v++) g[v] = (vf){0};
  for (; i >= 0; i = next[i]) {
    const float *d = t->d_out + i * t->ld_d_out + j;
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) g[v] += load(d + v * VL);
  }
  float *parameter = u->parameter + at, *state1 = u->state1 + at, *state2 = u->state2 + at;
#pragma clang loop unroll(full)
  for (int v = 0; v < vectors; v++)
    step(MTLC_OPTIMIZER_ADAM, STEP_PLAIN, s, g[v], parameter + v * VL, state1 + v * VL,
         state2 + v * VL, STEP_WHOLE, VL);
}

/// A whole number of vectors from column j on, as many as registers hold: plain Adam, of which
/// there is a loop for each width.
static void step_whole(const step_constants *s, const mtlc_onehot_gradient_args *t,
                       const int16_t *next, int64_t i, int64_t j, int64_t vectors,
                       int64_t at) {
  switch (vectors) {
    case 1: step_listed(s, t, next, i, j, 1, at); break;
    case 2: step_listed(s, t, next, i, j, 2, at); break;
    case 3: step_listed(s, t, next, i, j, 3, at); break;
    case 4: step_listed(s, t, next, i, j, 4, at); break;
    case 5: step_listed(s, t, next, i, j, 5, at); break;
    case 6: step_listed(s, t, next, i, j, 6, at); break;
    case 7: step_listed(s, t, next, i, j, 7, at); break;
    case 8: step_listed(s, t, next, i, j, 8, at); break;
    case 9: step_listed(s, t, next, i, j, 9, at); break;
    default: step_listed(s, t, next, i, j, ROW_VECTORS, at); break;
  }
}

/// Steps columns [j, j1) of the weight's row at `at`; `gradient` may be NULL for zeros.
INLINE void step_row(const mtlc_optimizer_kind kind, const int given, const step_constants *s,
                     const mtlc_optimizer_update *u, int64_t at, int64_t j, int64_t j1,
                     const float *gradient) {
  for (; j + VL <= j1; j += VL) {
    vf g = gradient ? load(gradient) : (vf){0};
    step(kind, given, s, g, u->parameter + at + j, u->state1 + at + j, u->state2 + at + j,
         STEP_WHOLE, VL);
    if (gradient) gradient += VL;
  }
  if (j < j1)
    step(kind, given, s, gradient ? load(gradient) : (vf){0}, u->parameter + at + j,
         u->state1 + at + j, u->state2 + at + j, STEP_SOME, j1 - j);
}

/// Steps the rows of a group that the batch lacks, columns [j0, j1).
INLINE void step_absent(const mtlc_optimizer_kind kind, const int given, const step_constants *s,
                        const mtlc_onehot_gradient_args *t, const onehot_group *group, int64_t j0,
                        int64_t j1) {
  int16_t chosen[GROUP_ROWS];
  for (int64_t g = 0; g < group->count; g++) {
    const group_feature *feature = &group->features[g];
    const int16_t *head = group->head + feature->slot;
    int64_t count = 0;
    for (int64_t k = 0; k < feature->count; k++) {
      chosen[count] = (int16_t)k;
      count += head[k] < 0;
    }
    for (int64_t c = 0; c < count; c++)
      step_row(kind, given, s, t->update, (feature->row + chosen[c]) * t->update->ld, j0, j1, 0);
  }
}

/// Steps the rows of a group that the batch has, columns [j0, j1). `asked` is the first row of the
/// batch, up to `limit`, whose gradient has not been asked for.
INLINE void step_present(const mtlc_optimizer_kind kind, const int given, const step_constants *s,
                         const mtlc_onehot_gradient_args *t, const onehot_group *group, int64_t j0,
                         int64_t j1, int64_t *asked, int64_t limit) {
  enum { AT_ONCE = 4 * ROW_VECTORS * VL, LINE = 16, ROWS_AHEAD = 6 };
  float gradient[AT_ONCE];
  for (int64_t c = group->present - 1; c >= 0; c--) {
    int64_t g = group->owner[c], slot = group->chosen[c];
    int64_t ahead = min_int(limit, group->last[c] + 1 + ROWS_AHEAD);
    for (; *asked < ahead; ++*asked)
      for (int64_t j = j0; j < j1; j += LINE)
        __builtin_prefetch(t->d_out + *asked * t->ld_d_out + j);
    int64_t at = (group->features[g].row + slot - group->features[g].slot) * t->update->ld;
    const int16_t *next = group->next + g * t->rows;
    int64_t first = group->head[slot], j = j0;
    if (given == STEP_PLAIN)
      for (int64_t whole = (j1 - j0) / VL; whole > 0;) {
        int64_t vectors = ceil_div(whole, ceil_div(whole, ROW_VECTORS));
        step_whole(s, t, next, first, j, vectors, at + j);
        j += vectors * VL;
        whole -= vectors;
      }
    for (; j < j1; j += AT_ONCE) {
      int64_t end = min_int(j1, j + AT_ONCE);
      row_gradient(t, next, first, j, end, gradient);
      step_row(kind, given, s, t->update, at, j, end, gradient);
    }
  }
}

INLINE void onehot_update_as(const mtlc_optimizer_kind kind, const int given,
                             const step_constants *s,
                             const mtlc_onehot_gradient_args *t, const matmul_span *span) {
  // Another core may have computed a small gradient: its rows are asked for ahead, and the weight
  // stepped in the order of the batch, so that they arrive while earlier ones are at work. A larger
  // one would be thrown out of the first cache again before its use.
  enum { SMALL = 16384 };
  int is_small = t->rows * (span->j1 - span->j0) <= SMALL;
  int64_t limit = is_small ? t->rows : 0, asked = 0;
  onehot_group group;
  for (int64_t f = 0; f < t->feature_count;) {
    f = gather_features(t, f, span->i0, span->i1, &group);
    if (t->update_rows == MTLC_ROWS_ABSENT)
      list_rows(t, &group, 0);
    else
      list_rows(t, &group, 1);
    if (t->update_rows != MTLC_ROWS_PRESENT)
      step_absent(kind, given, s, t, &group, span->j0, span->j1);
    if (t->update_rows == MTLC_ROWS_ABSENT) continue;
    if (!is_small) order_by_weight(&group);
    step_present(kind, given, s, t, &group, span->j0, span->j1, &asked, limit);
  }
}

static void onehot_update_rectangle(const mtlc_onehot_gradient_args *t, const matmul_span *span) {
  const mtlc_optimizer_update *u = t->update;
  step_constants s = step_constants_of(u->hyper, u->l2);
  if (is_plain(u->kind, &s)) {
    onehot_update_as(MTLC_OPTIMIZER_ADAM, STEP_PLAIN, &s, t, span);
    return;
  }
#define CASE(name) \
  case MTLC_OPTIMIZER_##name:                                                \
    onehot_update_as(MTLC_OPTIMIZER_##name, STEP_GRADIENT, &s, t, span); \
    break;
  switch (u->kind) { MTLC_OPTIMIZERS(CASE) }
#undef CASE
}

#endif

// Row-wise updates of tables, from the occurrences of ids that were sorted into parts.
#ifndef MTLC_KERNEL_SPARSE_UPDATE_H
#define MTLC_KERNEL_SPARSE_UPDATE_H

#include "../optimizer/optimizer_rules.h"
#include "../support/simd.h"
#include "sparse_group.h"

enum {
  /// Rows and their states are asked for this many rows before their step.
  SPARSE_AHEAD = 24,
  /// Occurrences that are looked through at a time for those that have a turn.
  SPARSE_BLOCK = 1024,
  /// Records this many before they are looked at.
  SPARSE_RECORDS_AHEAD = 80,
};

/// How many states each weight of a row has.
INLINE int sparse_states(const mtlc_sparse_kind kind) {
  switch (kind) {
    case MTLC_SPARSE_SGD:
    case MTLC_SPARSE_ROWWISE_ADAGRAD: return 0;
    case MTLC_SPARSE_ADAGRAD: return 1;
    case MTLC_SPARSE_ADAM:
    case MTLC_SPARSE_FTRL: return 2;
  }
  return 0;
}

INLINE void sparse_ftrl(const step_constants *c, vf g, float *parameter, float *state1,
                        float *state2, int64_t n) {
  vf p = load_upto(parameter, n), z = load_upto(state1, n), old = load_upto(state2, n);
  vf old_root = square_root(old);
  vf fresh = -p * ((c->ftrl_beta + old_root) * c->inverse_rate + c->ftrl_l2);
  fresh = fresh - choose(p < 0.0f, splat(-c->l1), choose(p > 0.0f, splat(c->l1), (vf){0}));
  z = choose((z == 0.0f) & (old == c->initial), fresh, z);
  vf sum = old + g * g, root = square_root(sum);
  z = z + g - p * ((root - old_root) * c->inverse_rate);
  store_upto(state1, z, n);
  store_upto(state2, sum, n);
  vf size = choose(z < 0.0f, -z, z);
  vf shrunk = choose(z < 0.0f, -z - c->l1, c->l1 - z);
  vf moved = divide(shrunk, (c->ftrl_beta + root) * c->inverse_rate + c->ftrl_l2);
  store_upto(parameter, choose(size <= c->l1, (vf){0}, moved), n);
}

/// n elements of a row, at most a vector; `row_sum` is the row's s under ROWWISE.
INLINE void sparse_step(const mtlc_sparse_kind kind, const step_constants *c, vf g,
                        float *parameter, float *state1, float *state2, float row_sum,
                        int64_t n) {
#define DENSE(name) \
  step(MTLC_OPTIMIZER_##name, STEP_PREPARED, c, g, parameter, state1, state2, STEP_UPTO, n)
  switch (kind) {
    case MTLC_SPARSE_SGD: DENSE(SGD); break;
    case MTLC_SPARSE_ADAM: DENSE(ADAM); break;
    case MTLC_SPARSE_ADAGRAD: DENSE(ADAGRAD); break;
    case MTLC_SPARSE_ROWWISE_ADAGRAD: {
      vf p = load_upto(parameter, n);
      store_upto(parameter, p - g * (c->rate / (__builtin_sqrtf(row_sum) + c->epsilon)), n);
      break;
    }
    case MTLC_SPARSE_FTRL:
      // At the end of a schedule the rate may be 0.
      if (c->rate != 0.0f) sparse_ftrl(c, g, parameter, state1, state2, n);
      break;
  }
#undef DENSE
}

/// What rows are stepped with. Passed by value: the stores of rows then cannot change it, as far
/// as the compiler knows.
typedef struct {
  float *table, *state1, *state2;
  int64_t dim, ld;
  const float *base;  ///< What gradients count from.
  const mtlc_sparse_record *records;
  const int32_t *links;
  const mtlc_sparse_addend *addends;
  const float *scales;  ///< NULL where all are 1.
  step_constants c;
} sparse_work;

INLINE void sparse_ask(const float *from, int64_t n) {
  const char *end = (const char *)(from + n);
  const char *line = (const char *)((uintptr_t)from & ~(uintptr_t)63);
  for (; line < end; line += 64) __builtin_prefetch(line, 1, 3);
}

/// The occurrences of [i0, i1) where rows have their turn. Without branches: where ids come often,
/// they would be guessed wrong. Links were written by other threads and records read by them, so both
/// are asked for.
INLINE int64_t sparse_turns(const sparse_work w, int64_t i0, int64_t i1, int32_t turns[]) {
  int64_t count = 0;
  for (int64_t i = i0; i < i1; i++) {
    if (i % 16 == 0) __builtin_prefetch(w.links + i + SPARSE_RECORDS_AHEAD, 0, 3);
    if (i % 8 == 0) __builtin_prefetch(w.records + i + SPARSE_RECORDS_AHEAD, 0, 3);
    turns[count] = (int32_t)i;
    count += w.links[i] != MTLC_SPARSE_ELSEWHERE;
  }
  return count;
}

/// Asks for what the step at occurrence i needs.
INLINE void sparse_ask_row(const mtlc_sparse_kind kind, const sparse_work w, int64_t i) {
  const int64_t id = w.records[i].id, place = id * w.ld;
  sparse_ask(w.table + place, w.dim);
  if (kind == MTLC_SPARSE_ROWWISE_ADAGRAD) sparse_ask(w.state1 + id, 1);
  if (sparse_states(kind) > 0) sparse_ask(w.state1 + place, w.dim);
  if (sparse_states(kind) > 1) sparse_ask(w.state2 + place, w.dim);
  const float *gradient = w.base + w.records[i].gradient;
  __builtin_prefetch(gradient, 0, 3);
  if (w.dim != VL) __builtin_prefetch(gradient + w.dim - 1, 0, 3);
}

/// The sum of n elements at j of the gradients of the row whose turn is at i, at most a vector.
INLINE vf sparse_sum(const sparse_work w, int64_t i, int64_t j, int64_t n) {
  const float *base = w.base + j;
  if (w.links[i] == MTLC_SPARSE_ALONE) {
    vf g = load_upto(base + w.records[i].gradient, n);
    return w.scales ? g * w.scales[i] : g;
  }
  const mtlc_sparse_addend *list = w.addends + w.links[i], *end = list + 1 + list->gradient;
  const mtlc_sparse_addend *addend = list + 1;
  vf sum = load_upto(base + addend->gradient, n) * addend->scale;
  while (++addend < end) sum += load_upto(base + addend->gradient, n) * addend->scale;
  return sum;
}

/// The gradient from such a sum, with the L2 term.
INLINE vf sparse_gradient(const sparse_work w, vf sum, const float *p, int64_t n) {
  sum = sum * w.c.scale;
  return w.c.l2 != 0 ? sum + load_upto(p, n) * w.c.l2 : sum;
}

/// Rows that fit a vector.
INLINE void sparse_narrow_rows(const mtlc_sparse_kind kind, const sparse_work w,
                               const int32_t *turns,
                               int64_t count) {
  for (int64_t k = 0; k < count; k++) {
    if (k + SPARSE_AHEAD < count) sparse_ask_row(kind, w, turns[k + SPARSE_AHEAD]);
    const int64_t i = turns[k];
    const int64_t place = w.records[i].id * w.ld;
    vf g = sparse_sum(w, i, 0, w.dim);
    if (!any_lane(g != 0.0f)) continue;
    float *p = w.table + place;
    sparse_step(kind, &w.c, sparse_gradient(w, g, p, w.dim), p, w.state1 + place,
                w.state2 + place, 0, w.dim);
  }
}

/// Steps as many rows as a vector has lanes at once, whose sums of squares then are one vector.
INLINE void sparse_rowwise_step(const sparse_work w, const int64_t rows[VL], vf gradients[VL],
                                int64_t count) {
  vf squares[VL];
  float states[VL], rates[VL];
  for (int64_t i = 0; i < VL; i++) squares[i] = (vf){0}, states[i] = 0;
  for (int64_t i = 0; i < count; i++) {
    squares[i] = gradients[i] * gradients[i];
    states[i] = w.state1[rows[i]];
  }
  vf state = load(states) + row_sums(squares) * (1.0f / (float)w.dim);
  store(states, state);
  store(rates, divide(splat(w.c.rate), square_root(state) + w.c.epsilon));
  for (int64_t i = 0; i < count; i++) {
    float *p = w.table + rows[i] * w.ld;
    w.state1[rows[i]] = states[i];
    store_upto(p, load_upto(p, w.dim) - gradients[i] * rates[i], w.dim);
  }
}

INLINE void sparse_narrow_rowwise(const sparse_work w, const int32_t *turns, int64_t count) {
  int64_t rows[VL], waiting = 0;
  vf gradients[VL];
  for (int64_t k = 0; k < count; k++) {
    if (k + SPARSE_AHEAD < count)
      sparse_ask_row(MTLC_SPARSE_ROWWISE_ADAGRAD, w, turns[k + SPARSE_AHEAD]);
    const int64_t i = turns[k];
    const int64_t id = w.records[i].id;
    vf g = sparse_sum(w, i, 0, w.dim);
    if (!any_lane(g != 0.0f)) continue;
    rows[waiting] = id;
    gradients[waiting++] = sparse_gradient(w, g, w.table + id * w.ld, w.dim);
    if (waiting < VL) continue;
    sparse_rowwise_step(w, rows, gradients, VL);
    waiting = 0;
  }
  sparse_rowwise_step(w, rows, gradients, waiting);
}

/// Rows of several vectors. Their sums are made a second time rather than kept.
INLINE void sparse_wide_rows(const mtlc_sparse_kind kind, const sparse_work w, const int32_t *turns,
                             int64_t count) {
  for (int64_t k = 0; k < count; k++) {
    if (k + SPARSE_AHEAD < count) sparse_ask_row(kind, w, turns[k + SPARSE_AHEAD]);
    const int64_t i = turns[k];
    const int64_t id = w.records[i].id, place = id * w.ld;
    float *p = w.table + place, *s1 = w.state1 + place, *s2 = w.state2 + place;
    vi touched = {0};
    vf squares = {0};
    for (int64_t j = 0; j < w.dim; j += VL) {
      int64_t n = min_int(VL, w.dim - j);
      vf sum = sparse_sum(w, i, j, n);
      touched |= sum != 0.0f;
      if (kind != MTLC_SPARSE_ROWWISE_ADAGRAD) continue;
      vf g = sparse_gradient(w, sum, p + j, n);
      squares += g * g;
    }
    if (!any_lane(touched)) continue;
    float row_sum = 0;
    if (kind == MTLC_SPARSE_ROWWISE_ADAGRAD) {
      row_sum = w.state1[id] + sum_lanes(squares) * (1.0f / (float)w.dim);
      w.state1[id] = row_sum;
    }
    for (int64_t j = 0; j < w.dim; j += VL) {
      int64_t n = min_int(VL, w.dim - j);
      vf g = sparse_gradient(w, sparse_sum(w, i, j, n), p + j, n);
      sparse_step(kind, &w.c, g, p + j, s1 + j, s2 + j, row_sum, n);
    }
  }
}

INLINE void sparse_rows(const mtlc_sparse_kind kind, const sparse_work w, int64_t i0, int64_t i1) {
  // Rows of exactly a vector are what is common.
  sparse_work full = w;
  full.dim = VL;
  full.scales = 0;
  const int is_full = w.dim == VL && !w.scales;
  int32_t turns[SPARSE_BLOCK];
  for (; i0 < i1; i0 += SPARSE_BLOCK) {
    int64_t count = sparse_turns(w, i0, min_int(i1, i0 + SPARSE_BLOCK), turns);
    for (int64_t k = 0; k < min_int(count, SPARSE_AHEAD); k++) sparse_ask_row(kind, w, turns[k]);
    if (w.dim > VL)
      sparse_wide_rows(kind, w, turns, count);
    else if (kind != MTLC_SPARSE_ROWWISE_ADAGRAD)
      sparse_narrow_rows(kind, w, turns, count);
    else if (is_full)
      sparse_narrow_rowwise(full, turns, count);
    else
      sparse_narrow_rowwise(w, turns, count);
  }
}

static void sparse_update(const mtlc_sparse_args *t, int64_t first, int64_t last) {
  const sparse_cut cut = sparse_cut_of(t);
  const mtlc_sparse_scratch *scratch = t->scratch;
  const sparse_work w = {.table = t->table, .state1 = t->state1, .state2 = t->state2,
                         .dim = t->dim, .ld = t->ld_table, .base = sparse_base(t),
                         .records = scratch->records, .links = scratch->links,
                         .addends = scratch->addends, .scales = scratch->scales,
                         .c = step_constants_of(t->hyper, t->l2)};
  while (first < last) {
    // Neighbouring pieces of a chunk are one run.
    const int64_t chunk = first / SPARSE_PIECES, piece = first % SPARSE_PIECES;
    const int64_t until = min_int(last, (chunk + 1) * SPARSE_PIECES);
    const int32_t *starts = scratch->starts + chunk * (MTLC_SPARSE_MOST_PARTS + 1);
    const int64_t start = starts[0], count = starts[cut.parts] - start;
    const int64_t i0 = start + count * piece / SPARSE_PIECES;
    const int64_t i1 = start + count * (piece + until - first) / SPARSE_PIECES;
#define CASE(name) \
  case MTLC_SPARSE_##name: sparse_rows(MTLC_SPARSE_##name, w, i0, i1); break;
    switch (t->kind) { MTLC_SPARSE_KINDS(CASE) }
#undef CASE
    first = until;
  }
}

#endif

// Row-wise updates of tables, from the occurrences of ids that were sorted into parts.
#ifndef MTLC_SPARSE_UPDATE_KERNEL_H
#define MTLC_SPARSE_UPDATE_KERNEL_H

#include "simd.h"
#include "sparse_route.h"

enum {
  /// Rows are asked for into the second cache as soon as they are known, and into the first, with
  /// their states, this many rows before their step.
  SPARSE_AHEAD = 16,
  /// Occurrences of a part that is worked on in the first cache, on the stack.
  SPARSE_STACK = 1024,
};

INLINE int sparse_states(const int32_t kind) {
  switch (kind) {
    case MTLC_SPARSE_ADAM:
    case MTLC_SPARSE_FTRL: return 2;
    case MTLC_SPARSE_ADAGRAD: return 1;
    default: return 0;
  }
}

typedef struct {
  float scale, l2, rate, beta1, rest1, beta2, rest2, root, epsilon;
  float inverse_rate, l1, ftrl_l2, ftrl_beta, initial;
} sparse_constants;

INLINE sparse_constants sparse_constants_of(const mtlc_sparse_args *t) {
  const mtlc_sparse_hyper *h = t->hyper;
  sparse_constants c = {.scale = h->gradient_scale, .l2 = t->l2, .rate = h->learning_rate,
                        .epsilon = h->epsilon};
  if (t->kind == MTLC_SPARSE_ADAM) {
    c.rate = h->learning_rate / h->bias_correction1;
    c.beta1 = (float)h->beta1;
    c.rest1 = (float)(1.0 - h->beta1);
    c.beta2 = (float)h->beta2;
    c.rest2 = (float)(1.0 - h->beta2);
    c.root = 1.0f / __builtin_sqrtf(h->bias_correction2);
  }
  if (t->kind == MTLC_SPARSE_FTRL) {
    c.inverse_rate = 1.0f / h->learning_rate;
    c.l1 = h->l1;
    c.ftrl_l2 = h->ftrl_l2;
    c.ftrl_beta = h->ftrl_beta;
    c.initial = h->initial_accumulator;
  }
  return c;
}

/// n elements of a row, at most a vector; `row_sum` is the row's s under ROWWISE.
INLINE void sparse_step(const int32_t kind, const sparse_constants *c, vf g, float *parameter,
                        float *state1, float *state2, float row_sum, int64_t n) {
  vf p = load_upto(parameter, n);
  switch (kind) {
    case MTLC_SPARSE_SGD: p = p - g * c->rate; break;
    case MTLC_SPARSE_ADAM: {
      vf m = load_upto(state1, n) * c->beta1 + g * c->rest1;
      vf v = load_upto(state2, n) * c->beta2 + (g * g) * c->rest2;
      store_upto(state1, m, n);
      store_upto(state2, v, n);
      p = p - c->rate * divide(m, square_root(v) * c->root + c->epsilon);
      break;
    }
    case MTLC_SPARSE_ADAGRAD: {
      vf s = load_upto(state1, n) + g * g;
      store_upto(state1, s, n);
      p = p - c->rate * divide(g, square_root(s) + c->epsilon);
      break;
    }
    case MTLC_SPARSE_ROWWISE_ADAGRAD:
      p = p - g * (c->rate / (__builtin_sqrtf(row_sum) + c->epsilon));
      break;
    case MTLC_SPARSE_FTRL: {
      vf z = load_upto(state1, n), old = load_upto(state2, n);
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
      p = choose(size <= c->l1, (vf){0}, moved);
      break;
    }
    default: break;
  }
  store_upto(parameter, p, n);
}

/// What a part is stepped with. Passed by value: the stores of rows then cannot change it, as far
/// as the compiler knows.
typedef struct {
  float *table, *state1, *state2;
  int64_t dim, ld;
  const float *base;
  const mtlc_sparse_record *records;
  const mtlc_sparse_group *groups;
  const int32_t *next;
  const float *scales;  ///< NULL where all are 1.
  sparse_constants c;
} sparse_work;

INLINE void sparse_ask_row(const int32_t kind, const sparse_work w, const mtlc_sparse_group row) {
  int64_t place = row.id * w.ld;
  sparse_ask(w.base + w.records[row.head].gradient, w.dim, 1);
  sparse_ask(w.table + place, w.dim, 1);
  if (sparse_states(kind) > 0) sparse_ask(w.state1 + place, w.dim, 1);
  if (sparse_states(kind) > 1) sparse_ask(w.state2 + place, w.dim, 1);
  if (kind == MTLC_SPARSE_ROWWISE_ADAGRAD) sparse_ask(w.state1 + row.id, 1, 1);
}

/// The sum of n elements at j of a row's gradients, at most a vector.
INLINE vf sparse_sum(const sparse_work w, int32_t head, int64_t j, int64_t n) {
  const float *base = w.base + j;
  vf sum = load_upto(base + w.records[head].gradient, n);
  if (w.scales) sum = sum * w.scales[head];
  for (int32_t i = w.next[head]; i >= 0; i = w.next[i]) {
    vf more = load_upto(base + w.records[i].gradient, n);
    sum += w.scales ? more * w.scales[i] : more;
  }
  return sum;
}

/// The gradient from such a sum, with the L2 term.
INLINE vf sparse_gradient(const sparse_work w, vf sum, const float *p, int64_t n) {
  sum = sum * w.c.scale;
  return w.c.l2 != 0 ? sum + load_upto(p, n) * w.c.l2 : sum;
}

/// Rows that fit a vector.
INLINE void sparse_narrow_rows(const int32_t kind, const sparse_work w, int64_t count) {
  for (int64_t k = 0; k < count; k++) {
    if (k + SPARSE_AHEAD < count) sparse_ask_row(kind, w, w.groups[k + SPARSE_AHEAD]);
    const int64_t place = w.groups[k].id * w.ld;
    vf g = sparse_sum(w, w.groups[k].head, 0, w.dim);
    if (!any_lane(g != 0.0f)) continue;
    float *p = w.table + place;
    sparse_step(kind, &w.c, sparse_gradient(w, g, p, w.dim), p, w.state1 + place,
                w.state2 + place, 0, w.dim);
  }
}

/// Steps as many rows as a vector has lanes at once, whose sums of squares then are one vector.
INLINE void sparse_rowwise_step(const sparse_work w, const int64_t rows[VL], vf gradients[VL],
                                int64_t count) {
  vf squares[VL], state = {0};
  for (int64_t i = 0; i < VL; i++) squares[i] = (vf){0};
  for (int64_t i = 0; i < count; i++) {
    squares[i] = gradients[i] * gradients[i];
    state[i] = w.state1[rows[i]];
  }
  state += row_sums(squares) * (1.0f / (float)w.dim);
  float states[VL], rates[VL];
  store(states, state);
  store(rates, divide(splat(w.c.rate), square_root(state) + w.c.epsilon));
  for (int64_t i = 0; i < count; i++) {
    float *p = w.table + rows[i] * w.ld;
    w.state1[rows[i]] = states[i];
    store_upto(p, load_upto(p, w.dim) - gradients[i] * rates[i], w.dim);
  }
}

INLINE void sparse_narrow_rowwise(const sparse_work w, int64_t count) {
  int64_t rows[VL], waiting = 0;
  vf gradients[VL];
  for (int64_t k = 0; k < count; k++) {
    if (k + SPARSE_AHEAD + VL < count)
      sparse_ask_row(MTLC_SPARSE_ROWWISE_ADAGRAD, w, w.groups[k + SPARSE_AHEAD + VL]);
    const int64_t id = w.groups[k].id;
    vf g = sparse_sum(w, w.groups[k].head, 0, w.dim);
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
INLINE void sparse_wide_rows(const int32_t kind, const sparse_work w, int64_t count) {
  for (int64_t k = 0; k < count; k++) {
    if (k + SPARSE_AHEAD < count) sparse_ask_row(kind, w, w.groups[k + SPARSE_AHEAD]);
    const int64_t id = w.groups[k].id, place = id * w.ld;
    const int32_t head = w.groups[k].head;
    float *p = w.table + place, *s1 = w.state1 + place, *s2 = w.state2 + place;
    vi touched = {0};
    vf squares = {0};
    for (int64_t j = 0; j < w.dim; j += VL) {
      int64_t n = min_int(VL, w.dim - j);
      vf sum = sparse_sum(w, head, j, n);
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
      vf g = sparse_gradient(w, sparse_sum(w, head, j, n), p + j, n);
      sparse_step(kind, &w.c, g, p + j, s1 + j, s2 + j, row_sum, n);
    }
  }
}

INLINE void sparse_rows(const int32_t kind, const sparse_work w, int64_t count) {
  if (w.dim > VL)
    sparse_wide_rows(kind, w, count);
  else if (kind == MTLC_SPARSE_ROWWISE_ADAGRAD)
    sparse_narrow_rowwise(w, count);
  else
    sparse_narrow_rows(kind, w, count);
}

static void sparse_part(const mtlc_sparse_args *t, const sparse_cut *cut, int64_t part) {
  int64_t before = 0, count = 0;
  for (int64_t c = 0; c < cut->chunks; c++) {
    const int32_t *starts = t->scratch->starts + c * (MTLC_SPARSE_MOST_PARTS + 1);
    before += starts[part] - starts[0];
    count += starts[part + 1] - starts[part];
  }
  if (count == 0) return;
  mtlc_sparse_record records[SPARSE_STACK];
  float scales[SPARSE_STACK];
  mtlc_sparse_group groups[SPARSE_STACK];
  int32_t next[SPARSE_STACK], slots[4 * SPARSE_STACK];
  mtlc_sparse_room room = {records, scales, next, groups, slots};
  if (count > SPARSE_STACK) {
    const mtlc_sparse_room *large = &t->scratch->large;
    room = (mtlc_sparse_room){large->records + before, large->scales + before,
                              large->next + before, large->groups + before,
                              large->slots + 8 * before};
  }
  sparse_collect(t->scratch, cut, part, &room);
  count = sparse_group(t, cut, count, &room);
  const sparse_work w = {.table = t->table, .state1 = t->state1, .state2 = t->state2,
                         .dim = t->dim, .ld = t->ld_table, .base = sparse_base(t),
                         .records = room.records, .groups = room.groups, .next = room.next,
                         .scales = t->scratch->scales ? room.scales : 0,
                         .c = sparse_constants_of(t)};
  switch (t->kind) {
    case MTLC_SPARSE_SGD: sparse_rows(MTLC_SPARSE_SGD, w, count); break;
    case MTLC_SPARSE_ADAM: sparse_rows(MTLC_SPARSE_ADAM, w, count); break;
    case MTLC_SPARSE_ADAGRAD: sparse_rows(MTLC_SPARSE_ADAGRAD, w, count); break;
    case MTLC_SPARSE_ROWWISE_ADAGRAD: sparse_rows(MTLC_SPARSE_ROWWISE_ADAGRAD, w, count); break;
    case MTLC_SPARSE_FTRL: sparse_rows(MTLC_SPARSE_FTRL, w, count); break;
    default: break;
  }
}

static void sparse_update(const mtlc_sparse_args *t, int64_t first, int64_t last) {
  const sparse_cut cut = sparse_cut_of(t);
  for (int64_t part = first; part < last; part++) sparse_part(t, &cut, part);
}

#endif

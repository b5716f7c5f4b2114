// Row-wise updates of tables: occurrences of ids are sorted into parts, and in each part by id.
#ifndef MTLC_SPARSE_UPDATE_KERNEL_H
#define MTLC_SPARSE_UPDATE_KERNEL_H

#include "mtlc_sparse.h"
#include "simd.h"

/// Rows of a table come from memory: their lines are asked for this many rows before.
enum { SPARSE_AHEAD = 16 };

INLINE uint32_t sparse_hash(int32_t id) { return (uint32_t)id * 0x9E3779B1u; }

/// The id that a lookup took: padding is left out, one beyond the table reads row 0.
INLINE int32_t sparse_id(const mtlc_sparse_args *t, const mtlc_sparse_source *s, int64_t row,
                         int64_t place) {
  int32_t id = s->ids ? s->ids[row * s->ld_ids + place] : (int32_t)row;
  return id < t->table_rows ? id : 0;
}

static void sparse_route(const mtlc_sparse_args *t) {
  mtlc_sparse_scratch *scratch = t->scratch;
  int64_t counts[MTLC_SPARSE_PARTS] = {0};
  for (int64_t k = 0; k < t->source_count; k++) {
    const mtlc_sparse_source *s = &t->sources[k];
    for (int64_t r = 0; r < s->rows; r++)
      for (int64_t l = 0; l < s->length; l++) {
        int32_t id = sparse_id(t, s, r, l);
        counts[sparse_hash(id) >> 28] += id >= 0;
      }
  }
  mtlc_sparse_record *out[MTLC_SPARSE_PARTS];
  int64_t start = 0;
  for (int p = 0; p < MTLC_SPARSE_PARTS; p++) {
    scratch->starts[p] = start;
    out[p] = scratch->records + start;
    start += counts[p];
  }
  scratch->starts[MTLC_SPARSE_PARTS] = start;
  for (int64_t k = 0; k < t->source_count; k++) {
    const mtlc_sparse_source *s = &t->sources[k];
    for (int64_t r = 0; r < s->rows; r++) {
      float scale = 1;
      if (s->pooling == MTLC_POOLING_MEAN && s->length > 1) {
        int64_t present = 0;
        for (int64_t l = 0; l < s->length; l++) present += s->ids[r * s->ld_ids + l] >= 0;
        if (present > 1) scale = 1.0f / (float)present;
      }
      for (int64_t l = 0; l < s->length; l++) {
        int32_t id = sparse_id(t, s, r, l);
        if (id < 0) continue;
        uint16_t place = s->pooling == MTLC_POOLING_CONCAT ? (uint16_t)l : 0;
        *out[sparse_hash(id) >> 28]++ =
            (mtlc_sparse_record){id, (uint32_t)r, (uint16_t)k, place, scale};
      }
    }
  }
}

/// Chains the part's occurrences of each id, first to last. Returns the number of different ids.
static int64_t sparse_group(const mtlc_sparse_scratch *scratch, int64_t start, int64_t count) {
  const mtlc_sparse_record *records = scratch->records + start;
  int32_t *next = scratch->next + start, *heads = scratch->heads + start;
  int32_t *slots = scratch->slots + 4 * start;
  int64_t size = 4;
  while (size < 2 * count) size *= 2;
  for (int64_t s = 0; s < size; s++) slots[s] = -1;
  uint32_t mask = (uint32_t)size - 1;
  int64_t groups = 0;
  // Backwards, so that what is put in front comes first.
  for (int64_t i = count - 1; i >= 0; i--) {
    // The upper four bits chose the part.
    uint32_t s = (sparse_hash(records[i].id) * 0x85EBCA6Bu) >> 7 & mask;
    while (slots[s] >= 0 && records[heads[slots[s]]].id != records[i].id) s = (s + 1) & mask;
    if (slots[s] < 0) {
      slots[s] = (int32_t)groups;
      next[i] = -1;
      heads[groups++] = (int32_t)i;
    } else {
      next[i] = heads[slots[s]];
      heads[slots[s]] = (int32_t)i;
    }
  }
  return groups;
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

INLINE const float *sparse_gradient(const mtlc_sparse_args *t, const mtlc_sparse_record *r) {
  const mtlc_sparse_source *s = &t->sources[r->source];
  return s->d_out + (int64_t)r->row * s->ld_d_out + r->place * t->dim;
}

INLINE void sparse_prefetch(const int32_t kind, const mtlc_sparse_args *t,
                            const mtlc_sparse_record *record) {
  const int32_t id = record->id;
  const float *gradient = sparse_gradient(t, record);
  for (int64_t j = 0; j < t->dim; j += 16) __builtin_prefetch(gradient + j);
  int64_t place = id * t->ld_table;
  for (int64_t j = 0; j < t->dim + 15; j += 16) {
    __builtin_prefetch(t->table + place + j, 1);
    if (kind != MTLC_SPARSE_SGD && kind != MTLC_SPARSE_ROWWISE_ADAGRAD)
      __builtin_prefetch(t->state1 + place + j, 1);
    if (kind == MTLC_SPARSE_ADAM || kind == MTLC_SPARSE_FTRL)
      __builtin_prefetch(t->state2 + place + j, 1);
  }
  if (kind == MTLC_SPARSE_ROWWISE_ADAGRAD) __builtin_prefetch(t->state1 + id, 1);
}

INLINE void sparse_part_as(const int32_t kind, const mtlc_sparse_args *t, int64_t part) {
  const mtlc_sparse_scratch *scratch = t->scratch;
  int64_t start = scratch->starts[part], count = scratch->starts[part + 1] - start;
  if (count == 0) return;
  int64_t groups = sparse_group(scratch, start, count);
  const sparse_constants c = sparse_constants_of(t);
  const mtlc_sparse_record *records = scratch->records + start;
  const int32_t *next = scratch->next + start, *heads = scratch->heads + start;
  float *sums = scratch->sums + part * ((t->dim + 15) / 16 * 16);
  for (int64_t k = 0; k < min_int(SPARSE_AHEAD, groups); k++)
    sparse_prefetch(kind, t, &records[heads[k]]);
  for (int64_t k = 0; k < groups; k++) {
    if (k + SPARSE_AHEAD < groups) sparse_prefetch(kind, t, &records[heads[k + SPARSE_AHEAD]]);
    const int32_t id = records[heads[k]].id;
    vi touched = {0};
    vf squares = {0};
    float *p = t->table + id * t->ld_table;
    for (int64_t j = 0; j < t->dim; j += VL) {
      int64_t n = min_int(VL, t->dim - j);
      vf sum = {0};
      for (int32_t i = heads[k]; i >= 0; i = next[i])
        sum += load_upto(sparse_gradient(t, &records[i]) + j, n) * records[i].scale;
      touched |= sum != 0.0f;
      sum = sum * c.scale;
      if (c.l2 != 0) sum += load_upto(p + j, n) * c.l2;
      squares += sum * sum;
      store_upto(sums + j, sum, n);
    }
    int32_t any = 0;
    for (int l = 0; l < VL; l++) any |= touched[l];
    if (!any) continue;
    float row_sum = 0;
    if (kind == MTLC_SPARSE_ROWWISE_ADAGRAD) {
      row_sum = t->state1[id] + sum_lanes(squares) / (float)t->dim;
      t->state1[id] = row_sum;
    }
    float *s1 = t->state1 + id * t->ld_table, *s2 = t->state2 + id * t->ld_table;
    for (int64_t j = 0; j < t->dim; j += VL) {
      int64_t n = min_int(VL, t->dim - j);
      sparse_step(kind, &c, load_upto(sums + j, n), p + j, s1 + j, s2 + j, row_sum, n);
    }
  }
}

static void sparse_update(const mtlc_sparse_args *t, int64_t first, int64_t last) {
  for (int64_t part = first; part < last; part++) {
    switch (t->kind) {
      case MTLC_SPARSE_SGD: sparse_part_as(MTLC_SPARSE_SGD, t, part); break;
      case MTLC_SPARSE_ADAM: sparse_part_as(MTLC_SPARSE_ADAM, t, part); break;
      case MTLC_SPARSE_ADAGRAD: sparse_part_as(MTLC_SPARSE_ADAGRAD, t, part); break;
      case MTLC_SPARSE_ROWWISE_ADAGRAD: sparse_part_as(MTLC_SPARSE_ROWWISE_ADAGRAD, t, part); break;
      case MTLC_SPARSE_FTRL: sparse_part_as(MTLC_SPARSE_FTRL, t, part); break;
      default: break;
    }
  }
}

#endif

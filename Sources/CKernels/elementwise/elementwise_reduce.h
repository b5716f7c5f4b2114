// Reductions at the end of an elementwise program. Each tile sums in chunk order; tiles are added
// up in tile order, by whichever thread finishes last.
#ifndef MTLC_KERNEL_ELEMENTWISE_REDUCE_H
#define MTLC_KERNEL_ELEMENTWISE_REDUCE_H

#include <stdatomic.h>

#include "elementwise_memory.h"

/// One reduction of the program while a tile is worked on.
typedef struct {
  const mtlc_elementwise_op *op;
  const mtlc_elementwise_operand *operand;
  const int64_t *stride;
  int32_t is_max;
  int32_t folded;    // columns that divide a vector: lane l holds column l % columns
  int64_t offset;    // of its partial result in a tile's scratch
  int64_t width;
  float *partial;    // [width]: where this tile's columns go
  vf lane;           // ALL and folded COLUMNS: by lane
} reduction;

INLINE vf combine(int32_t is_max, vf x, vf y) { return is_max ? max_nan(x, y) : x + y; }
INLINE float combine_one(int32_t is_max, float x, float y) {
  return is_max ? (x > y || x != x ? x : y) : x + y;
}
INLINE float identity(int32_t is_max) { return is_max ? -INFINITY : 0.0f; }

INLINE float combine_lanes(int32_t is_max, vf x) {
  if (!is_max) return sum_lanes(x);
  float y = x[0];
  for (int l = 1; l < VL; l++) y = combine_one(1, y, x[l]);
  return y;
}

/// The first n lanes of x; the others become the identity.
INLINE vf only(int32_t is_max, vf x, int64_t n) {
  return n >= VL ? x : choose(first_lanes(n), x, splat(identity(is_max)));
}

INLINE vf fold_run(int32_t is_max, vf sum, const float *r, int64_t n) {
  int64_t i = 0;
  for (; i + VL <= n; i += VL) sum = combine(is_max, sum, load(r + i));
  if (i < n) sum = combine(is_max, sum, only(is_max, load_n(r + i, n - i), n - i));
  return sum;
}

static void reduce_columns(reduction *q, const chunk_range *c, const float *r) {
  if (q->folded) {
    q->lane = fold_run(q->is_max, q->lane, r, c->count);
    return;
  }
  for (int64_t i = 0; i < c->rows; i++, r += c->columns) {
    float *to = q->partial + c->column;
    int64_t j = 0, n = c->columns;
    for (; j + VL <= n; j += VL) store(to + j, combine(q->is_max, load(to + j), load(r + j)));
    for (; j < n; j++) to[j] = combine_one(q->is_max, to[j], r[j]);
  }
}

static void reduce_inner(reduction *q, const elementwise_cut *cut, const chunk_range *c,
                         const float *r) {
  float *data = q->operand->data;
  row_walk w = walk_from(cut, q->stride, c);
  if (cut->chunks_per_row > 1) {
    if (c->column == 0) q->lane = splat(identity(q->is_max));
    q->lane = fold_run(q->is_max, q->lane, r, c->columns);
    if (c->column + c->columns == cut->columns)
      data[w.offset] = combine_lanes(q->is_max, q->lane);
    return;
  }
  for (int64_t i = 0; i < c->rows; i++, r += c->columns, walk_on(&w, cut, q->stride)) {
    float x = identity(q->is_max);
    if (c->columns < VL)
      for (int64_t j = 0; j < c->columns; j++) x = combine_one(q->is_max, x, r[j]);
    else
      x = combine_lanes(q->is_max, fold_run(q->is_max, splat(x), r, c->columns));
    data[w.offset] = x;
  }
}

static void reduce_chunk(reduction *q, const elementwise_cut *cut, const chunk_range *c,
                         const float *r) {
  if (reduces_all(q->op->opcode))
    q->lane = fold_run(q->is_max, q->lane, r, c->count);
  else if (reduces_columns(q->op->opcode))
    reduce_columns(q, c, r);
  else
    reduce_inner(q, cut, c, r);
}

/// Finds the program's reductions.
static int64_t find_reductions(const mtlc_elementwise_args *t, const elementwise_cut *cut,
                               reduction *found) {
  int64_t count = 0, offset = 0;
  for (int64_t p = 0; p < t->op_count; p++) {
    int32_t code = t->ops[p].opcode;
    if (!is_reduction(code)) continue;
    reduction *q = found + count++;
    q->op = t->ops + p;
    q->operand = t->operands + t->ops[p].b;
    q->stride = cut->strides[t->ops[p].b];
    q->is_max = reduces_to_max(code);
    q->offset = offset;
    q->width = reduces_all(code) ? 1 : reduces_columns(code) ? cut->columns : 0;
    q->folded = reduces_columns(code) && cut->columns > 0 && VL % cut->columns == 0;
    offset += q->width;
  }
  return count;
}

static void begin_tile(reduction *q, float *partials) {
  q->lane = splat(identity(q->is_max));
  q->partial = partials + q->offset;
  for (int64_t j = 0; j < q->width; j++) q->partial[j] = identity(q->is_max);
}

static void end_tile(reduction *q) {
  if (q->width == 0) return;
  if (reduces_all(q->op->opcode)) {
    q->partial[0] = combine_lanes(q->is_max, q->lane);
  } else if (q->folded) {
    for (int l = 0; l < VL; l++) {
      float *to = q->partial + l % q->width;
      *to = combine_one(q->is_max, *to, q->lane[l]);
    }
  }
}

/// Adds up the partial results of all tiles.
static void finish_reduction(const reduction *q, const elementwise_cut *cut,
                             const float *partials) {
  float *data = q->operand->data;
  for (int64_t j = 0; j < q->width; j++) {
    const float *from = partials + q->offset + j;
    float x = cut->tiles > 0 ? *from : identity(q->is_max);
    for (int64_t tile = 1; tile < cut->tiles; tile++)
      x = combine_one(q->is_max, x, from[tile * cut->partial_width]);
    data[j * q->stride[3]] = x;
  }
}

/// Counts tiles in; true for the call that brings in the last ones.
INLINE int all_arrived(int64_t *counter, int64_t arrived, int64_t tiles) {
  _Atomic(int64_t) *shared = (_Atomic(int64_t) *)counter;
  if (atomic_fetch_add_explicit(shared, arrived, memory_order_acq_rel) + arrived != tiles) return 0;
  atomic_store_explicit(shared, 0, memory_order_relaxed);
  return 1;
}

#endif

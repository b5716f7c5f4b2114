// Loads and stores of a chunk: rows of columns at any strides, to and from a register.
#ifndef MTLC_KERNEL_ELEMENTWISE_MEMORY_H
#define MTLC_KERNEL_ELEMENTWISE_MEMORY_H

#include "elementwise_cut.h"
#include "../support/simd.h"

enum { CHUNKS_AHEAD = 2 };

/// A chunk: `rows` rows from `row` on, or a part of one row.
typedef struct {
  int64_t row, rows, column, columns, count;
} chunk_range;

INLINE chunk_range chunk_of(const elementwise_cut *cut, int64_t chunk) {
  chunk_range c;
  if (cut->chunks_per_row == 1) {
    c.row = chunk * cut->chunk_rows;
    c.rows = min_int(cut->chunk_rows, cut->rows - c.row);
    c.column = 0;
    c.columns = cut->columns;
  } else {
    c.row = chunk / cut->chunks_per_row;
    c.rows = 1;
    c.column = chunk % cut->chunks_per_row * MTLC_ELEMENTWISE_CHUNK;
    c.columns = min_int(MTLC_ELEMENTWISE_CHUNK, cut->columns - c.column);
  }
  c.count = c.rows * c.columns;
  return c;
}

/// Walks the rows of a chunk through one operand.
typedef struct {
  int64_t index[3];
  int64_t offset;
} row_walk;

INLINE row_walk walk_from(const elementwise_cut *cut, const int64_t *stride, const chunk_range *c) {
  row_walk w;
  int64_t row = c->row;
  if (cut->dims[0] == 1 && cut->dims[1] == 1) {
    w = (row_walk){.index = {0, 0, row}, .offset = row * stride[2] + c->column * stride[3]};
    return w;
  }
  w.index[2] = row % cut->dims[2];
  row /= cut->dims[2];
  w.index[1] = row % cut->dims[1];
  w.index[0] = row / cut->dims[1];
  w.offset = w.index[0] * stride[0] + w.index[1] * stride[1] + w.index[2] * stride[2] +
             c->column * stride[3];
  return w;
}

INLINE void walk_on(row_walk *w, const elementwise_cut *cut, const int64_t *stride) {
  w->offset += stride[2];
  if (++w->index[2] < cut->dims[2]) return;
  w->offset += stride[1] - stride[2] * cut->dims[2];
  w->index[2] = 0;
  if (++w->index[1] < cut->dims[1]) return;
  w->offset += stride[0] - stride[1] * cut->dims[1];
  w->index[1] = 0;
}

/// Whether the chunk is one run of memory.
INLINE int is_dense(const elementwise_cut *cut, const int64_t *stride, const chunk_range *c) {
  if (c->columns > 1 && stride[3] != 1) return 0;
  return c->rows == 1 || (cut->dims[0] == 1 && cut->dims[1] == 1 && stride[2] == c->columns);
}

/// `ahead` leads from an element to the one that a later chunk will want in its place: what another
/// core has written takes long to come.
INLINE void load_row(float *to, const float *from, int64_t stride, int64_t n, int64_t ahead) {
  int64_t i = 0;
  if (stride == 1 && n < 8) {
    for (; i < n; i++) to[i] = from[i];
  } else if (stride == 1) {
    for (; i + VL <= n; i += VL) {
      __builtin_prefetch(from + i + ahead);
      store(to + i, load(from + i));
    }
    if (i < n) store_n(to + i, load_n(from + i, n - i), n - i);
  } else if (stride == 0) {
    float x = *from;
    if (n < 8) {
      for (; i < n; i++) to[i] = x;
    } else {
      vf all = splat(x);
      for (; i + VL <= n; i += VL) store(to + i, all);
      if (i < n) store_n(to + i, all, n - i);
    }
  } else {
    for (; i < n; i++) to[i] = from[i * stride];
  }
}

/// The values of one operand for a chunk: in memory itself if `may_alias` and it is dense, or
/// copied to `r`.
static const float *load_chunk(const mtlc_elementwise_operand *operand, const elementwise_cut *cut,
                               const int64_t *stride, const chunk_range *c, int may_alias,
                               float *r) {
  row_walk w = walk_from(cut, stride, c);
  if (operand->type == MTLC_TYPE_I32) {
    const int32_t *data = operand->data;
    int64_t at = 0;
    for (int64_t i = 0; i < c->rows; i++, walk_on(&w, cut, stride))
      for (int64_t j = 0; j < c->columns; j++) r[at++] = (float)data[w.offset + j * stride[3]];
    return r;
  }
  const float *data = operand->data;
  if (is_dense(cut, stride, c)) {
    if (may_alias && c->count % VL == 0) {
      for (int64_t i = 0; i < c->count; i += VL)
        __builtin_prefetch(data + w.offset + CHUNKS_AHEAD * c->count + i);
      return data + w.offset;
    }
    load_row(r, data + w.offset, 1, c->count, CHUNKS_AHEAD * c->count);
    return r;
  }
  if (c->rows > 1 && cut->dims[0] == 1 && cut->dims[1] == 1 &&
      (c->columns == 1 || (stride[2] == 0 && stride[3] == 0))) {
    // One element per row, or one for all.
    load_row(r, data + w.offset, stride[2], c->count, 0);
    return r;
  }
  float *to = r;
  for (int64_t i = 0; i < c->rows; i++, to += c->columns, walk_on(&w, cut, stride))
    load_row(to, data + w.offset, stride[3], c->columns, CHUNKS_AHEAD * c->rows * stride[2]);
  return r;
}

INLINE void store_row(float *to, const float *from, int64_t stride, int64_t n) {
  int64_t i = 0;
  if (stride == 1) {
    for (; i + VL <= n; i += VL) store(to + i, load(from + i));
    if (i < n) store_n(to + i, load_n(from + i, n - i), n - i);
  } else {
    for (; i < n; i++) to[i * stride] = from[i];
  }
}

/// `streams` tells that the operand is stored past the caches where its lines are whole.
static void store_chunk(const mtlc_elementwise_operand *operand, const elementwise_cut *cut,
                        const int64_t *stride, const chunk_range *c, const float *r,
                        int streams) {
  row_walk w = walk_from(cut, stride, c);
  if (operand->type == MTLC_TYPE_I32) {
    int32_t *data = operand->data;
    for (int64_t i = 0; i < c->rows; i++, walk_on(&w, cut, stride))
      for (int64_t j = 0; j < c->columns; j++, r++) {
        // Out of range and NaN become 0: the conversion itself would be undefined.
        data[w.offset + j * stride[3]] = *r > -0x1p31f && *r < 0x1p31f ? (int32_t)*r : 0;
      }
    return;
  }
  float *data = operand->data;
  if (is_dense(cut, stride, c)) {
    const int64_t line = 64 / (int64_t)sizeof(float);
    if (streams && ((uintptr_t)(data + w.offset) & 63) == 0 && c->count % line == 0)
      for (int64_t i = 0; i < c->count; i += VL) store_streamed(data + w.offset + i, load(r + i));
    else
      store_row(data + w.offset, r, 1, c->count);
    return;
  }
  for (int64_t i = 0; i < c->rows; i++, r += c->columns, walk_on(&w, cut, stride))
    store_row(data + w.offset, r, stride[3], c->columns);
}

#endif

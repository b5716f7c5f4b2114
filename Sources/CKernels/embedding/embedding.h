// Embedding lookups and their gradient.
#ifndef MTLC_KERNEL_EMBEDDING_H
#define MTLC_KERNEL_EMBEDDING_H

#include "embedding_cut.h"
#include "../support/simd.h"

/// Random rows come from memory: their lines are asked for this many rows before.
enum { ROWS_AHEAD = 32 };

INLINE int64_t clamp_id(int32_t id, int64_t count) { return id < count ? id : 0; }

INLINE void prefetch_row(const mtlc_embedding_feature *f, const float *table, int32_t id) {
  if (id < 0) return;
  const float *row = table + clamp_id(id, f->table_rows) * f->ld_table;
  const char *end = (const char *)(row + f->dim);
  for (const char *line = (const char *)((uintptr_t)row & ~(uintptr_t)63); line < end; line += 64)
    __builtin_prefetch(line);
}

INLINE void copy_row(float *to, const float *from, int64_t n) {
  for (int64_t j = 0; j < n; j += VL) store_upto(to + j, load_upto(from + j, n - j), n - j);
}

INLINE void clear_row(float *to, int64_t n) {
  for (int64_t j = 0; j < n; j += VL) store_upto(to + j, (vf){0}, n - j);
}

INLINE int64_t count_ids(const int32_t *ids, int64_t length) {
  int64_t count = 0;
  for (int64_t l = 0; l < length; l++) count += ids[l] >= 0;
  return count;
}

INLINE void gather_row(const mtlc_embedding_feature *f, const int32_t *ids, float *out) {
  if (f->pooling == MTLC_POOLING_CONCAT || f->length == 1) {
    for (int64_t l = 0; l < f->length; l++) {
      if (ids[l] < 0)
        clear_row(out + l * f->dim, f->dim);
      else
        copy_row(out + l * f->dim, f->table + clamp_id(ids[l], f->table_rows) * f->ld_table,
                 f->dim);
    }
    return;
  }
  int64_t count = f->pooling == MTLC_POOLING_MEAN ? count_ids(ids, f->length) : 1;
  float scale = count > 1 ? 1.0f / (float)count : 1.0f;
  for (int64_t j = 0; j < f->dim; j += VL) {
    vf sum = {0};
    for (int64_t l = 0; l < f->length; l++)
      if (ids[l] >= 0)
        sum += load_upto(f->table + clamp_id(ids[l], f->table_rows) * f->ld_table + j,
                         f->dim - j);
    store_upto(out + j, sum * scale, f->dim - j);
  }
}

/// A batch row's features one after the other, while the table rows of a later batch row are asked
/// for, beyond the end of the tile too: whoever has this tile mostly has the next.
static void gather_run(const mtlc_gather_args *t, int64_t first, int64_t last) {
  row_cut cut = gather_cut(t);
  int64_t i0 = first * cut.tile_rows, i1 = min_int(t->rows, last * cut.tile_rows);
  int64_t lookups = 0;
  for (int64_t k = 0; k < t->feature_count; k++) lookups += t->features[k].length;
  int64_t ahead = max_int(1, ROWS_AHEAD / max_int(1, lookups));
  for (int64_t i = i0; i < i1; i++) {
    const int32_t *ids = t->ids + i * t->ld_ids;
    const int32_t *coming = i + ahead < t->rows ? ids + ahead * t->ld_ids : 0;
    float *out = t->out + i * t->ld_out;
    for (int64_t k = 0; k < t->feature_count; k++) {
      const mtlc_embedding_feature *f = t->features + k;
      if (coming)
        for (int64_t l = 0; l < f->length; l++)
          prefetch_row(f, f->table, coming[f->id_column + l]);
      gather_row(f, ids + f->id_column, out + f->out_column);
    }
  }
}

/// A tile owns the ids that hash to it, whatever the table: two features that share a table agree
/// about who owns a row, and each row sees its gradients in one order.
static void scatter_feature(const mtlc_scatter_add_args *t, const mtlc_embedding_feature *f,
                            int64_t parts, int64_t first, int64_t last) {
  for (int64_t i = 0; i < t->rows; i++) {
    const int32_t *ids = t->ids + i * t->ld_ids + f->id_column;
    const float *d = t->d_out + i * t->ld_d_out + f->out_column;
    if (i + ROWS_AHEAD < t->rows)
      for (int64_t l = 0; l < f->length; l++)
        prefetch_row(f, f->gradient, ids[ROWS_AHEAD * t->ld_ids + l]);
    int64_t count = f->pooling == MTLC_POOLING_MEAN ? count_ids(ids, f->length) : 1;
    float scale = count > 1 ? 1.0f / (float)count : 1.0f;
    for (int64_t l = 0; l < f->length; l++) {
      if (ids[l] < 0) continue;
      int64_t id = clamp_id(ids[l], f->table_rows);
      if (parts > 1) {
        int64_t part = (int64_t)(((uint32_t)id * 0x9E3779B1u) >> 28);
        if (part < first || part >= last) continue;
      }
      float *row = f->gradient + id * f->ld_table;
      const float *from = f->pooling == MTLC_POOLING_CONCAT ? d + l * f->dim : d;
      for (int64_t j = 0; j < f->dim; j += VL) {
        int64_t n = f->dim - j;
        store_upto(row + j, load_upto(row + j, n) + scale * load_upto(from + j, n), n);
      }
    }
  }
}

static void scatter_add_run(const mtlc_scatter_add_args *t, int64_t first, int64_t last) {
  if (first >= last) return;
  int64_t parts = scatter_parts(t);
  for (int64_t f = 0; f < t->feature_count; f++)
    scatter_feature(t, t->features + f, parts, first, last);
}

#endif

// Where a step's ids come from: occurrences are sorted into parts by a hash.
#ifndef MTLC_KERNEL_SPARSE_ROUTE_H
#define MTLC_KERNEL_SPARSE_ROUTE_H

#include "../support/simd.h"
#include "sparse_cut.h"

enum {
  /// Ids that are looked at together.
  SPARSE_IDS = 1024,
  /// The most records that are asked for before they are written: half of a second-level cache.
  SPARSE_ASKED = 65536,
};

/// Its upper bits choose the part, the next ones the slot.
INLINE uint32_t sparse_hash(int32_t id) { return (uint32_t)id * SPARSE_FACTOR; }

INLINE float sparse_scale(const mtlc_sparse_source *s, int64_t row) {
  if (s->pooling != MTLC_POOLING_MEAN || s->length == 1) return 1;
  int64_t present = 0;
  for (int64_t l = 0; l < s->length; l++) {
    const int32_t id = s->ids[row * s->ld_ids + l];
    present += id >= 0 || id == MTLC_ROW_ELSEWHERE;
  }
  return present > 1 ? 1.0f / (float)present : 1;
}

/// Where gradients count from.
INLINE const float *sparse_base(const mtlc_sparse_args *t) {
  const float *base = t->sources[0].d_out;
  for (int64_t k = 1; k < t->source_count; k++)
    if (t->sources[k].d_out < base) base = t->sources[k].d_out;
  return base;
}

/// Sources [first, end), whose rows are gone through together: `width` ids each.
typedef struct {
  int64_t first, end, rows, width;
  int adjacent;  ///< Whether these are neighbours in memory.
} sparse_run;

/// From source k on as many as have equal rows and strides and fit a block. One alone may be wider.
INLINE sparse_run sparse_run_from(const mtlc_sparse_args *t, int64_t k) {
  const mtlc_sparse_source *s = &t->sources[k];
  sparse_run run = {.first = k, .rows = s->rows, .width = s->length, .adjacent = s->ids != 0};
  for (run.end = k + 1; run.end < t->source_count; run.end++) {
    const mtlc_sparse_source *next = &t->sources[run.end];
    if (next->rows != run.rows || next->ld_d_out != s->ld_d_out) break;
    if (run.width + next->length > SPARSE_IDS) break;
    run.adjacent = run.adjacent && next->ids == s->ids + run.width && next->ld_ids == s->ld_ids;
    run.width += next->length;
  }
  return run;
}

/// Ids of a block: rows [row, row + rows) of a run, of each the places [place, place + width).
typedef struct {
  int64_t row, rows, place, width;
  int32_t ids[SPARSE_IDS + VL], parts[SPARSE_IDS + VL];
} sparse_block;

INLINE void sparse_copy(const int32_t *from, int64_t count, int32_t *to) {
  int64_t i = 0;
  for (; i + VL <= count; i += VL) store_int(to + i, load_int(from + i));
#pragma clang loop vectorize(disable)
  for (; i < count; i++) to[i] = from[i];
}

/// The ids that the lookups took, and their parts. One beyond the table reads row 0; padding has a
/// part of its own behind the others.
INLINE void sparse_take(const mtlc_sparse_args *t, const sparse_cut *cut, const sparse_run *run,
                        sparse_block *b) {
  int32_t *to = b->ids;
  for (int64_t row = b->row; row < b->row + b->rows; row++) {
    const mtlc_sparse_source *s = &t->sources[run->first];
    if (run->adjacent) {
      sparse_copy(s->ids + row * s->ld_ids + b->place, b->width, to);
      to += b->width;
      continue;
    }
    for (int64_t k = run->first; k < run->end; k++, s++) {
      if (s->ids)
        sparse_copy(s->ids + row * s->ld_ids, s->length, to);
      else
        *to = (int32_t)row;
      to += s->length;
    }
  }
  for (int64_t i = 0; i < to - b->ids; i += VL) {
    vi id = load_int(b->ids + i);
    id &= id < (int32_t)t->table_rows;
    vi part = (vi)((vu)id * SPARSE_FACTOR >> (32 - cut->part_bits));
    store_int(b->ids + i, id);
    store_int(b->parts + i, (part & (id >= 0)) | ((int32_t)cut->parts & (id < 0)));
  }
}

/// Where the gradients of a run's row 0 are, from `base` on, by place.
INLINE void sparse_offsets(const mtlc_sparse_args *t, const sparse_run *run, const sparse_block *b,
                           uint32_t offsets[]) {
  const float *base = sparse_base(t);
  for (int64_t k = run->first; k < run->end; k++) {
    const mtlc_sparse_source *s = &t->sources[k];
    const int64_t step = s->pooling == MTLC_POOLING_CONCAT ? t->dim : 0;
    const int64_t count = min_int(s->length, b->width);
    for (int64_t l = 0; l < count; l++)
      *offsets++ = (uint32_t)(s->d_out - base + (b->place + l) * step);
  }
}

/// Writes the occurrences of a block to the next free places of their parts.
INLINE void sparse_put(const mtlc_sparse_args *t, const sparse_run *run, const sparse_block *b,
                       const uint32_t *offsets, int32_t *next) {
  const mtlc_sparse_scratch to = *t->scratch;
  const int32_t *ids = b->ids, *parts = b->parts;
  const int64_t ld = t->sources[run->first].ld_d_out;
  for (int64_t row = b->row; row < b->row + b->rows; row++, ids += b->width, parts += b->width) {
    const uint32_t gradient = (uint32_t)(row * ld);
    if (to.scales) {
      int64_t i = 0;
      for (int64_t k = run->first; k < run->end; k++) {
        const mtlc_sparse_source *s = &t->sources[k];
        const float scale = sparse_scale(s, row);
        for (int64_t end = i + min_int(s->length, b->width); i < end; i++) {
          const int32_t place = next[parts[i]]++;
          to.records[place] = (mtlc_sparse_record){ids[i], gradient + offsets[i]};
          to.scales[place] = scale;
        }
      }
      continue;
    }
    for (int64_t i = 0; i < b->width; i++)
      to.records[next[parts[i]]++] = (mtlc_sparse_record){ids[i], gradient + offsets[i]};
  }
}

/// Counts a chunk's ids in each part, or puts them to the parts' places.
INLINE void sparse_pass(const mtlc_sparse_args *t, const sparse_cut *cut, int64_t chunk,
                        const int puts, int32_t *of_parts) {
  uint32_t offsets[SPARSE_IDS];
  sparse_block b;
  sparse_run run;
  for (int64_t k = 0; k < t->source_count; k = run.end) {
    run = sparse_run_from(t, k);
    const int64_t r0 = run.rows * chunk / cut->chunks, r1 = run.rows * (chunk + 1) / cut->chunks;
    for (b.place = 0; b.place < run.width; b.place += SPARSE_IDS) {
      b.width = min_int(SPARSE_IDS, run.width - b.place);
      if (puts) sparse_offsets(t, &run, &b, offsets);
      for (b.row = r0; b.row < r1; b.row += b.rows) {
        b.rows = min_int(r1 - b.row, SPARSE_IDS / b.width);
        sparse_take(t, cut, &run, &b);
        if (puts)
          sparse_put(t, &run, &b, offsets, of_parts);
        else
          for (int64_t i = 0; i < b.rows * b.width; i++) of_parts[b.parts[i]]++;
      }
    }
  }
}

/// Each chunk has room for all its occurrences at a place of its own, so that chunks need not know
/// of each other; padding is behind the parts.
static void sparse_route_chunk(const mtlc_sparse_args *t, const sparse_cut *cut, int64_t chunk) {
  int32_t counts[MTLC_SPARSE_MOST_PARTS + 1] = {0}, next[MTLC_SPARSE_MOST_PARTS + 1];
  sparse_pass(t, cut, chunk, 0, counts);
  int64_t start = 0;
  for (int64_t k = 0; k < t->source_count; k++)
    start += t->sources[k].rows * chunk / cut->chunks * t->sources[k].length;
  int32_t *starts = t->scratch->starts + chunk * (MTLC_SPARSE_MOST_PARTS + 1);
  for (int64_t p = 0; p <= cut->parts; p++) {
    starts[p] = next[p] = (int32_t)start;
    start += counts[p];
  }
  // Another core has read them in the last step.
  const int64_t end = min_int(start, starts[0] + SPARSE_ASKED);
  for (int64_t i = starts[0]; i < end; i += 8) __builtin_prefetch(t->scratch->records + i, 1, 3);
  sparse_pass(t, cut, chunk, 1, next);
}

static void sparse_route(const mtlc_sparse_args *t, int64_t first, int64_t last) {
  const sparse_cut cut = sparse_cut_of(t);
  for (int64_t chunk = first; chunk < last; chunk++) sparse_route_chunk(t, &cut, chunk);
}

#endif

// Where a step's ids come from: occurrences are sorted into parts by a hash, and in a part chained
// by id.
#ifndef MTLC_SPARSE_ROUTE_KERNEL_H
#define MTLC_SPARSE_ROUTE_KERNEL_H

#include "simd.h"
#include "sparse_cut.h"

/// Its upper bits choose the part, the next ones the slot.
INLINE uint64_t sparse_hash(int32_t id) { return (uint64_t)(uint32_t)id * 0x9E3779B97F4A7C15u; }

/// The id that a lookup took: padding is left out, one beyond the table reads row 0.
INLINE int32_t sparse_id(const mtlc_sparse_args *t, const mtlc_sparse_source *s, int64_t row,
                         int64_t place) {
  int32_t id = s->ids ? s->ids[row * s->ld_ids + place] : (int32_t)row;
  return id < t->table_rows ? id : 0;
}

INLINE float sparse_scale(const mtlc_sparse_source *s, int64_t row) {
  if (s->pooling != MTLC_POOLING_MEAN || s->length == 1) return 1;
  int64_t present = 0;
  for (int64_t l = 0; l < s->length; l++) present += s->ids[row * s->ld_ids + l] >= 0;
  return present > 1 ? 1.0f / (float)present : 1;
}

/// Where the offsets of records count from.
INLINE const float *sparse_base(const mtlc_sparse_args *t) {
  const float *base = t->sources[0].d_out;
  for (int64_t k = 1; k < t->source_count; k++)
    if (t->sources[k].d_out < base) base = t->sources[k].d_out;
  return base;
}

/// Each chunk has room for all its occurrences at a place of its own, so that chunks need not know
/// of each other.
static void sparse_route_chunk(const mtlc_sparse_args *t, const sparse_cut *cut, int64_t chunk) {
  const mtlc_sparse_scratch *scratch = t->scratch;
  const int32_t shift = 64 - cut->part_bits;
  int32_t *starts = scratch->starts + chunk * (MTLC_SPARSE_MOST_PARTS + 1);
  int32_t counts[MTLC_SPARSE_MOST_PARTS] = {0};
  int64_t start = 0;
  for (int64_t k = 0; k < t->source_count; k++) {
    const mtlc_sparse_source *s = &t->sources[k];
    int64_t r0 = s->rows * chunk / cut->chunks, r1 = s->rows * (chunk + 1) / cut->chunks;
    start += r0 * s->length;
    for (int64_t r = r0; r < r1; r++)
      for (int64_t l = 0; l < s->length; l++) {
        int32_t id = sparse_id(t, s, r, l);
        counts[sparse_hash(id) >> shift] += id >= 0;
      }
  }
  int32_t out[MTLC_SPARSE_MOST_PARTS];
  int32_t end = (int32_t)start;
  for (int64_t p = 0; p < cut->parts; p++) {
    starts[p] = out[p] = end;
    end += counts[p];
  }
  starts[cut->parts] = end;
  const float *base = sparse_base(t);
  for (int64_t k = 0; k < t->source_count; k++) {
    const mtlc_sparse_source *s = &t->sources[k];
    int64_t r0 = s->rows * chunk / cut->chunks, r1 = s->rows * (chunk + 1) / cut->chunks;
    int64_t step = s->pooling == MTLC_POOLING_CONCAT ? t->dim : 0;
    for (int64_t r = r0; r < r1; r++) {
      int64_t gradient = s->d_out - base + r * s->ld_d_out;
      float scale = scratch->scales ? sparse_scale(s, r) : 1;
      for (int64_t l = 0; l < s->length; l++) {
        int32_t id = sparse_id(t, s, r, l);
        if (id < 0) continue;
        int32_t place = out[sparse_hash(id) >> shift]++;
        scratch->records[place] = (mtlc_sparse_record){id, (uint32_t)(gradient + l * step)};
        if (scratch->scales) scratch->scales[place] = scale;
      }
    }
  }
}

static void sparse_route(const mtlc_sparse_args *t, int64_t first, int64_t last) {
  const sparse_cut cut = sparse_cut_of(t);
  for (int64_t chunk = first; chunk < last; chunk++) sparse_route_chunk(t, &cut, chunk);
}

/// Copies a part's occurrences from all chunks, in their order.
static void sparse_collect(const mtlc_sparse_scratch *scratch, const sparse_cut *cut, int64_t part,
                           mtlc_sparse_room *room) {
  int64_t count = 0;
  for (int64_t c = 0; c < cut->chunks; c++) {
    const int32_t *starts = scratch->starts + c * (MTLC_SPARSE_MOST_PARTS + 1) + part;
    for (int32_t i = starts[0]; i < starts[1]; i++, count++) {
      room->records[count] = scratch->records[i];
      if (scratch->scales) room->scales[count] = scratch->scales[i];
    }
  }
}

/// Asks for the lines of n elements; `near` for the first cache rather than the second.
INLINE void sparse_ask(const float *from, int64_t n, const int near) {
  const char *end = (const char *)(from + n);
  const char *line = (const char *)((uintptr_t)from & ~(uintptr_t)63);
  for (; line < end; line += 64) {
    if (near)
      __builtin_prefetch(line, 1, 3);
    else
      __builtin_prefetch(line, 1, 2);
  }
}

/// Chains the part's occurrences of each id, first to last, and asks for the rows. Returns the
/// number of different ids.
static int64_t sparse_group(const mtlc_sparse_args *t, const sparse_cut *cut, int64_t count,
                            const mtlc_sparse_room *room) {
  int32_t bits = 5;
  while (bits < 30 && (int64_t)1 << bits < 4 * count) bits++;
  const uint32_t mask = ((uint32_t)1 << bits) - 1;
  int32_t *slots = room->slots;
  for (int64_t s = 0; s <= mask; s++) slots[s] = -1;
  int32_t groups = 0;
  // Backwards, so that what is put in front comes first.
  for (int64_t i = count - 1; i >= 0; i--) {
    const int32_t id = room->records[i].id;
    uint32_t s = (uint32_t)(sparse_hash(id) << cut->part_bits >> (64 - bits));
    int32_t g = slots[s];
    while (g >= 0 && room->groups[g].id != id) {
      s = (s + 1) & mask;
      g = slots[s];
    }
    if (g < 0) {
      sparse_ask(t->table + id * t->ld_table, t->dim, 0);
      slots[s] = groups;
      room->next[i] = -1;
      room->groups[groups++] = (mtlc_sparse_group){id, (int32_t)i};
    } else {
      room->next[i] = room->groups[g].head;
      room->groups[g].head = (int32_t)i;
    }
  }
  return groups;
}

#endif

// Where a step's ids come from: occurrences are sorted into parts by a hash, and in a part chained
// by id.
#ifndef MTLC_SPARSE_ROUTE_KERNEL_H
#define MTLC_SPARSE_ROUTE_KERNEL_H

#include "simd.h"
#include "sparse_cut.h"

enum {
  /// Occurrences of a part that is worked on in the first cache, on the stack: a power of two, as
  /// are its slots.
  SPARSE_STACK = 1024,
  /// Lines of records of a chunk that are asked for before a part's turn.
  SPARSE_LINES_AHEAD = 8,
};

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

/// Asks for a part's records in all chunks.
INLINE void sparse_ask_part(const mtlc_sparse_scratch *scratch, const sparse_cut *cut,
                            int64_t part) {
  for (int64_t c = 0; c < cut->chunks; c++) {
    const int32_t *starts = scratch->starts + c * (MTLC_SPARSE_MOST_PARTS + 1) + part;
    int64_t end = min_int(starts[1], starts[0] + SPARSE_LINES_AHEAD * 8);
    for (int64_t i = starts[0]; i < end; i += 8) {
      __builtin_prefetch(scratch->records + i, 0, 3);
      __builtin_prefetch(scratch->links + i, 1, 3);
    }
  }
}

/// Chains a part's occurrences by id, in the order of chunks and within each: their counts are the
/// next ones' places meanwhile, or -1, and the first one of several has the last one as its head.
/// Returns how many ids have several.
static int64_t sparse_chain(const mtlc_sparse_scratch *scratch, const sparse_cut *cut, int64_t part,
                            int32_t bits, int32_t *slots, int32_t *several) {
  const mtlc_sparse_record *records = scratch->records;
  mtlc_sparse_link *links = scratch->links;
  const uint32_t mask = ((uint32_t)1 << bits) - 1;
  for (int64_t s = 0; s <= mask; s++) slots[s] = -1;
  int64_t count = 0;
  for (int64_t c = 0; c < cut->chunks; c++) {
    const int32_t *starts = scratch->starts + c * (MTLC_SPARSE_MOST_PARTS + 1) + part;
    const int32_t end = starts[1];
    for (int32_t i = starts[0]; i < end; i++) {
      const int32_t id = records[i].id;
      uint32_t s = (uint32_t)(sparse_hash(id) << cut->part_bits >> (64 - bits));
      int32_t first = slots[s];
      while (first >= 0 && records[first].id != id) {
        s = (s + 1) & mask;
        first = slots[s];
      }
      if (first < 0) {
        slots[s] = i;
        links[i] = (mtlc_sparse_link){i, -1};
      } else {
        const int32_t last = links[first].head;
        if (last == first) several[count++] = first;
        links[last].negated_count = i;
        links[i] = (mtlc_sparse_link){-1, -1};
        links[first].head = i;
      }
    }
  }
  return count;
}

/// Lists what a chain adds up. Of its occurrences one, by the id's hash, is whose turn the row's
/// step is: were it the first one always, the first chunks would have most of the work where some
/// ids come often. Returns the end of the list.
static int32_t sparse_list(const mtlc_sparse_scratch *scratch, int32_t first, int32_t start) {
  mtlc_sparse_link *links = scratch->links;
  const uint64_t share = (uint32_t)(sparse_hash(scratch->records[first].id) >> 16);
  uint64_t turn = 0, count = 0;
  int32_t chosen = first, i = first;
  do {
    scratch->addends[start + (int32_t)count] = (mtlc_sparse_addend){
        scratch->records[i].gradient, scratch->scales ? scratch->scales[i] : 1};
    count++;
    // The place by as large a share of the chain as there is so far.
    if (share * count >> 32 > turn) {
      chosen = links[chosen].negated_count;
      turn++;
    }
    i = links[i].negated_count;
  } while (i >= 0);
  links[first].head = -1;
  links[chosen] = (mtlc_sparse_link){start, -(int32_t)count};
  return start + (int32_t)count;
}

static void sparse_group_part(const mtlc_sparse_args *t, const sparse_cut *cut, int64_t part) {
  const mtlc_sparse_scratch *scratch = t->scratch;
  int64_t before = 0, count = 0;
  for (int64_t c = 0; c < cut->chunks; c++) {
    const int32_t *starts = scratch->starts + c * (MTLC_SPARSE_MOST_PARTS + 1);
    before += starts[part] - starts[0];
    count += starts[part + 1] - starts[part];
  }
  if (count == 0) return;
  int32_t bits = 5;
  while (bits < 30 && (int64_t)1 << bits < 4 * count) bits++;
  int32_t near_slots[4 * SPARSE_STACK], near_several[SPARSE_STACK];
  int32_t *slots = near_slots, *several = near_several;
  if (count > SPARSE_STACK) {
    slots = scratch->slots + 8 * before;
    several = scratch->several + before;
  }
  int64_t found = sparse_chain(scratch, cut, part, bits, slots, several);
  int32_t end = (int32_t)before;
  for (int64_t k = 0; k < found; k++) end = sparse_list(scratch, several[k], end);
}

static void sparse_group(const mtlc_sparse_args *t, int64_t first, int64_t last) {
  const sparse_cut cut = sparse_cut_of(t);
  for (int64_t part = first; part < last; part++) {
    if (part == first) sparse_ask_part(t->scratch, &cut, part);
    if (part + 1 < last) sparse_ask_part(t->scratch, &cut, part + 1);
    sparse_group_part(t, &cut, part);
  }
}

#endif

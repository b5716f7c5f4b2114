// The occurrences of one id in a step: those of a part are chained by id.
#ifndef MTLC_KERNEL_SPARSE_GROUP_H
#define MTLC_KERNEL_SPARSE_GROUP_H

#include "sparse_route.h"

enum {
  /// Occurrences of a part that is worked on in the first cache, on the stack: a power of two, as
  /// are its slots.
  SPARSE_STACK = 1024,
  /// Lines of a chunk's records that are asked for before a part's turn.
  SPARSE_LINES_AHEAD = 8,
};

/// Asks for a part's records and links in all chunks.
INLINE void sparse_ask_part(const mtlc_sparse_scratch *scratch, const sparse_cut *cut,
                            int64_t part) {
  for (int64_t c = 0; c < cut->chunks; c++) {
    const int32_t *starts = scratch->starts + c * (MTLC_SPARSE_MOST_PARTS + 1) + part;
    int64_t end = min_int(starts[1], starts[0] + SPARSE_LINES_AHEAD * 8);
    for (int64_t i = starts[0]; i < end; i += 8) {
      __builtin_prefetch(scratch->records + i, 0, 3);
      if (i % 16 < 8) __builtin_prefetch(scratch->links + i, 1, 3);
    }
  }
}

/// Chains a part's occurrences by id: a slot holds the last occurrence of an id, in the order of chunks
/// and within each, and a link the one before it. Writes the slots of the ids that occur more than once
/// to `several` and returns their number.
static int64_t sparse_chain(const mtlc_sparse_scratch *scratch, const sparse_cut *cut, int64_t part,
                            int32_t bits, int32_t *slots, int32_t *several) {
  const mtlc_sparse_record *records = scratch->records;
  int32_t *links = scratch->links;
  const uint32_t mask = ((uint32_t)1 << bits) - 1;
  for (int64_t s = 0; s <= mask; s++) slots[s] = -1;
  int64_t count = 0;
  for (int64_t c = 0; c < cut->chunks; c++) {
    const int32_t *starts = scratch->starts + c * (MTLC_SPARSE_MOST_PARTS + 1) + part;
    const int32_t end = starts[1];
    for (int32_t i = starts[0]; i < end; i++) {
      const int32_t id = records[i].id;
      uint32_t s = sparse_hash(id) << cut->part_bits >> (32 - bits);
      int32_t last = slots[s];
      while (last >= 0 && records[last].id != id) {
        s = (s + 1) & mask;
        last = slots[s];
      }
      slots[s] = i;
      links[i] = last < 0 ? MTLC_SPARSE_ALONE : last;
      if (last >= 0 && links[last] == MTLC_SPARSE_ALONE) several[count++] = (int32_t)s;
    }
  }
  return count;
}

/// A number below 2^32 from those bits of an id's hash that do not choose its part.
INLINE uint32_t sparse_share(int32_t id) {
  return (uint32_t)((uint64_t)(uint32_t)id * 0x9E3779B97F4A7C15u >> 16);
}

/// Lists the gradients of the chain that ends at `last` and returns the end of the list. The row is
/// stepped at one of its occurrences, which the id's hash chooses: if it were always the first one, the
/// first chunks would have most of the work where some ids come often.
static int32_t sparse_list(const mtlc_sparse_scratch *scratch, int32_t last, int32_t start) {
  int32_t *links = scratch->links;
  int32_t count = 1;
  for (int32_t i = last; links[i] >= 0; i = links[i]) count++;
  const int64_t share = sparse_share(scratch->records[last].id), turn = share * count >> 32;
  mtlc_sparse_addend *list = scratch->addends + start;
  list[0] = (mtlc_sparse_addend){(uint32_t)count, 0};
  for (int32_t k = count - 1, i = last; k >= 0; k--) {
    const int32_t before = links[i];
    list[1 + k].gradient = scratch->records[i].gradient;
    list[1 + k].scale = scratch->scales ? scratch->scales[i] : 1;
    links[i] = k == turn ? start : MTLC_SPARSE_ELSEWHERE;
    i = before;
  }
  return start + 1 + count;
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
  // Half as much again for the numbers of lists, which have two gradients at least.
  int32_t end = (int32_t)(before + before / 2);
  for (int64_t k = 0; k < found; k++) end = sparse_list(scratch, slots[several[k]], end);
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

// How the occurrences of ids are cut: into chunks of consecutive rows, and into parts by a hash.
#ifndef MTLC_KERNEL_SPARSE_CUT_H
#define MTLC_KERNEL_SPARSE_CUT_H

#include "mtlc_sparse.h"

/// Occurrences below which a second chunk is not worth its start, and that a part should hold: as
/// many as the first cache has room for. The rows of a chunk are stepped in pieces.
enum { SPARSE_CHUNK = 512, SPARSE_PART = 768, SPARSE_FEWEST_PARTS = 16, SPARSE_PIECES = 4 };

/// What ids are multiplied by for their hash: 2^32 by the golden ratio.
#define SPARSE_FACTOR 0x9E3779B1u

typedef struct {
  int64_t chunks, parts;
  int32_t part_bits;
} sparse_cut;

static inline sparse_cut sparse_cut_of(const mtlc_sparse_args *t) {
  int64_t count = 0;
  for (int64_t k = 0; k < t->source_count; k++) count += t->sources[k].rows * t->sources[k].length;
  sparse_cut cut = {.chunks = count / SPARSE_CHUNK, .parts = SPARSE_FEWEST_PARTS, .part_bits = 4};
  if (cut.chunks < 1) cut.chunks = 1;
  if (cut.chunks > MTLC_SPARSE_CHUNKS) cut.chunks = MTLC_SPARSE_CHUNKS;
  while (cut.parts < MTLC_SPARSE_MOST_PARTS && cut.parts * SPARSE_PART < count) {
    cut.parts *= 2;
    cut.part_bits++;
  }
  return cut;
}

#endif

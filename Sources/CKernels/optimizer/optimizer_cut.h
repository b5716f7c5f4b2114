// How segments are cut: blocks of OPTIMIZER_BLOCK elements, a segment's last block being shorter.
#ifndef MTLC_KERNEL_OPTIMIZER_CUT_H
#define MTLC_KERNEL_OPTIMIZER_CUT_H

#include "mtlc_optimizer.h"

enum { OPTIMIZER_BLOCK = 4096 };

static inline int64_t segment_tiles(const mtlc_optimizer_segment *s) {
  return (s->count + OPTIMIZER_BLOCK - 1) / OPTIMIZER_BLOCK;
}

static inline int64_t all_segment_tiles(const mtlc_optimizer_segment *segments, int64_t count) {
  int64_t tiles = 0;
  for (int64_t i = 0; i < count; i++) tiles += segment_tiles(segments + i);
  return tiles;
}

/// The part of one segment that tiles [first, last) begin with.
typedef struct {
  const mtlc_optimizer_segment *segment;
  int64_t start, count, tiles;
} segment_part;

/// `segment` and `base` (the number of its first tile) advance to the segment that holds `first`.
static inline segment_part next_part(const mtlc_optimizer_segment **segment, int64_t *base,
                                     int64_t first, int64_t last) {
  while (first >= *base + segment_tiles(*segment)) {
    *base += segment_tiles(*segment);
    (*segment)++;
  }
  segment_part part = {.segment = *segment, .start = (first - *base) * OPTIMIZER_BLOCK};
  int64_t end = *base + segment_tiles(*segment);
  part.tiles = (last < end ? last : end) - first;
  int64_t left = (*segment)->count - part.start;
  part.count = part.tiles * OPTIMIZER_BLOCK < left ? part.tiles * OPTIMIZER_BLOCK : left;
  return part;
}

#endif

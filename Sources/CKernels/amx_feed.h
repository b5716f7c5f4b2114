// Splits the next strip of A while tiles are multiplied: a tile product takes sixteen cycles in which
// the vector units have nothing to do.
#ifndef MTLC_AMX_FEED_H
#define MTLC_AMX_FEED_H

#include "amx_split.h"

/// A strip of at most two tiles of rows of op(A), for a block of k.
typedef struct {
  const float *from;      // Number (0, 0) of the strip.
  int64_t ld;
  int64_t rows, k;        // Of op(A), from there on.
  int64_t height, steps;  // In tiles.
  int32_t along;          // The numbers of a row lie beside each other.
  int32_t slice;          // The next slice of the triple at work.
  vu *to;                 // Triple (step, row) at step * height + row.
  int64_t triple;
  int64_t per_call;
} amx_feed;

enum {
  FEED_ROWS = 2,                                         // Tile rows to a slice.
  FEED_SPLITS = AMX_SIDE / FEED_ROWS,                    // Slices that split a triple,
  FEED_SLICES = FEED_SPLITS + AMX_PARTS,                 // and with those that turn its tiles.
};

static __attribute__((noinline)) void feed_slice(amx_feed *f) {
  int64_t step = f->height > 1 ? f->triple >> 1 : f->triple;
  int64_t row = (f->height > 1 ? f->triple & 1 : 0) * AMX_SIDE, p = step * AMX_DEPTH;
  vu *to = f->to + f->triple * AMX_PARTS * AMX_SIDE;
  if (f->slice >= FEED_SPLITS)
    turn_tile(to + (f->slice - FEED_SPLITS) * AMX_SIDE);
  else if (f->along)
    split_along(f->from + row * f->ld + p, f->ld, f->rows - row, f->k - p, f->slice * FEED_ROWS,
                FEED_ROWS, to);
  else
    split_across(f->from + p * f->ld + row, f->ld, max_int(0, f->rows - row), f->k - p,
                 f->slice * FEED_ROWS, FEED_ROWS, to);
  if (++f->slice == (f->along ? FEED_SPLITS : FEED_SLICES)) {
    f->slice = 0;
    f->triple++;
  }
}

INLINE int64_t feed_slices(const amx_feed *f) {
  return f->height * f->steps * (f->along ? FEED_SPLITS : FEED_SLICES);
}

/// One call's share of the work.
INLINE void feed(amx_feed *f) {
  for (int64_t n = 0; n < f->per_call; n++) {
    if (f->triple == f->height * f->steps) return;
    feed_slice(f);
  }
}

INLINE void feed_rest(amx_feed *f) {
  while (f->triple < f->height * f->steps) feed_slice(f);
}

#endif

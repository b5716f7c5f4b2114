// Splits the next strip of A while tiles are multiplied: a tile product takes sixteen cycles in which
// the vector units have nothing to do.
#ifndef MTLC_AMX_FEED_H
#define MTLC_AMX_FEED_H

#include "amx_pack.h"

/// A strip of at most two tiles of rows of op(A), for a block of k.
typedef struct {
  const float *from;      // Number (0, 0) of the strip.
  int64_t ld;
  int64_t rows, k;        // Of op(A), from there on.
  int64_t height, steps;  // In tiles.
  vu *to;                 // Triple (step, row) at step * height + row.
  int64_t triple;
  int32_t along;          // The numbers of a row lie beside each other.
  int32_t slice;          // The next slice of the triple at work.
  int64_t calls, credit;  // In each of so many calls the share of a call.
  vf turned[2][AMX_SIDE];
} amx_feed;

enum {
  FEED_ROWS = 2,                          // Rows of a tile to a slice, when there is nothing to turn.
  FEED_PUTS = 4,                          // Rows after turning.
  FEED_ALONG = AMX_SIDE / FEED_ROWS,      // Slices of a triple.
  FEED_TURNED = 2 + AMX_SIDE / FEED_PUTS,
};

INLINE int64_t feed_slices(const amx_feed *f) {
  return f->height * f->steps * (f->along ? FEED_ALONG : FEED_TURNED);
}

static __attribute__((noinline)) void feed_slice(amx_feed *f) {
  int64_t step = f->height > 1 ? f->triple >> 1 : f->triple;
  int64_t row = (f->height > 1 ? f->triple & 1 : 0) * AMX_SIDE, p = step * AMX_DEPTH;
  int64_t rows = f->rows - row, k = f->k - p;
  vu *to = f->to + f->triple * AMX_PARTS * AMX_SIDE;
  int whole = rows >= AMX_SIDE && k >= AMX_DEPTH;
  if (f->along) {
    const float *from = f->from + row * f->ld + p;
    if (whole) {
      int64_t r = f->slice * FEED_ROWS;
      put_cells(load(from + r * f->ld), load(from + r * f->ld + VL), to + r);
      r++;
      put_cells(load(from + r * f->ld), load(from + r * f->ld + VL), to + r);
    } else if (f->slice == 0) {
      pack_along(from, f->ld, rows, k, to);
    }
    if (++f->slice < FEED_ALONG) return;
  } else {
    const float *from = f->from + p * f->ld + row;
    if (f->slice < 2) {
      load_turned(from + f->slice * AMX_SIDE * f->ld, f->ld, k - f->slice * AMX_SIDE, rows,
                  f->turned[f->slice]);
    } else {
      int64_t r = (f->slice - 2) * FEED_PUTS;
      for (int i = 0; i < FEED_PUTS; i++)
        put_cells(f->turned[0][r + i], f->turned[1][r + i], to + r + i);
    }
    if (++f->slice < FEED_TURNED) return;
  }
  f->slice = 0;
  f->triple++;
}

/// One call's share of the work.
INLINE void feed(amx_feed *f) {
  f->credit += feed_slices(f);
  for (; f->credit >= f->calls; f->credit -= f->calls)
    if (f->triple < f->height * f->steps) feed_slice(f);
}

INLINE void feed_rest(amx_feed *f) {
  while (f->triple < f->height * f->steps) feed_slice(f);
}

#endif

// Floats as sums of three bfloat16, in the layouts that tile products take.
//
// x = high + middle + low exactly: each part is what eight bits hold of what the parts before it
// leave. A product of two such sums is, to the precision of float, the six products whose parts
// have at most two steps between them; the other three lie below 2^-25 of it. Infinity leaves NaN.
#ifndef MTLC_AMX_SPLIT_H
#define MTLC_AMX_SPLIT_H

#include "simd.h"

enum {
  AMX_SIDE = 16,                                 // rows of a tile, and 4-byte cells in each of them
  AMX_DEPTH = 32,                                // numbers to sum over in a tile
  AMX_PARTS = 3,
  AMX_TILE = AMX_SIDE * AMX_SIDE,                // cells of a tile
  AMX_TRIPLE = AMX_PARTS * AMX_TILE,             // cells of the three parts of a tile
};

/// Bits of the part of x to bfloat16, to the nearest, in the upper half of each lane.
INLINE vu upper_part(vf x) { return ((vu)x + 0x8000u) & 0xffff0000u; }

typedef struct {
  vu part[AMX_PARTS];
} amx_parts;

INLINE amx_parts split_three(vf x) {
  amx_parts s;
  s.part[0] = upper_part(x);
  vf rest = x - (vf)s.part[0];
  s.part[1] = upper_part(rest);
  s.part[2] = (vu)(rest - (vf)s.part[1]);
  return s;
}

/// Cells of x's and y's parts side by side: x in the lower half.
INLINE vu pair(vu x, vu y) { return (y & 0xffff0000u) | (x >> 16); }

/// Rows p and p + 1 of op(B), or of A transposed, beside each other: sixteen numbers of each.
INLINE void split_rows(vf x, vf y, vu cells[AMX_PARTS]) {
  amx_parts s = split_three(x), t = split_three(y);
#pragma clang loop unroll(full)
  for (int q = 0; q < AMX_PARTS; q++) cells[q] = pair(s.part[q], t.part[q]);
}

/// Thirty-two numbers of one row, in pairs of neighbours.
INLINE void split_row(vf x, vf y, vu cells[AMX_PARTS]) {
  amx_parts s = split_three(x), t = split_three(y);
  typedef uint16_t halves __attribute__((vector_size(64)));
#pragma clang loop unroll(full)
  for (int q = 0; q < AMX_PARTS; q++)
    cells[q] = (vu)__builtin_shufflevector(
        (halves)s.part[q], (halves)t.part[q], 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29,
        31, 33, 35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55, 57, 59, 61, 63);
}

/// Rows [row, row + count) of a triple of tiles whose rows are rows of `from`: row r holds numbers
/// [0, k) of its row, and there are `rows` of them.
INLINE void split_along(const float *from, int64_t ld, int64_t rows, int64_t k, int64_t row,
                        int64_t count, vu *tiles) {
  int64_t first = max_int(0, min_int(k, VL)), second = max_int(0, min_int(k - VL, VL));
  for (int64_t r = row; r < row + count; r++) {
    const float *x = from + r * ld;
    vu cells[AMX_PARTS];
    // The same row of the strip after the next, or of a tile further on, for the outer cache.
    __builtin_prefetch(x + 2 * AMX_SIDE * ld, 0, 2);
    __builtin_prefetch(x + 2 * AMX_SIDE * ld + AMX_SIDE, 0, 2);
    if (r < rows)
      split_row(load_upto(x, first), load_upto(x + VL, second), cells);
    else
      split_row((vf){0}, (vf){0}, cells);
#pragma clang loop unroll(full)
    for (int q = 0; q < AMX_PARTS; q++) tiles[q * AMX_SIDE + r] = cells[q];
  }
}

/// Rows [row, row + count) of a triple of tiles whose row r holds the first `columns` numbers of rows
/// 2r and 2r + 1 of `from`, of which there are k.
INLINE void split_across(const float *from, int64_t ld, int64_t columns, int64_t k, int64_t row,
                         int64_t count, vu *tiles) {
  for (int64_t r = row; r < row + count; r++) {
    const float *x = from + 2 * r * ld;
    vu cells[AMX_PARTS];
    __builtin_prefetch(x + AMX_DEPTH * ld, 0, 2);
    __builtin_prefetch(x + (AMX_DEPTH + 1) * ld, 0, 2);
    split_rows(2 * r < k ? load_upto(x, columns) : (vf){0},
               2 * r + 1 < k ? load_upto(x + ld, columns) : (vf){0}, cells);
#pragma clang loop unroll(full)
    for (int q = 0; q < AMX_PARTS; q++) tiles[q * AMX_SIDE + r] = cells[q];
  }
}

/// Turns one tile, so that a layout along k becomes one across it, and back.
INLINE void turn_tile(vu *tile) { transpose((vf *)tile); }

#endif

// Floats as sums of bfloat16, in the layouts that tile products take: each part is what eight bits
// hold of what the parts before it leave. A file that includes this says how many parts it takes.
//
// Three: x = high + middle + low exactly. A product of two such sums is, to the precision of float,
// the six products whose parts have at most two steps between them; the other three lie below 2^-25
// of it. Infinity leaves NaN.
// Two: x to 2^-17 of itself, three products.
// One: x to the nearest bfloat16, 2^-8 of itself.
#ifndef MTLC_KERNEL_AMX_SPLIT_H
#define MTLC_KERNEL_AMX_SPLIT_H

#include "../support/simd.h"

enum {
  AMX_SIDE = 16,                                 // rows of a tile, and 4-byte cells in each of them
  AMX_DEPTH = 32,                                // numbers to sum over in a tile
  AMX_PARTS = MTLC_AMX_PARTS,
  AMX_TILE = AMX_SIDE * AMX_SIDE,                // cells of a tile
  AMX_TRIPLE = AMX_PARTS * AMX_TILE,             // cells of the parts of a tile
};

/// Bits of the part of x to bfloat16, to the nearest, in the upper half of each lane.
INLINE vu upper_part(vf x) { return ((vu)x + 0x8000u) & 0xffff0000u; }

/// As `upper_part`, but NaN stays NaN: rounding can carry it over to zero.
INLINE vu last_part(vf x) { return upper_part(x) | (vu)(x != x); }

typedef struct {
  vu part[AMX_PARTS];
} amx_parts;

INLINE amx_parts split(vf x) {
  amx_parts s;
#if MTLC_AMX_PARTS == 1
  s.part[0] = last_part(x);
#else
  s.part[0] = upper_part(x);
  vf rest = x - (vf)s.part[0];
#if MTLC_AMX_PARTS == 2
  s.part[1] = last_part(rest);
#else
  s.part[1] = upper_part(rest);
  s.part[2] = (vu)(rest - (vf)s.part[1]);
#endif
#endif
  return s;
}

/// Cells of x's and y's parts side by side: x in the lower half.
INLINE vu pair(vu x, vu y) { return (y & 0xffff0000u) | (x >> 16); }

/// Rows p and p + 1 of op(B), or of A transposed, beside each other: sixteen numbers of each.
INLINE void split_rows(vf x, vf y, vu cells[AMX_PARTS]) {
  amx_parts s = split(x), t = split(y);
#pragma clang loop unroll(full)
  for (int q = 0; q < AMX_PARTS; q++) cells[q] = pair(s.part[q], t.part[q]);
}

/// Thirty-two numbers of one row, in pairs of neighbours.
INLINE void split_row(vf x, vf y, vu cells[AMX_PARTS]) {
  amx_parts s = split(x), t = split(y);
  typedef uint16_t halves __attribute__((vector_size(64)));
#pragma clang loop unroll(full)
  for (int q = 0; q < AMX_PARTS; q++)
    cells[q] = (vu)__builtin_shufflevector(
        (halves)s.part[q], (halves)t.part[q], 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29,
        31, 33, 35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55, 57, 59, 61, 63);
}

#endif

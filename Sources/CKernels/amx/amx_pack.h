// Operands of a matrix product in parts. In a tile's depth of 32 numbers, number i lies beside
// number i + 16: both factors are stored that way, and neither needs its neighbours shuffled.
#ifndef MTLC_KERNEL_AMX_PACK_H
#define MTLC_KERNEL_AMX_PACK_H

#include "amx_split.h"

INLINE void put_cells(vf x, vf y, vu *to) {
  vu cells[AMX_PARTS];
  split_rows(x, y, cells);
#pragma clang loop unroll(full)
  for (int q = 0; q < AMX_PARTS; q++) to[q * AMX_SIDE] = cells[q];
}

/// From so many numbers from row to row on, the processor does not see the next rows coming.
enum { AMX_FAR = 1024 };

/// A triple of tiles whose rows are rows of `from`: `rows` of them, of which numbers [0, k).
INLINE void pack_along(const float *from, int64_t ld, int64_t rows, int64_t k, vu *to) {
  if (rows >= AMX_SIDE && k >= AMX_DEPTH) {
    const int64_t ahead = ld >= AMX_FAR ? 2 * AMX_DEPTH : 0;
    for (int64_t r = 0; r < AMX_SIDE; r++, from += ld) {
      __builtin_prefetch(from + ahead, 0, 3);
      __builtin_prefetch(from + ahead + VL, 0, 3);
      put_cells(load(from), load(from + VL), to + r);
    }
    return;
  }
  int64_t first = max_int(0, min_int(k, VL)), second = max_int(0, min_int(k - VL, VL));
  for (int64_t r = 0; r < AMX_SIDE; r++, from += ld)
    if (r < rows)
      put_cells(load_n(from, first), load_n(from + VL, second), to + r);
    else
      put_cells((vf){0}, (vf){0}, to + r);
}

/// `tiles` triples, `pitch` vectors from one pair to the next: row r of tile c holds numbers
/// [16 c, 16 c + 16) of rows r and r + 16 of `from`, of which there are k, with `columns` numbers.
/// Adds the rows to sums[c] if sums are wanted.
INLINE void pack_across(const float *from, int64_t ld, int64_t k, int64_t columns, int64_t tiles,
                        int64_t pitch, vu *to, vf *sums) {
  const int64_t cells = AMX_PARTS * AMX_SIDE;
  if (k >= AMX_DEPTH && columns >= tiles * AMX_SIDE) {
    enum { ROWS_AHEAD = 4 };
    for (int64_t r = 0; r < AMX_SIDE; r++, from += ld, to++) {
      // Behind the last rows of each half come those of the next triple.
      int64_t rows = r + ROWS_AHEAD < AMX_SIDE ? ROWS_AHEAD : ROWS_AHEAD + AMX_SIDE;
      const int64_t ahead = ld >= AMX_FAR ? rows * ld : 0;
      for (int64_t c = 0; c < tiles; c++) {
        __builtin_prefetch(from + c * VL + ahead, 0, 3);
        __builtin_prefetch(from + AMX_SIDE * ld + c * VL + ahead, 0, 3);
        vf x = load(from + c * VL), y = load(from + AMX_SIDE * ld + c * VL);
        put_cells(x, y, to + (c >> 1) * pitch + (c & 1) * cells);
        if (sums) sums[c] += x + y;
      }
    }
    return;
  }
  for (int64_t r = 0; r < AMX_SIDE; r++, from += ld, to++)
    for (int64_t c = 0; c < tiles; c++) {
      int64_t n = max_int(0, min_int(VL, columns - c * VL));
      vf x = r < k ? load_n(from + c * VL, n) : (vf){0};
      vf y = r + AMX_SIDE < k ? load_n(from + AMX_SIDE * ld + c * VL, n) : (vf){0};
      put_cells(x, y, to + (c >> 1) * pitch + (c & 1) * cells);
      if (sums) sums[c] += x + y;
    }
}

/// Sixteen rows of sixteen numbers, of which `rows` and `columns` are there.
/// Asks for what lies `ahead` numbers behind each of them.
INLINE void load_square(const float *from, int64_t ld, int64_t rows, int64_t columns,
                        int64_t ahead, vf *to) {
  if (rows >= AMX_SIDE && columns >= VL)
    for (int i = 0; i < AMX_SIDE; i++) {
      if (ahead) __builtin_prefetch(from + i * ld + ahead, 0, 3);
      to[i] = load(from + i * ld);
    }
  else
    for (int i = 0; i < AMX_SIDE; i++)
      to[i] = i < rows ? load_n(from + i * ld, max_int(0, min_int(VL, columns))) : (vf){0};
}

/// A triple of tiles whose row r holds column r of a square of `from` and of the next one:
/// the k that are summed over lie along its rows or across them.
INLINE void pack_turned(const float *from, int64_t ld, int64_t rows, int64_t columns, int along,
                        vu *to) {
  vf x[AMX_SIDE], y[AMX_SIDE];
  const int64_t ahead = along && ld >= AMX_FAR ? 2 * AMX_DEPTH : 0;
  load_square(from, ld, rows, columns, ahead, x);
  if (along)
    load_square(from + VL, ld, rows, columns - VL, ahead, y);
  else
    load_square(from + AMX_SIDE * ld, ld, rows - AMX_SIDE, columns, 0, y);
  if (AMX_PARTS == 1) {
    // Cells are turned over as well as numbers are, and there are half as many.
#pragma clang loop unroll(full)
    for (int r = 0; r < AMX_SIDE; r++) split_rows(x[r], y[r], (vu *)&x[r]);
    transpose(x);
#pragma clang loop unroll(full)
    for (int r = 0; r < AMX_SIDE; r++) to[r] = (vu)x[r];
    return;
  }
  transpose(x);
  transpose(y);
#pragma clang loop unroll(full)
  for (int r = 0; r < AMX_SIDE; r++) put_cells(x[r], y[r], to + r);
}

#endif

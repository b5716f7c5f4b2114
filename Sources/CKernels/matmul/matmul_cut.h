// How a matrix product is cut into tiles: from its sizes alone, the same for every variant.
#ifndef MTLC_KERNEL_MATMUL_CUT_H
#define MTLC_KERNEL_MATMUL_CUT_H

#include "mtlc_matmul.h"
#include "../support/simd.h"

/// Tile (r, c) covers block_rows rows and block_columns columns. Its number is
/// c * row_blocks + r, so that a run of tiles is mostly whole columns. Only a small batch has
/// several column blocks; else the rows are cut: of the batch, or of the weight in the product that
/// is its gradient, so that the threads write lines that lie far from each other. Where the gradient
/// of a large batch is wider than high, its columns are halved first: the threads share op(B), which
/// is the larger operand.
typedef struct {
  int64_t row_blocks, column_blocks, block_rows, block_columns;
} matmul_cut;

enum {
  CUT_TILES = 32,          // per group, about
  CUT_WORK = 16384,        // multiply-adds that a tile should hold at least
  CUT_COLUMNS = 16,        // a whole number of vectors in every variant
  CUT_ROWS = 8,            // a whole number of register tiles in every variant
  CUT_LARGE_BATCH = 128,
  CUT_WIDE = 256,          // columns
};

/// Cuts [m, n] for `work` multiply-adds, along the rows alone if so asked.
INLINE matmul_cut cut_rectangle(int64_t m, int64_t n, double work, int rows_first) {
  int64_t column_units = max_int(1, ceil_div(n, CUT_COLUMNS));
  int64_t row_units = max_int(1, ceil_div(m, CUT_ROWS));
  int64_t want = work >= (double)CUT_TILES * CUT_WORK ? CUT_TILES : (int64_t)(work / CUT_WORK);
  want = max_int(1, want);
  int64_t columns = 1, rows = 1;
  if (rows_first && row_units > 1) {
    rows = min_int(want, row_units);
    columns = min_int(ceil_div(want, rows), column_units);
  } else {
    columns = min_int(want, column_units);
    rows = min_int(ceil_div(want, columns), row_units);
  }
  matmul_cut cut;
  cut.block_columns = ceil_div(column_units, columns) * CUT_COLUMNS;
  cut.block_rows = ceil_div(row_units, rows) * CUT_ROWS;
  cut.column_blocks = ceil_div(n, cut.block_columns);
  cut.row_blocks = max_int(1, ceil_div(m, cut.block_rows));
  return cut;
}

INLINE matmul_cut matmul_cut_of(const mtlc_matmul_args *t) {
  double work = (double)t->m * (double)t->n * (double)t->k;
  if (!t->transpose_a || t->k < CUT_LARGE_BATCH || t->n <= t->m || t->n < CUT_WIDE)
    return cut_rectangle(t->m, t->n, work, t->transpose_a || t->m >= CUT_LARGE_BATCH);
  int64_t half = ceil_div(ceil_div(t->n, 2), CUT_COLUMNS) * CUT_COLUMNS;
  matmul_cut cut = cut_rectangle(t->m, half, work / 2, 1);
  cut.column_blocks = ceil_div(t->n, cut.block_columns);
  return cut;
}

/// Whether tiles are numbered by rows first and by group then, so that a thread has the same rows of
/// the batch in all groups, as it has in the products before and after. A small batch is less than
/// the weights are, which stay with a thread by group.
INLINE int matmul_takes_groups_in_turn(const mtlc_matmul_args *t, const matmul_cut *cut) {
  return t->groups > 1 && !t->transpose_a && t->m >= CUT_LARGE_BATCH && cut->column_blocks == 1;
}

/// A rectangle of the output, and the first tile after it.
typedef struct {
  int64_t i0, i1, j0, j1, next;
} matmul_span;

/// The largest rectangle that tiles [first, last) of one group begin with.
INLINE matmul_span matmul_span_of(const matmul_cut *cut, int64_t first, int64_t last, int64_t m,
                                  int64_t n) {
  matmul_span s;
  int64_t column = first / cut->row_blocks, row = first % cut->row_blocks;
  int64_t whole = row == 0 ? (last - first) / cut->row_blocks : 0;
  int64_t rows = cut->row_blocks - row, columns = 1;
  if (whole > 0)
    columns = whole;
  else
    rows = min_int(rows, last - first);
  s.i0 = row * cut->block_rows;
  s.i1 = min_int(m, (row + rows) * cut->block_rows);
  s.j0 = column * cut->block_columns;
  s.j1 = min_int(n, (column + columns) * cut->block_columns);
  s.next = first + rows * columns;
  return s;
}

#endif

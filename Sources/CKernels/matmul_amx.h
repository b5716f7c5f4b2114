// The matrix product on tiles: packs both operands in parts, block by block of k, and hands the sums
// to the same epilogues as the vector kernels do.
#ifndef MTLC_MATMUL_AMX_H
#define MTLC_MATMUL_AMX_H

#include "amx_micro.h"
#include "matmul_block.h"

enum {
  AMX_STEPS = 16,    // tiles along k in a block
  AMX_COLUMNS = 16,  // tiles of columns in a block
  AMX_ROWS = 20,     // tiles of rows whose sums wait where k takes several blocks
  AMX_BLOCK_K = AMX_STEPS * AMX_DEPTH,
  AMX_CELLS = AMX_PARTS * AMX_SIDE,  // vectors of a triple
};

/// Columns [j, j1) of op(B) and `steps` tiles of k from p, in panels of two tiles: triple
/// (step, column) of a panel at step * width + column.
static void amx_pack(const matmul_group *g, int64_t j, int64_t j1, int64_t p, int64_t steps,
                     vu *panels) {
  const mtlc_matmul_args *t = g->args;
  int64_t tiles = ceil_div(j1 - j, AMX_SIDE);
  for (int64_t s = 0; s < steps; s++)
    for (int64_t c = 0; c < tiles; c++) {
      int64_t panel = c / AMX_WIDTH * AMX_WIDTH, width = min_int(AMX_WIDTH, tiles - panel);
      int64_t column = j + c * AMX_SIDE, row = p + s * AMX_DEPTH;
      vu *to = panels + (panel * AMX_STEPS + s * width + c - panel) * AMX_CELLS;
      if (t->transpose_b) {
        split_along(g->b + column * t->ldb + row, t->ldb, j1 - column, t->k - row, 0, AMX_SIDE, to);
        for (int q = 0; q < AMX_PARTS; q++) turn_tile(to + q * AMX_SIDE);
      } else {
        split_across(g->b + row * t->ldb + column, t->ldb, j1 - column, t->k - row, 0, AMX_SIDE,
                     to);
      }
    }
}

/// The strip of rows from i on, for the block of k from p on.
INLINE amx_feed amx_strip(const matmul_group *g, int64_t i, int64_t i1, int64_t p, int64_t steps,
                          int64_t calls, vu *to) {
  const mtlc_matmul_args *t = g->args;
  amx_feed f = {.ld = t->lda, .rows = i1 - i, .k = t->k - p, .steps = steps, .to = to};
  f.from = g->a + (t->transpose_a ? p * t->lda + i : i * t->lda + p);
  f.height = i < i1 ? min_int(AMX_WIDTH, ceil_div(i1 - i, AMX_SIDE)) : 0;
  f.along = !t->transpose_a;
  f.per_call = ceil_div(feed_slices(&f), calls);
  return f;
}

/// Hands the finished sums of a strip to the epilogue, in whole rows.
static void amx_finish(const matmul_group *g, const vf *sums, int64_t i, int64_t rows, int64_t j,
                       int64_t columns, epilogue_function *epilogue) {
  float lines[AMX_SIDE * AMX_COLUMNS * AMX_SIDE] __attribute__((aligned(64)));
  int64_t ld = AMX_COLUMNS * AMX_SIDE, tiles = ceil_div(columns, AMX_SIDE);
  for (int64_t r = 0; r < rows; r += AMX_SIDE, sums += AMX_COLUMNS * AMX_SIDE) {
    for (int64_t c = 0; c < tiles; c++)
      for (int64_t v = 0; v < AMX_SIDE; v++)
        store(lines + v * ld + c * AMX_SIDE, sums[c * AMX_SIDE + v]);
    epilogue(g, lines, ld, i + r, min_int(AMX_SIDE, rows - r), j, columns);
  }
}

/// Rows [i, i1) and columns [j, j1) for the block of k from p on; with the last one, the epilogue.
static void amx_strips(const matmul_group *g, int64_t i, int64_t i1, int64_t j, int64_t j1,
                       int64_t p, const vu *panels, vf *sums, epilogue_function *epilogue) {
  const mtlc_matmul_args *t = g->args;
  enum { STRIP = AMX_WIDTH * AMX_SIDE };
  vu buffers[2][AMX_WIDTH * AMX_STEPS * AMX_CELLS];
  int64_t steps = min_int(AMX_STEPS, ceil_div(t->k - p, AMX_DEPTH));
  int64_t tiles = ceil_div(j1 - j, AMX_SIDE);
  int64_t calls = ceil_div(tiles, AMX_WIDTH) * steps * AMX_CALLS;
  amx_feed strip = amx_strip(g, i, i1, p, steps, calls, buffers[0]);
  for (int at = 0; i < i1; i += STRIP, at = !at) {
    feed_rest(&strip);
    amx_feed next = amx_strip(g, i + STRIP, i1, p, steps, calls, buffers[!at]);
    for (int64_t c = 0; c < tiles; c += AMX_WIDTH)
      amx_block_of(strip.height, min_int(AMX_WIDTH, tiles - c), strip.to,
                   panels + c * AMX_STEPS * AMX_CELLS, steps, sums + c * AMX_SIDE, AMX_COLUMNS,
                   p > 0, &next);
    if (p + AMX_BLOCK_K >= t->k)
      amx_finish(g, sums, i, min_int(STRIP, i1 - i), j, j1 - j, epilogue);
    if (t->k > AMX_BLOCK_K) sums += AMX_WIDTH * AMX_COLUMNS * AMX_SIDE;
    strip = next;
  }
}

static void amx_rectangle(const matmul_group *g, int64_t i0, int64_t i1, int64_t j0, int64_t j1,
                          epilogue_function *epilogue) {
  const mtlc_matmul_args *t = g->args;
  vf sums[AMX_ROWS * AMX_COLUMNS * AMX_SIDE];
  vu panels[AMX_COLUMNS * AMX_STEPS * AMX_CELLS];
  int64_t rows = t->k > AMX_BLOCK_K ? AMX_ROWS * AMX_SIDE : max_int(1, i1 - i0);
  for (int64_t j = j0; j < j1; j += AMX_COLUMNS * AMX_SIDE) {
    int64_t end = min_int(j1, j + AMX_COLUMNS * AMX_SIDE);
    for (int64_t i = i0; i < i1; i += rows)
      for (int64_t p = 0; p < t->k; p += AMX_BLOCK_K) {
        amx_pack(g, j, end, p, min_int(AMX_STEPS, ceil_div(t->k - p, AMX_DEPTH)), panels);
        amx_strips(g, i, min_int(i1, i + rows), j, end, p, panels, sums, epilogue);
      }
  }
}

/// Whether tiles are faster than vectors: from the sizes alone. In quarter nanoseconds or so, a
/// multiply-add costs 1/17 in vectors and 1/48 in tiles, and a number to split 1/3.
INLINE int amx_pays(const mtlc_matmul_args *t) {
  if (t->m < 64 || t->n < 2 * AMX_SIDE || t->k < AMX_DEPTH) return 0;
  double m = (double)t->m, n = (double)t->n, k = (double)t->k;
  double padded = (double)(ceil_div(t->m, AMX_SIDE) * ceil_div(t->n, AMX_SIDE)) * AMX_TILE *
                  (double)(ceil_div(t->k, AMX_DEPTH) * AMX_DEPTH);
  return padded / 48 + (m * k + k * n) / 3 < m * n * k / 17;
}

static void matmul_amx_run(const mtlc_matmul_args *t, int64_t first, int64_t last) {
  if (first >= last) return;
  if (!amx_pays(t)) {
    matmul_run(t, first, last);
    return;
  }
  amx_begin();
  matmul_run_with(t, first, last, amx_rectangle);
  amx_end();
}

#endif

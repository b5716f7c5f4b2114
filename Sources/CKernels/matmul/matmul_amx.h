// The matrix product on tiles: packs both operands in parts, block by block of k, and hands the sums
// to the same epilogues as the vector kernels do.
#ifndef MTLC_KERNEL_MATMUL_AMX_H
#define MTLC_KERNEL_MATMUL_AMX_H

#include "../amx/amx_micro.h"
#include "../amx/amx_pack.h"
#include "matmul_block.h"

enum {
  AMX_STEPS = 16,     // tiles along k in a block
  // Triples of op(B) in a block, a triple being the parts of a tile, also where they are fewer: 960
  // KiB of a second-level cache of 2 MiB.
  AMX_TRIPLES = 960 / AMX_PARTS,
  // Where k takes several blocks: tiles of columns in one, and tiles of sums that wait.
  AMX_WIDEST = AMX_PARTS < 2 ? 32 : AMX_TRIPLES / AMX_STEPS,
  AMX_WAITING = 160 * (5 - AMX_PARTS),
  AMX_STRIP = AMX_WIDTH * AMX_SIDE,
  AMX_BLOCK_K = AMX_STEPS * AMX_DEPTH,
  AMX_CELLS = AMX_PARTS * AMX_SIDE,  // vectors of a triple
};

/// A block of op(A) · op(B): rows [i, i1), columns [j, j1), and `steps` tiles of k from p on.
typedef struct {
  int64_t i, i1, j, j1, p, steps;
  int64_t tiles;  // of columns
  const vu *panels;
  float *waiting;  // The sums of its rows so far; strip after strip.
  int last;        // Whether k ends here.
} amx_part;

/// Columns [j, j1) of op(B) in panels of two tiles: triple (step, column) of a panel at
/// step * width + column. Adds to `sums` of the columns if they are wanted, of B as it is.
static void amx_pack_b(const matmul_group *g, const amx_part *b, vu *panels, vf *sums) {
  enum { TOGETHER = 8 };
  const mtlc_matmul_args *t = g->args;
  for (int64_t c = 0; c < b->tiles; c += TOGETHER)
    for (int64_t s = 0; s < b->steps; s++) {
      int64_t column = b->j + c * AMX_SIDE, row = b->p + s * AMX_DEPTH;
      int64_t count = min_int(TOGETHER, b->tiles - c), pitch = AMX_WIDTH * b->steps * AMX_CELLS;
      for (int64_t d = 0; d < count;) {
        // The last panel may be one tile wide.
        int64_t width = min_int(AMX_WIDTH, b->tiles - c - d);
        vu *to = panels + ((c + d) * b->steps + s * width) * AMX_CELLS;
        if (t->transpose_b) {
          for (int64_t w = 0; w < width; w++, d++) {
            int64_t first = column + d * AMX_SIDE;
            pack_turned(g->b + first * t->ldb + row, t->ldb, b->j1 - first, t->k - row, 1,
                        to + w * AMX_CELLS);
          }
        } else {
          int64_t together = width == AMX_WIDTH ? (count - d) / AMX_WIDTH * AMX_WIDTH : 1;
          int64_t first = column + d * AMX_SIDE;
          pack_across(g->b + row * t->ldb + first, t->ldb, t->k - row, b->j1 - first, together,
                      pitch, to, sums ? sums + c + d : 0);
          d += together;
        }
      }
    }
}

/// The strip of `height` tiles of rows from i on: triple (step, row) at step * height + row.
static void amx_pack_a(const matmul_group *g, const amx_part *b, int64_t i, int64_t height,
                       vu *strip) {
  const mtlc_matmul_args *t = g->args;
  for (int64_t s = 0; s < b->steps; s++)
    for (int64_t r = 0; r < height; r++, strip += AMX_CELLS) {
      int64_t row = i + r * AMX_SIDE, p = b->p + s * AMX_DEPTH;
      if (t->transpose_a)
        pack_turned(g->a + p * t->lda + row, t->lda, t->k - p, b->i1 - row, 0, strip);
      else
        pack_along(g->a + row * t->lda + p, t->lda, b->i1 - row, t->k - p, strip);
    }
}

/// What a block of sums asks for: with the last k what its epilogue touches, and a share of the next
/// strip of A transposed.
INLINE amx_ahead amx_ahead_of(const matmul_group *g, const amx_part *b, int64_t i, int64_t c) {
  const mtlc_matmul_args *t = g->args;
  amx_ahead a = {.count = 0};
  int64_t calls = b->steps * AMX_CALLS, j = b->j + c * AMX_SIDE;
  int64_t rows = min_int(AMX_STRIP, b->i1 - i), columns = min_int(AMX_STRIP, b->j1 - j);
  if (b->last) {
    // Over a short k there is no time to look ahead, and a weight of a small batch is near.
    if (t->update && b->steps == AMX_STEPS) {
      int64_t at = i * t->update->ld + j;
      ahead_of(&a, g->parameter + at, t->update->ld, rows, columns, calls, 1);
      if (optimizer_states(t->update->kind) > 0)
        ahead_of(&a, g->state1 + at, t->update->ld, rows, columns, calls, 1);
      if (optimizer_states(t->update->kind) > 1)
        ahead_of(&a, g->state2 + at, t->update->ld, rows, columns, calls, 1);
    } else if (!t->update && g->c && !g->streams) {
      ahead_of(&a, g->c + i * t->ldc + j, t->ldc, rows, columns, calls, 1);
    }
    if (g->addend && g->addend != g->c)
      ahead_of(&a, g->addend + i * t->ldadd + j, t->ldadd, rows, columns, calls, 0);
    if (t->factor) {
      ahead_of(&a, t->factor + i * t->ldf + j, t->ldf, rows, columns, calls, 0);
      ahead_of(&a, t->crossed + i * t->ldx + j, t->ldx, rows, columns, calls, 1);
      if (t->residual)
        ahead_of(&a, t->residual + i * t->ldr + j, t->ldr, rows, columns, calls, 0);
    }
    if (t->activation_gradient)
      ahead_of(&a, g->y + i * t->ldy + j, t->ldy, rows, columns, calls, 0);
  }
  if (t->transpose_a) {
    // Pieces of rows that lie far from each other: the processor does not see them coming.
    int64_t next = i + AMX_STRIP, panels = ceil_div(b->tiles, AMX_WIDTH), panel = c / AMX_WIDTH;
    int64_t k = min_int(b->steps * AMX_DEPTH, t->k - b->p);
    int64_t first = k * panel / panels, end = k * (panel + 1) / panels;
    ahead_of(&a, g->a + (b->p + first) * t->lda + next, t->lda, end - first,
             min_int(AMX_STRIP, b->i1 - next), calls, 0);
  }
  return a;
}

/// All strips of a block; with the last k, the epilogue.
static void amx_strips(const matmul_group *g, const amx_part *b, epilogue_function *epilogue) {
  vu strip[AMX_WIDTH * AMX_STEPS * AMX_CELLS];
  float lines[AMX_STRIP * AMX_STRIP] __attribute__((aligned(64)));
  const amx_sums finished = {lines, AMX_SIDE * AMX_STRIP, AMX_SIDE, AMX_STRIP};
  amx_sums waiting = {b->waiting, b->tiles * AMX_TILE, AMX_TILE, AMX_SIDE};
  for (int64_t i = b->i; i < b->i1; i += AMX_STRIP) {
    int64_t height = min_int(AMX_WIDTH, ceil_div(b->i1 - i, AMX_SIDE));
    amx_pack_a(g, b, i, height, strip);
    waiting.at = b->waiting + (i - b->i) * b->tiles * AMX_SIDE;
    for (int64_t c = 0; c < b->tiles; c += AMX_WIDTH, waiting.at += AMX_WIDTH * AMX_TILE) {
      int64_t width = min_int(AMX_WIDTH, b->tiles - c), j = b->j + c * AMX_SIDE;
      amx_ahead ahead = amx_ahead_of(g, b, i, c);
      amx_block_of(height, width, strip, b->panels + c * b->steps * AMX_CELLS, b->steps,
                   b->p > 0 ? &waiting : 0, b->last ? &finished : &waiting, &ahead);
      if (b->last)
        epilogue(g, lines, AMX_STRIP, i, min_int(AMX_STRIP, b->i1 - i), j,
                 min_int(AMX_STRIP, b->j1 - j));
    }
  }
}

static void amx_finish_sums(const matmul_group *g, int64_t j, int64_t j1, const vf *sums) {
  for (; j < j1; j += AMX_SIDE, sums++)
    if (j >= g->sums_begin && j < g->sums_end)
      finish_column_sum(g, *sums, j, min_int(VL, g->sums_end - j));
}

static void amx_rectangle(const matmul_group *g, int64_t i0, int64_t i1, int64_t j0, int64_t j1,
                          epilogue_function *epilogue) {
  const mtlc_matmul_args *t = g->args;
  vf waiting[AMX_WAITING * AMX_SIDE];
  vu panels[AMX_TRIPLES * AMX_CELLS];
  vf sums[AMX_TRIPLES];
  int sums_while_packing = g->sums_begin < g->sums_end && !t->transpose_b;
  if (!sums_while_packing) column_sums(g, g->sums_begin, g->sums_end);
  int64_t steps = min_int(AMX_STEPS, ceil_div(t->k, AMX_DEPTH));
  // Equal blocks of whole panels.
  int64_t tiles = ceil_div(j1 - j0, AMX_SIDE);
  int64_t widest = AMX_TRIPLES / steps / AMX_WIDTH * AMX_WIDTH;
  if (t->k > AMX_BLOCK_K) widest = AMX_WIDEST;
  int64_t columns = ceil_div(ceil_div(tiles, ceil_div(tiles, widest)), AMX_WIDTH) * AMX_STRIP;
  int64_t rows = max_int(1, i1 - i0);
  if (t->k > AMX_BLOCK_K)
    rows = AMX_WAITING * AMX_SIDE / columns / AMX_WIDTH * AMX_WIDTH * AMX_SIDE;
  for (int64_t j = j0; j < j1; j += columns)
    for (int64_t i = i0; i < i1; i += rows)
      for (int64_t p = 0; p < t->k; p += AMX_BLOCK_K) {
        amx_part b = {.i = i, .i1 = min_int(i1, i + rows), .j = j, .j1 = min_int(j1, j + columns),
                      .p = p, .panels = panels, .waiting = (float *)waiting};
        b.steps = min_int(AMX_STEPS, ceil_div(t->k - p, AMX_DEPTH));
        b.tiles = ceil_div(b.j1 - j, AMX_SIDE);
        b.last = p + AMX_BLOCK_K >= t->k;
        int adds = sums_while_packing && i == i0;
        if (adds && p == 0)
          for (int64_t c = 0; c < b.tiles; c++) sums[c] = (vf){0};
        amx_pack_b(g, &b, panels, adds ? sums : 0);
        if (adds && b.last) amx_finish_sums(g, j, b.j1, sums);
        amx_strips(g, &b, epilogue);
      }
}

/// Whether tiles are faster than vectors: from the sizes alone. In quarter nanoseconds or so, a
/// multiply-add costs 1/17 in vectors and 1/288 for each product of parts in tiles, and a number
/// 1/9 for each of its parts.
INLINE int amx_pays(const mtlc_matmul_args *t) {
  if (t->m < 64 || t->n < 2 * AMX_SIDE || t->k < AMX_DEPTH) return 0;
  double m = (double)t->m, n = (double)t->n, k = (double)t->k;
  double padded = (double)(ceil_div(t->m, AMX_SIDE) * ceil_div(t->n, AMX_SIDE)) * AMX_TILE *
                  (double)(ceil_div(t->k, AMX_DEPTH) * AMX_DEPTH);
  return padded * AMX_CALLS / 288 + (m * k + k * n) * AMX_PARTS / 9 < m * n * k / 17;
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

// The matrix product: cuts a range of tiles into rectangles and computes each.
#ifndef MTLC_KERNEL_MATMUL_BLOCK_H
#define MTLC_KERNEL_MATMUL_BLOCK_H

#include "matmul_epilogue.h"
#include "matmul_micro.h"
#include "matmul_pack.h"
#include "matmul_sums.h"
#include "matmul_tile.h"
#include "matmul_thin.h"
#include "matmul_cut.h"

enum {
  /// Rows of op(B) taken at once: a panel of it stays in the first-level cache.
  BLOCK_K = 128,

  /// Sums of a block of rows wait in a buffer while k is worked through.
  BLOCK_ROWS = 256,
  BLOCK_COLUMNS = 4 * TILE_COLUMNS,
  /// Up to here k is worked through at once, if B needs no packing.
  WHOLE_K = 512,
  /// So much of B stays in the first-level cache beside what else a tile touches.
  NEAR_FLOATS = 6144,
  /// The most panels of op(B) that lie there at once.
  WIDE_PANELS = 6,
  SCATTERED_FLOATS = 1024,
  SCATTERED_ROWS = 64,
};

/// Vectors for the next panel: never leaves a thin rest behind, which would be short of chains.
INLINE int64_t panel_vectors(int64_t left) {
  if (left == TILE_VECTORS + 1 && TILE_VECTORS > 2) return 2;
  return min_int(left, TILE_VECTORS);
}

/// buffer[rows, columns] (+)= A[i.., p..] · B[p.., j..] for one panel of at most TILE_COLUMNS.
INLINE void panel_product(const matmul_group *g, int64_t i, int64_t rows, const float *b,
                          int64_t ldb, int64_t p, int64_t k, int64_t vectors, float *buffer,
                          int64_t ld, int32_t resume, int64_t ahead) {
  const mtlc_matmul_args *t = g->args;
  int64_t row_stride = t->transpose_a ? 1 : t->lda, k_stride = t->transpose_a ? t->lda : 1;
  const float *a = g->a + i * row_stride + p * k_stride;
  micro_kernel *const *kernels = micro_kernels[t->transpose_a != 0][vectors - 1];
  int64_t r = 0;
  for (; r + TILE_ROWS <= rows; r += TILE_ROWS)
    kernels[TILE_ROWS - 1](a + r * row_stride, row_stride, k_stride, b, ldb, k, buffer + r * ld, ld,
                           resume, ahead);
  if (r < rows)
    kernels[rows - r - 1](a + r * row_stride, row_stride, k_stride, b, ldb, k, buffer + r * ld, ld,
                          resume, ahead);
}

/// The sums of a tile of at most TILE_ROWS rows, which end here, and what follows them. They go on
/// with those in the buffer where `resume` says so.
INLINE void ending_product(const matmul_group *g, const matmul_panel *panel, int64_t i,
                           int64_t rows, float *buffer, int64_t ld, int32_t resume, int64_t ahead,
                           ending_tile *const *tiles, epilogue_function *epilogue) {
  int64_t vectors = ceil_div(panel->columns, VL);
  if (tiles && rows == TILE_ROWS) {
    tiles[vectors - 1](g, panel, i, resume ? buffer : 0, ld, ahead);
    return;
  }
  panel_product(g, i, rows, panel->b, panel->ldb, panel->p, panel->k, vectors, buffer, ld, resume,
                ahead);
  epilogue(g, buffer, ld, i, rows, panel->j, panel->columns);
}

/// Whether the rows of B lie so far apart that those of a panel take each other's place in the
/// first-level cache: it is worth a copy where many rows of A read it.
INLINE int is_scattered(const mtlc_matmul_args *t, int64_t rows) {
  return !t->transpose_b && t->ldb >= SCATTERED_FLOATS && rows >= SCATTERED_ROWS;
}

/// Where a panel of op(B) can be read: in place, or packed.
INLINE const float *panel_of(const matmul_group *g, int64_t p, int64_t k, int64_t j,
                             int64_t columns, int copies, float *packed, int64_t *ld) {
  const mtlc_matmul_args *t = g->args;
  if (t->transpose_b) {
    pack_transposed(g->b + j * t->ldb + p, t->ldb, k, columns, packed, TILE_COLUMNS);
  } else if (copies || columns % VL) {
    pack_plain(g->b + p * t->ldb + j, t->ldb, k, columns, packed, TILE_COLUMNS);
  } else {
    *ld = t->ldb;
    return g->b + p * t->ldb + j;
  }
  *ld = TILE_COLUMNS;
  return packed;
}

/// A single row: wide panels, k in blocks only as far as packing asks for it.
static void single_row(const matmul_group *g, int64_t i, int64_t j0, int64_t j1,
                       epilogue_function *epilogue) {
  const mtlc_matmul_args *t = g->args;
  int64_t row_stride = t->transpose_a ? 1 : t->lda, k_stride = t->transpose_a ? t->lda : 1;
  const float *a = g->a + i * row_stride;
  float buffer[ROW_VECTORS * VL], packed[BLOCK_K * TILE_COLUMNS];
  int64_t j = j0;
  while (j < j1) {
    int64_t whole = t->transpose_b ? 0 : (j1 - j) / VL;
    if (whole > 0) {
      // Equal panels rather than full ones and a thin rest.
      int64_t vectors = ceil_div(whole, ceil_div(whole, ROW_VECTORS));
      row_kernels[t->transpose_a != 0][vectors - 1](a, row_stride, k_stride, g->b + j, t->ldb, t->k,
                                                    buffer, ROW_VECTORS * VL, 0, 0);
      epilogue(g, buffer, ROW_VECTORS * VL, i, 1, j, vectors * VL);
      j += vectors * VL;
      continue;
    }
    int64_t columns = min_int(j1 - j, TILE_COLUMNS);
    int64_t vectors = ceil_div(columns, VL);
    for (int64_t p = 0; p < t->k || p == 0; p += BLOCK_K) {
      int64_t k = min_int(BLOCK_K, t->k - p), ld;
      const float *b = panel_of(g, p, k, j, columns, 0, packed, &ld);
      micro_kernels[t->transpose_a != 0][vectors - 1][0](a + p * k_stride, row_stride, k_stride, b,
                                                         ld, k, buffer, ROW_VECTORS * VL, p > 0, 0);
    }
    epilogue(g, buffer, ROW_VECTORS * VL, i, 1, j, columns);
    j += columns;
  }
}

/// k fits in one block: each register tile goes to memory as soon as it is done.
static void short_block(const matmul_group *g, int64_t i0, int64_t i1, int64_t j0, int64_t j1,
                        ending_tile *const *tiles, epilogue_function *epilogue) {
  const mtlc_matmul_args *t = g->args;
  float buffer[TILE_ROWS * TILE_COLUMNS], packed[BLOCK_K * TILE_COLUMNS];
  int64_t below = TILE_ROWS * t->lda;
  int copies = is_scattered(t, i1 - i0);
  for (int64_t rows0 = i0; rows0 < i1; rows0 += BLOCK_ROWS) {
    int64_t rows1 = min_int(i1, rows0 + BLOCK_ROWS);
    for (int64_t j = j0; j < j1;) {
      int64_t vectors = panel_vectors(ceil_div(j1 - j, VL));
      matmul_panel panel = {.k = t->k, .j = j, .columns = min_int(j1 - j, vectors * VL)};
      panel.b = panel_of(g, 0, t->k, j, panel.columns, copies, packed, &panel.ldb);
      for (int64_t i = rows0; i < rows1; i += TILE_ROWS) {
        // The first panel brings the rows of A in, for the others to find them near.
        int64_t ahead = j == j0 && !t->transpose_a && i + 2 * TILE_ROWS <= i1 ? below : 0;
        ending_product(g, &panel, i, min_int(TILE_ROWS, rows1 - i), buffer, TILE_COLUMNS, 0, ahead,
                       tiles, epilogue);
      }
      j += panel.columns;
    }
  }
}

/// All of op(B) stays in the first-level cache: the rows of the result, or of the parameter and its
/// states that are updated with it, are swept once from end to end.
static void wide_block(const matmul_group *g, int64_t i0, int64_t i1, int64_t j0, int64_t j1,
                       epilogue_function *epilogue) {
  const mtlc_matmul_args *t = g->args;
  float buffer[TILE_ROWS * TILE_COLUMNS];
  for (int64_t i = i0; i < i1; i += TILE_ROWS) {
    int64_t rows = min_int(TILE_ROWS, i1 - i);
    for (int64_t j = j0; j < j1;) {
      int64_t vectors = panel_vectors((j1 - j) / VL);
      panel_product(g, i, rows, g->b + j, t->ldb, 0, t->k, vectors, buffer, TILE_COLUMNS, 0, 0);
      epilogue(g, buffer, TILE_COLUMNS, i, rows, j, vectors * VL);
      j += vectors * VL;
    }
  }
}

/// The same where an epilogue reads other matrices: their rows too are swept once from end to end.
static void wide_cross(const matmul_group *g, int64_t i0, int64_t i1, int64_t j0, int64_t j1,
                       ending_tile *const *tiles, epilogue_function *epilogue) {
  const mtlc_matmul_args *t = g->args;
  float buffer[TILE_ROWS * TILE_COLUMNS], packed[NEAR_FLOATS + 2 * BLOCK_K * TILE_COLUMNS];
  matmul_panel panels[WIDE_PANELS + 1];
  int64_t count = 0;
  for (int64_t j = j0, at = 0; j < j1; j += panels[count++].columns, at += t->k * TILE_COLUMNS) {
    int64_t columns = min_int(j1 - j, panel_vectors(ceil_div(j1 - j, VL)) * VL);
    matmul_panel *panel = &panels[count];
    *panel = (matmul_panel){.k = t->k, .j = j, .columns = columns};
    panel->b = panel_of(g, 0, t->k, j, columns, 0, packed + at, &panel->ldb);
  }
  for (int64_t i = i0; i < i1; i += TILE_ROWS)
    for (int64_t p = 0; p < count; p++)
      ending_product(g, &panels[p], i, min_int(TILE_ROWS, i1 - i), buffer, TILE_COLUMNS, 0, 0,
                     tiles, epilogue);
}

/// Adds the rows of a panel to the column sums of the rows before it.
static void add_rows(const matmul_panel *panel, vf *sums) {
  for (int64_t c = 0; c < panel->columns; c += VL, sums++) {
    const float *b = panel->b + c;
    vf sum = panel->p > 0 ? *sums : (vf){0};
    for (int64_t p = 0; p < panel->k; p++, b += panel->ldb) sum += load(b);
    *sums = sum;
  }
}

/// k in equal blocks: the sums of a block of rows and columns wait in a buffer. Where an epilogue
/// reads other matrices it follows each tile, while the lines that were asked for are near.
static void long_block(const matmul_group *g, int64_t i0, int64_t i1, int64_t j0, int64_t j1,
                       ending_tile *const *tiles, epilogue_function *epilogue) {
  const mtlc_matmul_args *t = g->args;
  float buffer[BLOCK_ROWS * BLOCK_COLUMNS], packed[BLOCK_K * TILE_COLUMNS];
  int64_t block_k = ceil_div(t->k, ceil_div(t->k, BLOCK_K));
  int64_t next_k = block_k * (t->transpose_a ? t->lda : 1);
  int copies = is_scattered(t, i1 - i0);
  int adds = copies && g->sums_begin < g->sums_end;
  vf totals[BLOCK_COLUMNS / VL];
  for (int64_t i = i0; i < i1; i += BLOCK_ROWS) {
    int64_t rows = min_int(BLOCK_ROWS, i1 - i);
    for (int64_t block = j0; block < j1; block += BLOCK_COLUMNS) {
      int64_t end = min_int(j1, block + BLOCK_COLUMNS);
      for (int64_t p = 0; p < t->k; p += block_k) {
        int64_t k = min_int(block_k, t->k - p);
        int at_once = tiles && p + k == t->k;
        for (int64_t j = block; j < end;) {
          int64_t vectors = panel_vectors(ceil_div(end - j, VL));
          matmul_panel panel = {.p = p, .k = k, .j = j, .columns = min_int(end - j, vectors * VL)};
          int64_t ahead = j == j0 && p + 2 * block_k <= t->k ? next_k : 0;
          panel.b = panel_of(g, p, k, j, panel.columns, copies, packed, &panel.ldb);
          if (adds && i == i0) add_rows(&panel, totals + (j - block) / VL);
          float *sums = buffer + (j - block);
          if (!at_once)
            panel_product(g, i, rows, panel.b, panel.ldb, p, k, vectors, sums, BLOCK_COLUMNS, p > 0,
                          ahead);
          else
            for (int64_t r = 0; r < rows; r += TILE_ROWS)
              ending_product(g, &panel, i + r, min_int(TILE_ROWS, rows - r),
                             sums + r * BLOCK_COLUMNS, BLOCK_COLUMNS, p > 0, 0, tiles, epilogue);
          j += panel.columns;
        }
      }
      if (!tiles) epilogue(g, buffer, BLOCK_COLUMNS, i, rows, block, end - block);
      for (int64_t j = block; adds && i == i0 && j < end; j += VL)
        if (j >= g->sums_begin && j < g->sums_end)
          finish_column_sum(g, totals[(j - block) / VL], j, min_int(VL, g->sums_end - j));
    }
  }
}

static matmul_group group_of(const mtlc_matmul_args *t, int64_t group) {
  matmul_group g = {.args = t, .number = group};
  g.a = t->a + group * t->a_group_stride;
  g.b = t->b + group * t->b_group_stride;
  g.c = t->c ? t->c + group * t->c_group_stride : 0;
  g.bias = t->bias ? t->bias + group * t->bias_group_stride : 0;
  g.y = t->y ? t->y + group * t->y_group_stride : 0;
  g.addend = t->addend ? t->addend + group * t->addend_group_stride : 0;
  g.colsum = t->colsum ? t->colsum + group * t->colsum_group_stride : 0;
  g.activation_begin = t->activation_begin;
  g.activation_end = t->activation_end ? t->activation_end : t->n;
  g.streams = streams_result(&g);
  if (t->update) {
    int64_t at = group * t->update->group_stride;
    g.parameter = t->update->parameter + at;
    g.state1 = t->update->state1 + at;
    g.state2 = t->update->state2 + at;
    g.step = step_constants_of(t->update->hyper, t->update->l2);
  }
  return g;
}

/// Computes rows [i0, i1) and columns [j0, j1) of the result, and the column sums that it owes.
typedef void matmul_rectangle(const matmul_group *g, int64_t i0, int64_t i1, int64_t j0, int64_t j1,
                              epilogue_function *epilogue);

static void vector_rectangle(const matmul_group *g, int64_t i0, int64_t i1, int64_t j0, int64_t j1,
                             epilogue_function *epilogue) {
  const mtlc_matmul_args *t = g->args;
  int packs = t->transpose_b || (j1 - j0) % VL || is_scattered(t, i1 - i0);
  ending_tile *const *tiles = ending_tiles_of(t);
  int streams = tiles && reads_matrices(steps_of(t));
  int ends_at_once = t->k <= (packs ? BLOCK_K : WHOLE_K);
  // The others find the sums while they copy panels.
  if (ends_at_once || !is_scattered(t, i1 - i0) || is_narrow(t) || is_narrow_down(t))
    column_sums(g, g->sums_begin, g->sums_end);
  if (is_narrow(t))
    narrow_rows(g, i0, i1, j0, j1, epilogue);
  else if (is_narrow_down(t))
    narrow_down(g, i0, i1, j0, j1, epilogue);
  else if (is_shallow(t))
    shallow(g, i0, i1, j0, j1, epilogue);
  else if (i1 - i0 == 1)
    single_row(g, i0, j0, j1, epilogue);
  else if (t->update && !packs && t->k * (j1 - j0) <= NEAR_FLOATS)
    wide_block(g, i0, i1, j0, j1, epilogue);
  else if (streams && t->k <= BLOCK_K && t->k * (j1 - j0) <= NEAR_FLOATS &&
           j1 - j0 <= WIDE_PANELS * TILE_COLUMNS)
    wide_cross(g, i0, i1, j0, j1, tiles, epilogue);
  else if (ends_at_once)
    short_block(g, i0, i1, j0, j1, tiles, epilogue);
  else
    long_block(g, i0, i1, j0, j1, tiles, epilogue);
}

/// The same blocks of rows in every group: a block is that of its first tile.
INLINE void matmul_run_groups_in_turn(const mtlc_matmul_args *t, const matmul_cut *cut,
                                      int64_t first, int64_t last, epilogue_function *epilogue,
                                      matmul_rectangle *rectangle) {
  int64_t start = ceil_div(first, t->groups), stop = ceil_div(last, t->groups);
  if (start >= stop) return;
  matmul_span s = matmul_span_of(cut, start, stop, t->m, t->n);
  for (int64_t group = 0; group < t->groups; group++) {
    matmul_group g = group_of(t, group);
    owe_column_sums(&g, cut, &s);
    rectangle(&g, s.i0, s.i1, s.j0, s.j1, epilogue);
  }
}

INLINE void matmul_run_with(const mtlc_matmul_args *t, int64_t first, int64_t last,
                            matmul_rectangle *rectangle) {
  matmul_cut cut = matmul_cut_of(t);
  epilogue_function *epilogue = epilogue_of(t);
  if (matmul_takes_groups_in_turn(t, &cut)) {
    matmul_run_groups_in_turn(t, &cut, first, last, epilogue, rectangle);
    finish_streams();
    return;
  }
  int64_t per_group = cut.row_blocks * cut.column_blocks;
  while (first < last) {
    int64_t group = first / per_group, start = group * per_group;
    int64_t stop = min_int(last, start + per_group);
    matmul_group g = group_of(t, group);
    while (first < stop) {
      matmul_span s = matmul_span_of(&cut, first - start, stop - start, t->m, t->n);
      owe_column_sums(&g, &cut, &s);
      rectangle(&g, s.i0, s.i1, s.j0, s.j1, epilogue);
      first = start + s.next;
    }
  }
  finish_streams();
}

static void matmul_run(const mtlc_matmul_args *t, int64_t first, int64_t last) {
  if (first < last) matmul_run_with(t, first, last, vector_rectangle);
}

#endif

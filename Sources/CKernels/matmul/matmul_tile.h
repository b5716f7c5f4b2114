// Register tiles whose sums end with them: they go from the registers to the epilogue, without a
// buffer in between, which is a quarter of the time where k is small.
#ifndef MTLC_KERNEL_MATMUL_TILE_H
#define MTLC_KERNEL_MATMUL_TILE_H

#include "matmul_epilogue.h"
#include "matmul_micro.h"

/// A panel of op(B) over [p, p + k), for `columns` columns from j.
typedef struct {
  const float *b;
  int64_t ldb, p, k, j, columns;
} matmul_panel;

/// The sums of TILE_ROWS rows of A from i, begun anew, or gone on with where `sums` holds those so far,
/// and what follows them.
typedef void ending_tile(const matmul_group *g, const matmul_panel *panel, int64_t i,
                         const float *sums, int64_t ld, int64_t ahead);

/// Whether an epilogue reads or writes matrices beside C.
INLINE int reads_matrices(const int steps) {
  return steps == EPILOGUE_ADDEND || steps == EPILOGUE_CROSS_LAYER ||
         steps == EPILOGUE_CROSS_FACTOR || steps == EPILOGUE_CROSS;
}

/// Matrices that an epilogue reads or writes when a tile is done, from its first element on. Their
/// rows lie apart, several streams that the processor does not see coming, so a line of each is asked
/// for at every step of k while the sums are at work, rather than all at once before them.
enum { STREAMS = 4 };
typedef struct {
  const float *at[STREAMS];  // Two that are read, two that are written; one may be both.
  int64_t ld;                // Of all of them.
} epilogue_streams;

INLINE epilogue_streams streams_of(const epilogue_locals *l, const int steps, int64_t i,
                                   int64_t j) {
  epilogue_streams s = {{l->factor, l->residual, l->crossed, l->c}, l->ldx};
  if (steps == EPILOGUE_ADDEND) s = (epilogue_streams){{l->addend, l->addend, l->c, l->c}, l->ldc};
  if (steps == EPILOGUE_CROSS && l->addend) s.at[1] = l->addend;
  for (int m = 1; m < STREAMS; m++)
    if (!s.at[m]) s.at[m] = s.at[m - 1];
  for (int m = 0; m < STREAMS; m++) s.at[m] += i * s.ld + j;
  return s;
}

/// Whether the rows of all these matrices lie equally far apart.
static int is_streamable(const mtlc_matmul_args *t) {
  if (!t->factor) return t->ldadd == t->ldc;
  return t->ldf == t->ldx && (!t->residual || t->ldr == t->ldx) && (!t->c || t->ldc == t->ldx) &&
         (!t->addend || t->ldadd == t->ldx);
}

INLINE void tile(const int vectors, const int steps, const matmul_group *g,
                 const matmul_panel *panel, int64_t i, const float *sums, int64_t ld,
                 int64_t ahead) {
  enum { LINE = 16 };
  const epilogue_locals l = locals_of(g);
  int64_t lda = g->args->lda, ldb = panel->ldb, j = panel->j, k = panel->k, p = 0;
  const float *a = g->a + i * lda + panel->p, *b = panel->b;
  vf sum[8][ROW_VECTORS];
#pragma clang loop unroll(full)
  for (int r = 0; r < TILE_ROWS; r++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) sum[r][v] = sums ? load(sums + r * ld + v * VL) : (vf){0};
  if (reads_matrices(steps)) {
    epilogue_streams s = streams_of(&l, steps, i, j);
    int64_t at = 0, turn = TILE_ROWS;
    int64_t asking = min_int(k, (panel->columns / LINE + 1) * TILE_ROWS);
    for (; p < asking; p++, a++, b += ldb) {
      __builtin_prefetch(s.at[0] + at, 0, 3);
      __builtin_prefetch(s.at[1] + at, 0, 3);
      __builtin_prefetch(s.at[2] + at, 1, 3);
      __builtin_prefetch(s.at[3] + at, 1, 3);
      micro_step(TILE_ROWS, vectors, sum, a, lda, b);
      at += s.ld;
      if (--turn == 0) turn = TILE_ROWS, at += LINE - TILE_ROWS * s.ld;
    }
  }
  for (; p < k; p++, a++, b += ldb) {
    if (vectors == TILE_VECTORS && !reads_matrices(steps)) prefetch_ahead(a, lda, p, ahead);
    micro_step(TILE_ROWS, vectors, sum, a, lda, b);
  }
  int64_t last = panel->columns - (vectors - 1) * VL;
  if (last == VL) {
#pragma clang loop unroll(full)
    for (int r = 0; r < TILE_ROWS; r++)
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++)
        finish(g, &l, sum[r][v], i + r, j + v * VL, steps, -1, 0, 1, VL);
    return;
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < TILE_ROWS; r++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++)
      finish(g, &l, sum[r][v], i + r, j + v * VL, steps, -1, 0, v < vectors - 1,
             v < vectors - 1 ? VL : last);
}

#define TILE(name, vectors, steps)                                                                \
  static __attribute__((noinline)) void tile_##name##_##vectors(                                  \
      const matmul_group *g, const matmul_panel *panel, int64_t i, const float *sums, int64_t ld, \
      int64_t ahead) {                                                                            \
    tile(vectors, steps, g, panel, i, sums, ld, ahead);                                           \
  }
#define TILES(name, steps) TILE(name, 1, steps) TILE(name, 2, steps) TILE(name, 3, steps)
MTLC_EPILOGUES(TILES)
#undef TILES
#undef TILE

/// By the steps, vectors - 1.
#define ENTRY(name, steps) [steps] = {tile_##name##_1, tile_##name##_2, tile_##name##_3},
static ending_tile *const ending_tiles[][3] = {MTLC_EPILOGUES(ENTRY)};
#undef ENTRY

/// The tiles of a product, by vectors - 1. None where A is transposed, where the epilogue steps a
/// parameter or does what no tile is made for, or where its matrices' rows do not lie equally far
/// apart.
static ending_tile *const *ending_tiles_of(const mtlc_matmul_args *t) {
  if (t->update || t->transpose_a) return 0;
  int steps = steps_of(t);
  if (steps == EPILOGUE_ANY || (reads_matrices(steps) && !is_streamable(t))) return 0;
  return ending_tiles[steps];
}

#endif

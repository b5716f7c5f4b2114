// How rows of a batch are cut into tiles: in blocks of 16 rows, a whole number of vectors in every
// variant.
#ifndef MTLC_KERNEL_ROW_CUT_H
#define MTLC_KERNEL_ROW_CUT_H

#include <stdint.h>

enum { ROW_CUT_BLOCK = 16, ROW_CUT_TILES = 32, ROW_CUT_WORK = 2048 };

typedef struct {
  int64_t tiles, tile_rows;
} row_cut;

/// `work` is roughly how many elementary operations a row takes.
static inline row_cut row_cut_of(int64_t rows, int64_t work) {
  int64_t blocks = (rows + ROW_CUT_BLOCK - 1) / ROW_CUT_BLOCK;
  int64_t block_work = work * ROW_CUT_BLOCK > 1 ? work * ROW_CUT_BLOCK : 1;
  int64_t per_tile = (ROW_CUT_WORK + block_work - 1) / block_work;
  int64_t tiles = (blocks + per_tile - 1) / per_tile;
  if (tiles > ROW_CUT_TILES) tiles = ROW_CUT_TILES;
  if (tiles < 1) return (row_cut){.tiles = 0, .tile_rows = ROW_CUT_BLOCK};
  row_cut cut = {.tile_rows = (blocks + tiles - 1) / tiles * ROW_CUT_BLOCK};
  cut.tiles = (rows + cut.tile_rows - 1) / cut.tile_rows;
  return cut;
}

#endif

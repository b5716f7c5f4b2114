// Tile products: sums[rows, columns] += A · B over numbers split in parts.
//
// With all eight tiles in use, each load and each product waits for the one before it while the other
// thread of the core is at work, as if registers to rename tiles to were lacking. Six tiles leave room,
// for loads that the nearest cache answers (measured on Sapphire Rapids, see docs/performance.md).
#ifndef MTLC_KERNEL_AMX_MICRO_H
#define MTLC_KERNEL_AMX_MICRO_H

#include "amx_prefetch.h"

enum {
  AMX_WIDTH = 2,  // Tiles of each side of a block.
  AMX_CALLS = AMX_PARTS * (AMX_PARTS + 1) / 2,  // Products of parts in each step of a block.
};

// Palette 1: tiles of 16 rows of 64 bytes. 0 to 3 hold sums, 4 a part of A, 5 one of B.
typedef struct {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} amx_configuration;

INLINE void amx_begin(void) {
  static const amx_configuration whole = {
      .palette = 1,
      .row_bytes = {64, 64, 64, 64, 64, 64},
      .rows = {16, 16, 16, 16, 16, 16},
  };
  _tile_loadconfig(&whole);
}

INLINE void amx_end(void) { _tile_release(); }

/// The tiles of a factor in one step: part q of tile i begins q * part + i * tile bytes after `at`.
typedef struct {
  const char *at;
  int64_t part, tile;
} amx_factor;

/// Adds the products of one step to `rows` times `columns` sums, along a line that bends back, so that
/// each product but the first finds one of its factors loaded. In between it asks for so many lines
/// from `later` on.
INLINE void amx_step(const int rows, const int columns, const amx_factor a, const amx_factor b,
                     const char *later, const int lines, amx_ahead *ahead) {
  // The parts that are multiplied, of A and of B.
#if MTLC_AMX_PARTS == 3
  static const int8_t parts[AMX_CALLS][2] = {{1, 1}, {0, 1}, {0, 2}, {0, 0}, {1, 0}, {2, 0}};
#elif MTLC_AMX_PARTS == 2
  static const int8_t parts[AMX_CALLS][2] = {{0, 1}, {0, 0}, {1, 0}};
#else
  static const int8_t parts[AMX_CALLS][2] = {{0, 0}};
#endif
  const int sums = rows * columns, products = AMX_CALLS * sums;
  int loaded_a = -1, loaded_b = -1;
#pragma clang loop unroll(full)
  for (int n = 0; n < products; n++) {
    const int8_t *q = parts[n / sums];
    int place = n / sums % 2 ? sums - 1 - n % sums : n % sums;
    int r = place / columns, c = r % 2 ? columns - 1 - place % columns : place % columns;
    int wanted_a = r * AMX_PARTS + q[0], wanted_b = c * AMX_PARTS + q[1];
    if (wanted_a != loaded_a) _tile_loadd(4, a.at + q[0] * a.part + r * a.tile, 64);
    if (wanted_b != loaded_b) _tile_loadd(5, b.at + q[1] * b.part + c * b.tile, 64);
    loaded_a = wanted_a, loaded_b = wanted_b;
    if (r == 0 && c == 0) _tile_dpbf16ps(0, 4, 5);
    if (r == 0 && c == 1) _tile_dpbf16ps(1, 4, 5);
    if (r == 1 && c == 0) _tile_dpbf16ps(2, 4, 5);
    if (r == 1 && c == 1) _tile_dpbf16ps(3, 4, 5);
#pragma clang loop unroll(full)
    for (int l = n * lines / products; l < (n + 1) * lines / products; l++)
      __builtin_prefetch(later + l * AHEAD_LINE, 0, 3);
    if (ahead && n % sums == sums - 1) look_ahead(ahead);
  }
}

/// Where a block's sums are: tile (r, c) at r * row + c * column numbers, its rows `ld` apart.
typedef struct {
  float *at;
  int64_t row, column, ld;
} amx_sums;

/// `rows` times `columns` tiles of sums, added to those at `from` if it is there. A and B hold for
/// each of `steps` the triples of their tiles; whatever the shape, each sum is one chain.
INLINE void amx_block(const int rows, const int columns, const vu *a, const vu *b, int64_t steps,
                      const amx_sums *from, const amx_sums *to, amx_ahead *ahead) {
  if (from) {
    int64_t ld = from->ld * 4;
    _tile_loadd(0, from->at, ld);
    if (columns > 1) _tile_loadd(1, from->at + from->column, ld);
    if (rows > 1) _tile_loadd(2, from->at + from->row, ld);
    if (rows > 1 && columns > 1) _tile_loadd(3, from->at + from->row + from->column, ld);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  const int64_t part = AMX_SIDE * sizeof(vu), tile = AMX_PARTS * part;
  for (int64_t s = 0; s < steps; s++) {
    const amx_factor x = {(const char *)a + s * rows * tile, part, tile};
    const amx_factor y = {(const char *)b + s * columns * tile, part, tile};
    amx_step(rows, columns, x, y, y.at + columns * tile, columns * AMX_PARTS * AMX_SIDE, ahead);
  }
  int64_t ld = to->ld * 4;
  _tile_stored(0, to->at, ld);
  if (columns > 1) _tile_stored(1, to->at + to->column, ld);
  if (rows > 1) _tile_stored(2, to->at + to->row, ld);
  if (rows > 1 && columns > 1) _tile_stored(3, to->at + to->row + to->column, ld);
}

static void amx_block_of(int64_t rows, int64_t columns, const vu *a, const vu *b, int64_t steps,
                         const amx_sums *from, const amx_sums *to, amx_ahead *ahead) {
  if (rows > 1 && columns > 1)
    amx_block(2, 2, a, b, steps, from, to, ahead);
  else if (rows > 1)
    amx_block(2, 1, a, b, steps, from, to, ahead);
  else if (columns > 1)
    amx_block(1, 2, a, b, steps, from, to, ahead);
  else
    amx_block(1, 1, a, b, steps, from, to, ahead);
}

#endif

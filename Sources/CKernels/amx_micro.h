// Tile products: sums[rows, columns] += A · B over numbers split in parts.
#ifndef MTLC_AMX_MICRO_H
#define MTLC_AMX_MICRO_H

#include "amx_ahead.h"
#include "amx_feed.h"

enum {
  AMX_WIDTH = 2,  // Tiles of each side of a block.
  AMX_CALLS = AMX_PARTS * (AMX_PARTS + 1) / 2,  // Products of parts in each step of a block.
};

// Palette 1: eight tiles of 16 rows of 64 bytes. 0 to 3 hold sums, 4 and 5 parts of A, 6 and 7 of B.
typedef struct {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} amx_configuration;

INLINE void amx_begin(void) {
  static const amx_configuration whole = {
      .palette = 1,
      .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64},
      .rows = {16, 16, 16, 16, 16, 16, 16, 16},
  };
  _tile_loadconfig(&whole);
}

INLINE void amx_end(void) { _tile_release(); }

#define AMX_A(part)                                                       \
  _tile_loadd(4, a + (part) * AMX_SIDE, 64);                              \
  if (rows > 1) _tile_loadd(5, a + AMX_PARTS * AMX_SIDE + (part) * AMX_SIDE, 64)
#define AMX_B(part)                                                       \
  _tile_loadd(6, b + (part) * AMX_SIDE, 64);                              \
  if (columns > 1) _tile_loadd(7, b + AMX_PARTS * AMX_SIDE + (part) * AMX_SIDE, 64)
#define AMX_MULTIPLY                            \
  _tile_dpbf16ps(0, 4, 6);                      \
  if (columns > 1) _tile_dpbf16ps(1, 4, 7);     \
  if (rows > 1) _tile_dpbf16ps(2, 5, 6);        \
  if (rows > 1 && columns > 1) _tile_dpbf16ps(3, 5, 7); \
  feed(next);                                             \
  look_ahead(ahead)

/// Where a block's sums are: tile (r, c) at r * row + c * column numbers, its rows `ld` apart.
typedef struct {
  float *at;
  int64_t row, column, ld;
} amx_sums;

/// `rows` times `columns` tiles of sums, added to those at `from` if it is there. A and B hold for
/// each of `steps` the triples of their tiles; whatever the shape, each sum is one chain, small
/// products before large ones.
INLINE void amx_block(const int rows, const int columns, const vu *a, const vu *b, int64_t steps,
                      const amx_sums *from, const amx_sums *to, amx_feed *next, amx_ahead *ahead) {
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
  for (int64_t s = 0; s < steps; s++) {
#if MTLC_AMX_PARTS == 3
    AMX_A(1);
    AMX_B(1);
    AMX_MULTIPLY;
    AMX_B(0);
    AMX_MULTIPLY;
    AMX_A(2);
    AMX_MULTIPLY;
    AMX_A(0);
    AMX_MULTIPLY;
    AMX_B(1);
    AMX_MULTIPLY;
    AMX_B(2);
    AMX_MULTIPLY;
#elif MTLC_AMX_PARTS == 2
    AMX_A(1);
    AMX_B(0);
    AMX_MULTIPLY;
    AMX_A(0);
    AMX_MULTIPLY;
    AMX_B(1);
    AMX_MULTIPLY;
#else
    AMX_A(0);
    AMX_B(0);
    AMX_MULTIPLY;
#endif
    a += rows * AMX_PARTS * AMX_SIDE;
    b += columns * AMX_PARTS * AMX_SIDE;
  }
  int64_t ld = to->ld * 4;
  _tile_stored(0, to->at, ld);
  if (columns > 1) _tile_stored(1, to->at + to->column, ld);
  if (rows > 1) _tile_stored(2, to->at + to->row, ld);
  if (rows > 1 && columns > 1) _tile_stored(3, to->at + to->row + to->column, ld);
}

static void amx_block_of(int64_t rows, int64_t columns, const vu *a, const vu *b, int64_t steps,
                         const amx_sums *from, const amx_sums *to, amx_feed *next, amx_ahead *ahead) {
  if (rows > 1 && columns > 1)
    amx_block(2, 2, a, b, steps, from, to, next, ahead);
  else if (rows > 1)
    amx_block(2, 1, a, b, steps, from, to, next, ahead);
  else if (columns > 1)
    amx_block(1, 2, a, b, steps, from, to, next, ahead);
  else
    amx_block(1, 1, a, b, steps, from, to, next, ahead);
}

#endif

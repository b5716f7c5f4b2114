// How an elementwise program walks its dims: dims merged where memory allows, chunks of registers,
// tiles of chunks. From sizes and strides alone, the same for every variant.
#ifndef MTLC_KERNEL_ELEMENTWISE_CUT_H
#define MTLC_KERNEL_ELEMENTWISE_CUT_H

#include "mtlc_elementwise.h"

enum { CUT_MAX_TILES = 32, CUT_TILE_CHUNKS = 4 };

static inline int is_reduction(mtlc_opcode code) {
  return code >= MTLC_OP_SUM_ALL && code <= MTLC_OP_MAX_INNER;
}
static inline int reduces_all(mtlc_opcode code) {
  return code == MTLC_OP_SUM_ALL || code == MTLC_OP_MAX_ALL;
}
static inline int reduces_columns(mtlc_opcode code) {
  return code == MTLC_OP_SUM_COLUMNS || code == MTLC_OP_MAX_COLUMNS;
}
static inline int reduces_inner(mtlc_opcode code) {
  return code == MTLC_OP_SUM_INNER || code == MTLC_OP_MAX_INNER;
}
static inline int reduces_to_max(mtlc_opcode code) { return (code - MTLC_OP_SUM_ALL) & 1; }

/// Where row r = (i0, i1, i2) of the merged dims lies in each operand: strides[operand][0..2];
/// within a row, strides[operand][3].
typedef struct {
  int64_t dims[4];
  int64_t rows, columns;       // rows of dims 0..2, columns of dim 3
  int64_t chunk_rows;          // rows in a chunk, if a row fits one
  int64_t chunks_per_row;      // else chunks in a row
  int64_t chunks, tiles, tile_chunks;
  int64_t partial_width;       // floats that a tile leaves in scratch
  int64_t strides[MTLC_ELEMENTWISE_MAX_OPERANDS][4];
} elementwise_cut;

/// Drops dims of size 1 and merges neighbours that every operand steps through evenly.
static inline void merge_dims(elementwise_cut *cut, int64_t operands, int keep_inner) {
  int64_t last = 3;  // where the innermost free place is
  for (int d = 2; d >= 0; d--) {
    if (cut->dims[d] == 1) continue;
    int replaces = last == 3 && !keep_inner && cut->dims[3] == 1;
    int merges = !replaces && !(last == 3 && keep_inner);
    for (int64_t o = 0; o < operands && merges; o++)
      merges = cut->strides[o][d] == cut->strides[o][last] * cut->dims[last];
    if (merges) {
      cut->dims[last] *= cut->dims[d];
      continue;
    }
    if (!replaces) last--;
    cut->dims[last] = cut->dims[d];
    for (int64_t o = 0; o < operands; o++) cut->strides[o][last] = cut->strides[o][d];
  }
  for (int64_t d = 0; d < last; d++) {
    cut->dims[d] = 1;
    for (int64_t o = 0; o < operands; o++) cut->strides[o][d] = 0;
  }
}

static inline void elementwise_cut_of(const mtlc_elementwise_args *t, elementwise_cut *cut) {
  int keep_inner = 0, across = 0, whole_rows = 0;
  for (int64_t p = 0; p < t->op_count; p++) {
    int32_t code = t->ops[p].opcode;
    if (!is_reduction(code)) continue;
    keep_inner |= !reduces_all(code);
    whole_rows |= reduces_inner(code);
    across |= !reduces_inner(code);
  }
  for (int d = 0; d < 4; d++) cut->dims[d] = t->dims[d];
  for (int64_t o = 0; o < t->operand_count; o++)
    for (int d = 0; d < 4; d++) cut->strides[o][d] = t->operands[o].stride[d];
  // A reduction's result has no stride along what it reduces.
  for (int64_t p = 0; p < t->op_count; p++) {
    int32_t code = t->ops[p].opcode;
    if (!is_reduction(code)) continue;
    int64_t *stride = cut->strides[t->ops[p].b];
    if (!reduces_inner(code)) stride[0] = stride[1] = stride[2] = 0;
    if (reduces_all(code) || reduces_inner(code)) stride[3] = 0;
  }
  merge_dims(cut, t->operand_count, keep_inner);
  cut->rows = cut->dims[0] * cut->dims[1] * cut->dims[2];
  cut->columns = cut->dims[3];
  cut->partial_width = 0;
  for (int64_t p = 0; p < t->op_count; p++) {
    if (reduces_all(t->ops[p].opcode)) cut->partial_width += 1;
    if (reduces_columns(t->ops[p].opcode)) cut->partial_width += cut->columns;
  }
  cut->chunk_rows = cut->chunks_per_row = 1;
  if (cut->columns <= 0) {
    cut->chunks = 0;
  } else if (cut->columns <= MTLC_ELEMENTWISE_CHUNK) {
    cut->chunk_rows = MTLC_ELEMENTWISE_CHUNK / cut->columns;
    cut->chunks = (cut->rows + cut->chunk_rows - 1) / cut->chunk_rows;
  } else {
    cut->chunks_per_row = (cut->columns + MTLC_ELEMENTWISE_CHUNK - 1) / MTLC_ELEMENTWISE_CHUNK;
    cut->chunks = cut->rows * cut->chunks_per_row;
  }
  int64_t tiles = (cut->chunks + CUT_TILE_CHUNKS - 1) / CUT_TILE_CHUNKS;
  if (tiles > CUT_MAX_TILES) tiles = CUT_MAX_TILES;
  if (tiles < 1) tiles = 1;
  int64_t unit = whole_rows ? cut->chunks_per_row : 1;
  int64_t units = cut->chunks / unit;
  cut->tile_chunks = (units + tiles - 1) / tiles * unit;
  if (cut->tile_chunks < 1) cut->tile_chunks = 1;
  cut->tiles = (cut->chunks + cut->tile_chunks - 1) / cut->tile_chunks;
  // Reductions of nothing still have a result; without a meeting place one tile does it all.
  if (across && (cut->chunks == 0 || !t->scratch || !t->counter)) {
    cut->tiles = 1;
    cut->tile_chunks = cut->chunks;
  }
}

#endif

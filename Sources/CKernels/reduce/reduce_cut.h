// The loops of a reduction, from its sizes and strides alone.
#ifndef MTLC_KERNEL_REDUCE_CUT_H
#define MTLC_KERNEL_REDUCE_CUT_H

#include "mtlc_reduce.h"

enum { REDUCE_COLUMNS = 16, REDUCE_WORK = 8192, REDUCE_TILES = 32 };

/// Kept and reduced dims, innermost last, outer places filled with size 1.
typedef struct {
  int64_t kept[4], kept_in[4], kept_out[4];
  int64_t gone[4], gone_in[4];
  int vector_kept;   // the innermost kept dim is contiguous in input and output
  int vector_gone;   // else: the innermost reduced dim is contiguous
  int64_t units;     // results, or blocks of REDUCE_COLUMNS of them
  int64_t tiles, tile_units;
} reduce_cut;

static inline void reduce_cut_of(const mtlc_reduce_args *t, reduce_cut *cut) {
  int k = 4, g = 4;
  int64_t results = 1, terms = 1;
  for (int d = 0; d < 4; d++) {
    cut->kept[d] = cut->gone[d] = 1;
    cut->kept_in[d] = cut->kept_out[d] = cut->gone_in[d] = 0;
  }
  for (int d = 3; d >= 0; d--) {
    int64_t size = t->dims[d], in = t->input_stride[d], out = t->output_stride[d];
    if (t->reduced[d]) terms *= size; else results *= size;
    if (size == 1) continue;
    if (t->reduced[d]) {
      if (g < 4 && in == cut->gone_in[g] * cut->gone[g]) {
        cut->gone[g] *= size;
      } else {
        g--;
        cut->gone[g] = size;
        cut->gone_in[g] = in;
      }
    } else if (k < 4 && in == cut->kept_in[k] * cut->kept[k] &&
               out == cut->kept_out[k] * cut->kept[k]) {
      cut->kept[k] *= size;
    } else {
      k--;
      cut->kept[k] = size;
      cut->kept_in[k] = in;
      cut->kept_out[k] = out;
    }
  }
  // The innermost dims go to the last place.
  cut->vector_kept = k < 4 && cut->kept_in[3] == 1 && cut->kept_out[3] == 1;
  cut->vector_gone = !cut->vector_kept && g < 4 && cut->gone_in[3] == 1;
  int64_t work = results * (terms > 0 ? terms : 1);
  cut->units = results;
  if (cut->vector_kept && results > 0) {
    cut->units = results / cut->kept[3] * ((cut->kept[3] + REDUCE_COLUMNS - 1) / REDUCE_COLUMNS);
  }
  int64_t tiles = work / REDUCE_WORK;
  if (tiles > REDUCE_TILES) tiles = REDUCE_TILES;
  if (tiles < 1) tiles = 1;
  cut->tile_units = (cut->units + tiles - 1) / tiles;
  if (cut->tile_units < 1) cut->tile_units = 1;
  cut->tiles = (cut->units + cut->tile_units - 1) / cut->tile_units;
}

#endif

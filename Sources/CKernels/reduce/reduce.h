// Reductions over axes, in a fixed order.
#ifndef MTLC_KERNEL_REDUCE_H
#define MTLC_KERNEL_REDUCE_H

#include "reduce_cut.h"
#include "../support/simd.h"

INLINE vf reduce_two(const mtlc_reduction kind, vf x, vf y) {
  return kind == MTLC_REDUCE_SUM ? x + y : kind == MTLC_REDUCE_MAX ? max_nan(x, y) : min_nan(x, y);
}

INLINE float reduce_one(const mtlc_reduction kind, float x, float y) {
  if (kind == MTLC_REDUCE_SUM) return x + y;
  if (kind == MTLC_REDUCE_MAX) return x > y || x != x ? x : y;
  return x < y || x != x ? x : y;
}

INLINE float reduce_nothing(const mtlc_reduction kind) {
  return kind == MTLC_REDUCE_SUM ? 0.0f : kind == MTLC_REDUCE_MAX ? -INFINITY : INFINITY;
}

INLINE float reduce_lanes(const mtlc_reduction kind, vf x) {
  if (kind == MTLC_REDUCE_SUM) return sum_lanes(x);
  float y = x[0];
  for (int l = 1; l < VL; l++) y = reduce_one(kind, y, x[l]);
  return y;
}

/// n <= VL neighbouring results at once, in four chains.
INLINE vf reduce_columns_at(const mtlc_reduction kind, const reduce_cut *cut, const float *in,
                            int64_t n) {
  vf sum[4];
  for (int c = 0; c < 4; c++) sum[c] = splat(reduce_nothing(kind));
  for (int64_t a = 0; a < cut->gone[0]; a++)
    for (int64_t b = 0; b < cut->gone[1]; b++)
      for (int64_t c = 0; c < cut->gone[2]; c++) {
        const float *x = in + a * cut->gone_in[0] + b * cut->gone_in[1] + c * cut->gone_in[2];
        int64_t step = cut->gone_in[3], d = 0;
        for (; d + 4 <= cut->gone[3]; d += 4, x += 4 * step)
          for (int r = 0; r < 4; r++) sum[r] = reduce_two(kind, sum[r], load_upto(x + r * step, n));
        for (; d < cut->gone[3]; d++, x += step) sum[0] = reduce_two(kind, sum[0], load_upto(x, n));
      }
  return reduce_two(kind, reduce_two(kind, sum[0], sum[1]), reduce_two(kind, sum[2], sum[3]));
}

/// One result, along a contiguous dim or element by element.
INLINE float reduce_single(const mtlc_reduction kind, const reduce_cut *cut, const float *in) {
  float sum = reduce_nothing(kind);
  vf lanes_sum = splat(sum);
  for (int64_t a = 0; a < cut->gone[0]; a++)
    for (int64_t b = 0; b < cut->gone[1]; b++)
      for (int64_t c = 0; c < cut->gone[2]; c++) {
        const float *x = in + a * cut->gone_in[0] + b * cut->gone_in[1] + c * cut->gone_in[2];
        int64_t step = cut->gone_in[3], d = 0;
        if (cut->vector_gone)
          for (; d + VL <= cut->gone[3]; d += VL)
            lanes_sum = reduce_two(kind, lanes_sum, load(x + d));
        for (; d < cut->gone[3]; d++) sum = reduce_one(kind, sum, x[d * step]);
      }
  return cut->vector_gone ? reduce_one(kind, reduce_lanes(kind, lanes_sum), sum) : sum;
}

INLINE void reduce_as(const mtlc_reduction kind, const mtlc_reduce_args *t, int64_t first,
                      int64_t last) {
  reduce_cut cut;
  reduce_cut_of(t, &cut);
  int64_t end = min_int(cut.units, last * cut.tile_units);
  int64_t inner = cut.vector_kept ? ceil_div(cut.kept[3], REDUCE_COLUMNS) : cut.kept[3];
  int64_t step = cut.vector_kept ? REDUCE_COLUMNS : 1;
  for (int64_t unit = first * cut.tile_units; unit < end; unit++) {
    int64_t rest = unit / inner, j = unit % inner * step;
    int64_t i2 = rest % cut.kept[2], i1 = rest / cut.kept[2] % cut.kept[1];
    int64_t i0 = rest / cut.kept[2] / cut.kept[1];
    const float *in = t->input + i0 * cut.kept_in[0] + i1 * cut.kept_in[1] + i2 * cut.kept_in[2] +
                      j * cut.kept_in[3];
    float *out = t->output + i0 * cut.kept_out[0] + i1 * cut.kept_out[1] + i2 * cut.kept_out[2] +
                 j * cut.kept_out[3];
    if (!cut.vector_kept) {
      *out = reduce_single(kind, &cut, in);
      continue;
    }
    int64_t columns = min_int(REDUCE_COLUMNS, cut.kept[3] - j);
    for (int64_t v = 0; v < columns; v += VL)
      store_upto(out + v, reduce_columns_at(kind, &cut, in + v, columns - v), columns - v);
  }
}

static void reduce_run(const mtlc_reduce_args *t, int64_t first, int64_t last) {
  switch (t->kind) {
    case MTLC_REDUCE_SUM: reduce_as(MTLC_REDUCE_SUM, t, first, last); break;
    case MTLC_REDUCE_MAX: reduce_as(MTLC_REDUCE_MAX, t, first, last); break;
    case MTLC_REDUCE_MIN: reduce_as(MTLC_REDUCE_MIN, t, first, last); break;
  }
}

#endif

// Sums over the pairs of rows of a group whose labels differ.
#ifndef MTLC_KERNEL_GROUP_PAIRS_H
#define MTLC_KERNEL_GROUP_PAIRS_H

#include "group.h"
#include "../support/vector_math.h"

enum { PAIR_ROWS = 64, PAIR_BLOCK = 256 };

/// Rows that others are paired with, side by side, filled up to a whole number of vectors with rows
/// that none is paired with.
typedef struct {
  float factor[PAIR_BLOCK], score[PAIR_BLOCK], label[PAIR_BLOCK];
  int64_t count;
} pair_block;

INLINE vf pair_value(const mtlc_pair_function function, vf d) {
  switch (function) {
    case MTLC_PAIR_ONE: break;
    case MTLC_PAIR_LOGISTIC: return softplus_v(-d);
    case MTLC_PAIR_SLOPE: return -sigmoid_v(-d);
    case MTLC_PAIR_CURVATURE: {
      vf z = exp_v(-absolute(d)), u = z + 1.0f;
      return z / (u * u);
    }
  }
  return splat(1.0f);
}

/// Adds to a row's sum the terms of the rows of the block whose labels are lower than its own.
INLINE vf pair_terms(const mtlc_pair_function function, const pair_block *block, float score,
                     float label, vf sum) {
  for (int64_t k = 0; k < block->count; k += VL) {
    vf term = load(block->factor + k) * pair_value(function, score - load(block->score + k));
    sum += (vf)((vi)term & (load(block->label + k) < label));
  }
  return sum;
}

/// Of rows [from, at most to) into the block those whose label is below `high`, the highest of the
/// group: none is paired with the others. Returns the first row that is left.
INLINE int64_t pair_fill(pair_block *block, const mtlc_group_pairs_args *t, float sign, float high,
                         int64_t from, int64_t to) {
  int64_t n = 0;
  for (; from < to && n < PAIR_BLOCK; from++) {
    float label = sign * t->labels[from * t->ld_labels];
    if (!(label < high)) continue;
    block->label[n] = label;
    block->score[n] = sign * t->scores[from * t->ld_scores];
    block->factor[n++] = t->factors[from * t->ld_factors];
  }
  for (; n % VL; n++) {
    block->label[n] = INFINITY;
    block->score[n] = block->factor[n] = 0;
  }
  block->count = n;
  return from;
}

/// The sums of rows [from, to), at most PAIR_ROWS, of the group [begin, end). Sums over rows with higher
/// labels are those over lower ones where labels and scores have the other sign.
INLINE void pair_rows(const mtlc_pair_function function, const mtlc_group_pairs_args *t, float sign,
                      float low, float high, int64_t begin, int64_t end, int64_t from, int64_t to) {
  vf sum[PAIR_ROWS];
  pair_block block;
  for (int64_t i = from; i < to; i++) sum[i - from] = (vf){0};
  while (begin < end) {
    begin = pair_fill(&block, t, sign, high, begin, end);
    for (int64_t i = from; i < to; i++) {
      float label = sign * t->labels[i * t->ld_labels];
      if (label > low)
        sum[i - from] = pair_terms(function, &block, sign * t->scores[i * t->ld_scores], label,
                                   sum[i - from]);
    }
  }
  for (int64_t i = from; i < to; i++) t->out[i * t->ld_out] = sum_lanes(sum[i - from]);
}

INLINE void pair_groups(const mtlc_pair_function function, const mtlc_group_pairs_args *t,
                        int64_t i0, int64_t i1) {
  float sign = t->side == MTLC_PAIR_LOWER ? 1.0f : -1.0f;
  int64_t begin = i0 < i1 ? group_begin(t->groups, t->ld_groups, i0) : 0;
  while (i0 < i1) {
    int64_t end = group_end(t->groups, t->ld_groups, t->rows, i0), to = min_int(end, i1);
    float low = INFINITY, high = -INFINITY;
    for (int64_t j = begin; j < end; j++) {
      float label = sign * t->labels[j * t->ld_labels];
      low = label < low ? label : low;
      high = label > high ? label : high;
    }
    for (int64_t i = i0; i < to; i += PAIR_ROWS)
      pair_rows(function, t, sign, low, high, begin, end, i, min_int(i + PAIR_ROWS, to));
    begin = i0 = to;
  }
}

static void group_pairs_run(const mtlc_group_pairs_args *t, int64_t first, int64_t last) {
  row_cut cut = group_pairs_cut_of(t);
  int64_t i0 = first * cut.tile_rows, i1 = min_int(t->rows, last * cut.tile_rows);
  switch (t->function) {
    case MTLC_PAIR_ONE: pair_groups(MTLC_PAIR_ONE, t, i0, i1); break;
    case MTLC_PAIR_LOGISTIC: pair_groups(MTLC_PAIR_LOGISTIC, t, i0, i1); break;
    case MTLC_PAIR_SLOPE: pair_groups(MTLC_PAIR_SLOPE, t, i0, i1); break;
    case MTLC_PAIR_CURVATURE: pair_groups(MTLC_PAIR_CURVATURE, t, i0, i1); break;
  }
}

#endif

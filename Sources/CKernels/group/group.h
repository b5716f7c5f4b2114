// Sums and maxima over the rows of groups.
#ifndef MTLC_KERNEL_GROUP_H
#define MTLC_KERNEL_GROUP_H

#include "group_cut.h"
#include "../support/simd.h"

/// Whether row i > 0 is of the group of the row before it.
INLINE int group_goes_on(const int32_t *groups, int64_t ld, int64_t i) {
  const int32_t *row = groups + i * ld, *before = row - ld;
  return (row[0] | row[1]) != 0 && row[0] == before[0] && row[1] == before[1];
}

INLINE int64_t group_begin(const int32_t *groups, int64_t ld, int64_t i) {
  while (i > 0 && group_goes_on(groups, ld, i)) i--;
  return i;
}

INLINE int64_t group_end(const int32_t *groups, int64_t ld, int64_t rows, int64_t i) {
  do i++;
  while (i < rows && group_goes_on(groups, ld, i));
  return i;
}

INLINE vf group_two(const mtlc_group_kind kind, vf x, vf y) {
  return kind == MTLC_GROUP_SUM ? x + y : max_nan(x, y);
}

/// At most VL columns of the group [begin, end), in four chains, for its rows [from, to).
INLINE void group_columns(const mtlc_group_kind kind, const float *x, int64_t ldx, int64_t n,
                          int64_t begin, int64_t end, float *y, int64_t ldy, int64_t from,
                          int64_t to) {
  vf part[4];
  for (int r = 0; r < 4; r++) part[r] = splat(kind == MTLC_GROUP_SUM ? 0.0f : -INFINITY);
  int64_t j = begin;
  for (; j + 4 <= end; j += 4)
    for (int r = 0; r < 4; r++) part[r] = group_two(kind, part[r], load_upto(x + (j + r) * ldx, n));
  for (; j < end; j++) part[0] = group_two(kind, part[0], load_upto(x + j * ldx, n));
  vf all = group_two(kind, group_two(kind, part[0], part[1]), group_two(kind, part[2], part[3]));
  for (int64_t i = from; i < to; i++) store_upto(y + i * ldy, all, n);
}

INLINE void group_rows(const mtlc_group_kind kind, const mtlc_group_args *t, int64_t i0,
                       int64_t i1) {
  int64_t begin = i0 < i1 ? group_begin(t->groups, t->ld_groups, i0) : 0;
  while (i0 < i1) {
    int64_t end = group_end(t->groups, t->ld_groups, t->rows, i0), to = min_int(end, i1);
    for (int64_t c = 0; c < t->cols; c += VL)
      group_columns(kind, t->x + c, t->ldx, min_int(VL, t->cols - c), begin, end, t->y + c, t->ldy,
                    i0, to);
    begin = i0 = to;
  }
}

static void group_run(const mtlc_group_args *t, int64_t first, int64_t last) {
  row_cut cut = group_cut_of(t);
  int64_t i0 = first * cut.tile_rows, i1 = min_int(t->rows, last * cut.tile_rows);
  switch (t->kind) {
    case MTLC_GROUP_SUM: group_rows(MTLC_GROUP_SUM, t, i0, i1); break;
    case MTLC_GROUP_MAX: group_rows(MTLC_GROUP_MAX, t, i0, i1); break;
  }
}

#endif

// Softmax and its gradient: rows of few columns sixteen (VL) at a time, transposed, so that
// nothing is summed across lanes; rows of many columns one by one.
#ifndef MTLC_KERNEL_SOFTMAX_H
#define MTLC_KERNEL_SOFTMAX_H

#include "mtlc_softmax.h"
#include "../support/row_cut.h"
#include "../support/vector_math.h"

enum { FEW_COLUMNS = 64 };

/// columns[j] lane i = x[i * ld + j] for i < rows (at most VL), 0 beyond.
INLINE void load_transposed(vf *columns, const float *x, int64_t ld, int64_t rows, int64_t n) {
  for (int64_t j = 0; j < n; j += VL) {
    vf block[VL];
    if (rows == VL && j + VL <= n) {
      for (int i = 0; i < VL; i++) block[i] = load(x + i * ld + j);
    } else {
      for (int i = 0; i < VL; i++)
        block[i] = i < rows ? load_upto(x + i * ld + j, n - j) : (vf){0};
    }
    transpose(block);
    for (int i = 0; i < VL; i++) columns[j + i] = block[i];
  }
}

INLINE void store_transposed(float *y, int64_t ld, int64_t rows, int64_t n, const vf *columns) {
  for (int64_t j = 0; j < n; j += VL) {
    vf block[VL];
    for (int i = 0; i < VL; i++) block[i] = columns[j + i];
    transpose(block);
    if (rows == VL && j + VL <= n) {
      for (int i = 0; i < VL; i++) store(y + i * ld + j, block[i]);
    } else {
      for (int i = 0; i < VL; i++)
        if (i < rows) store_upto(y + i * ld + j, block[i], n - j);
    }
  }
}

/// At most VL rows of at most FEW_COLUMNS columns, which are `parts` softmaxes side by side.
static void softmax_few(const float *x, int64_t ldx, int64_t rows, const int64_t *sizes,
                        int64_t parts, int64_t total, float *y, int64_t ldy) {
  vf all[FEW_COLUMNS + VL], *v = all;
  load_transposed(v, x, ldx, rows, total);
  for (int64_t part = 0; part < parts; v += sizes[part++]) {
    int64_t n = sizes[part];
    if (n == 0) continue;
    vf max = v[0], sum = {0};
    for (int64_t j = 1; j < n; j++) max = max_nan(v[j], max);
    for (int64_t j = 0; j < n; j++) {
      v[j] = exp_v(v[j] - max);
      sum += v[j];
    }
    vf scale = 1.0f / sum;
    for (int64_t j = 0; j < n; j++) v[j] *= scale;
  }
  store_transposed(y, ldy, rows, total, all);
}

static void softmax_row(const float *x, int64_t n, float *y) {
  vf max = splat(-INFINITY), sum = {0};
  for (int64_t j = 0; j < n; j += VL) {
    vf v = load_upto(x + j, n - j);
    max = max_nan(n - j < VL ? choose(first_lanes(n - j), v, max) : v, max);
  }
  float top = max[0];
  for (int l = 1; l < VL; l++) top = max[l] > top || max[l] != max[l] ? max[l] : top;
  for (int64_t j = 0; j < n; j += VL) {
    vf v = exp_v(load_upto(x + j, n - j) - top);
    if (n - j < VL) v = (vf)((vi)v & first_lanes(n - j));
    sum += v;
    store_upto(y + j, v, n - j);
  }
  vf scale = splat(1.0f / sum_lanes(sum));
  for (int64_t j = 0; j < n; j += VL) store_upto(y + j, load_upto(y + j, n - j) * scale, n - j);
}

/// Any number of rows; the blocks are counted from the first one.
static void softmax_rows(const float *x, int64_t ldx, int64_t rows, int64_t n, float *y,
                         int64_t ldy) {
  if (n > FEW_COLUMNS || rows == 1) {
    for (int64_t i = 0; i < rows; i++) softmax_row(x + i * ldx, n, y + i * ldy);
    return;
  }
  for (int64_t i = 0; i < rows; i += VL)
    softmax_few(x + i * ldx, ldx, min_int(VL, rows - i), &n, 1, n, y + i * ldy, ldy);
}

static void softmax_gradient_few(const float *y, int64_t ldy, const float *dy, int64_t lddy,
                                 int64_t rows, const int64_t *sizes, int64_t parts,
                                 int64_t total, float *dx, int64_t lddx) {
  vf all[FEW_COLUMNS + VL], all_d[FEW_COLUMNS + VL], *v = all, *d = all_d;
  load_transposed(v, y, ldy, rows, total);
  load_transposed(d, dy, lddy, rows, total);
  for (int64_t part = 0; part < parts; v += sizes[part], d += sizes[part], part++) {
    int64_t n = sizes[part];
    vf sum = {0};
    for (int64_t j = 0; j < n; j++) sum += v[j] * d[j];
    for (int64_t j = 0; j < n; j++) v[j] = v[j] * (d[j] - sum);
  }
  store_transposed(dx, lddx, rows, total, all);
}

static void softmax_gradient_row(const float *y, const float *dy, int64_t n, float *dx) {
  vf sum = {0};
  for (int64_t j = 0; j < n; j += VL) sum += load_upto(y + j, n - j) * load_upto(dy + j, n - j);
  vf mean = splat(sum_lanes(sum));
  for (int64_t j = 0; j < n; j += VL)
    store_upto(dx + j, load_upto(y + j, n - j) * (load_upto(dy + j, n - j) - mean), n - j);
}

static void softmax_gradient_rows(const float *y, int64_t ldy, const float *dy, int64_t lddy,
                                  int64_t rows, int64_t n, float *dx, int64_t lddx) {
  if (n > FEW_COLUMNS || rows == 1) {
    for (int64_t i = 0; i < rows; i++)
      softmax_gradient_row(y + i * ldy, dy + i * lddy, n, dx + i * lddx);
    return;
  }
  for (int64_t i = 0; i < rows; i += VL)
    softmax_gradient_few(y + i * ldy, ldy, dy + i * lddy, lddy, min_int(VL, rows - i), &n, 1,
                         n, dx + i * lddx, lddx);
}

static void softmax_run(const mtlc_softmax_args *t, int64_t first, int64_t last) {
  row_cut cut = row_cut_of(t->rows, t->cols * 8);
  int64_t i0 = first * cut.tile_rows, i1 = min_int(t->rows, last * cut.tile_rows);
  // One tile at a time: a lone last row is handled the same way in any company.
  for (int64_t i = i0; i < i1; i += cut.tile_rows)
    softmax_rows(t->x + i * t->ldx, t->ldx, min_int(cut.tile_rows, i1 - i), t->cols,
                 t->y + i * t->ldy, t->ldy);
}

static void softmax_gradient_run(const mtlc_softmax_gradient_args *t, int64_t first,
                                 int64_t last) {
  row_cut cut = row_cut_of(t->rows, t->cols * 4);
  int64_t i0 = first * cut.tile_rows, i1 = min_int(t->rows, last * cut.tile_rows);
  for (int64_t i = i0; i < i1; i += cut.tile_rows)
    softmax_gradient_rows(t->y + i * t->ldy, t->ldy, t->dy + i * t->lddy, t->lddy,
                          min_int(cut.tile_rows, i1 - i), t->cols, t->dx + i * t->lddx, t->lddx);
}

#endif

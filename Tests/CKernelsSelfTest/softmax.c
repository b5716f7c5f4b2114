#include "support.h"

static void check_softmax(int64_t rows, int64_t cols) {
  int64_t ldx = cols + random_below(3), ldy = cols + random_below(3), ldd = cols + 1;
  float *x = random_floats(rows * ldx), *y = random_floats(rows * ldy);
  float *d = random_floats(rows * ldd), *dx = random_floats(rows * ldx);
  for (int64_t i = 0; i < rows * ldx; i++) x[i] *= 30;
  float *before = copy_floats(y, rows * ldy);
  mtlc_softmax_args t = {.rows = rows, .cols = cols, .x = x, .ldx = ldx, .y = y, .ldy = ldy};
  RUN_IN_PIECES(softmax, &t, 3);
  mtlc_softmax_gradient_args u = {.rows = rows, .cols = cols, .y = y, .ldy = ldy, .dy = d,
                                  .lddy = ldd, .dx = dx, .lddx = ldx};
  RUN_IN_PIECES(softmax_gradient, &u, 3);
  for (int64_t i = 0; i < rows; i++) {
    double max = -INFINITY, sum = 0, mean = 0;
    for (int64_t j = 0; j < cols; j++) max = fmax(max, x[i * ldx + j]);
    for (int64_t j = 0; j < cols; j++) sum += exp(x[i * ldx + j] - max);
    for (int64_t j = 0; j < cols; j++) mean += (double)y[i * ldy + j] * d[i * ldd + j];
    for (int64_t j = 0; j < cols; j++) {
      expect_near("softmax", y[i * ldy + j], exp(x[i * ldx + j] - max) / sum, 1e-6);
      expect_near("softmax gradient", dx[i * ldx + j],
                  y[i * ldy + j] * (d[i * ldd + j] - mean), 1e-6);
    }
    for (int64_t j = cols; j < ldy; j++)
      expect_near("padding", y[i * ldy + j], before[i * ldy + j], 0);
  }
  float *y1 = copy_floats(y, rows * ldy), *dx1 = copy_floats(dx, rows * ldx);
  RUN_IN_PIECES(softmax, &t, 1);
  RUN_IN_PIECES(softmax_gradient, &u, 1);
  expect_same("softmax at once", y, y1, rows * ldy * 4);
  expect_same("softmax gradient at once", dx, dx1, rows * ldx * 4);
  // In place.
  mtlc_softmax_args s = {.rows = rows, .cols = cols, .x = x, .ldx = ldx, .y = x, .ldy = ldx};
  RUN_IN_PIECES(softmax, &s, 2);
  for (int64_t i = 0; i < rows; i++)
    expect_same("softmax in place", x + i * ldx, y + i * ldy, cols * 4);
  float *all[] = {x, y, d, dx, before, y1, dx1};
  for (int i = 0; i < 7; i++) free(all[i]);
}

/// Rows far from 0 on either side, where what lies beyond the columns must not count as 0; and a NaN
/// in any place, which makes its row NaN and no other.
static void check_far(int64_t rows, int64_t cols) {
  float *x = random_floats(rows * cols), *y = random_floats(rows * cols);
  mtlc_softmax_args t = {.rows = rows, .cols = cols, .x = x, .ldx = cols, .y = y, .ldy = cols};
  for (int64_t i = 0; i < rows * cols; i++) x[i] += i / cols % 2 ? 200 : -200;
  RUN_IN_PIECES(softmax, &t, 1);
  for (int64_t i = 0; i < rows; i++) {
    double sum = 0;
    for (int64_t j = 0; j < cols; j++) sum += exp((double)x[i * cols + j] - x[i * cols]);
    for (int64_t j = 0; j < cols; j++)
      expect_near("softmax far from 0", y[i * cols + j],
                  exp((double)x[i * cols + j] - x[i * cols]) / sum, 1e-6);
  }
  for (int64_t p = 0; p < cols; p++) {
    float kept = x[p];
    x[p] = NAN;
    RUN_IN_PIECES(softmax, &t, 1);
    for (int64_t i = 0; i < rows * cols; i++)
      expect_near("softmax of NaN", y[i] != y[i], i < cols, 0);
    x[p] = kept;
  }
  free(x);
  free(y);
}

void selftest_softmax(void) {
  static const int64_t cols[] = {1, 2, 3, 7, 8, 15, 16, 17, 33, 64, 65, 100, 300};
  static const int64_t rows[] = {1, 2, 15, 16, 17, 33, 129};
  for (int i = 0; i < 13; i++)
    for (int j = 0; j < 7; j++) check_softmax(rows[j], cols[i]);
  for (int i = 0; i < 11; i++)
    for (int j = 0; j < 5; j++) check_far(rows[j], cols[i]);
}

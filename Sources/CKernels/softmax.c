#include "mtlc_softmax.h"

#include <math.h>

int64_t mtlc_softmax_tiles(const mtlc_softmax_args *t) { return t->rows > 0 && t->cols > 0; }

void mtlc_softmax_run(const mtlc_softmax_args *t, int64_t first, int64_t last) {
  if (first >= last) return;
  for (int64_t i = 0; i < t->rows; i++) {
    const float *x = t->x + i * t->ldx;
    float *y = t->y + i * t->ldy, max = x[0], sum = 0;
    for (int64_t j = 1; j < t->cols; j++) max = x[j] > max ? x[j] : max;
    for (int64_t j = 0; j < t->cols; j++) sum += y[j] = expf(x[j] - max);
    for (int64_t j = 0; j < t->cols; j++) y[j] /= sum;
  }
}

int64_t mtlc_softmax_gradient_tiles(const mtlc_softmax_gradient_args *t) {
  return t->rows > 0 && t->cols > 0;
}

void mtlc_softmax_gradient_run(const mtlc_softmax_gradient_args *t, int64_t first, int64_t last) {
  if (first >= last) return;
  for (int64_t i = 0; i < t->rows; i++) {
    const float *y = t->y + i * t->ldy, *dy = t->dy + i * t->lddy;
    float *dx = t->dx + i * t->lddx, sum = 0;
    for (int64_t j = 0; j < t->cols; j++) sum += y[j] * dy[j];
    for (int64_t j = 0; j < t->cols; j++) dx[j] = y[j] * (dy[j] - sum);
  }
}

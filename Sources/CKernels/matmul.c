#include "mtlc_matmul.h"

#include "update.h"

static float activate(int32_t activation, float x) {
  if (activation == MTLC_ACTIVATION_RELU) return x < 0 ? 0 : x;
  if (activation == MTLC_ACTIVATION_SIGMOID) return 1 / (1 + expf(-x));
  if (activation == MTLC_ACTIVATION_TANH) return tanhf(x);
  return x;
}

static float slope(int32_t activation, float y) {
  if (activation == MTLC_ACTIVATION_RELU) return y > 0 ? 1 : 0;
  if (activation == MTLC_ACTIVATION_SIGMOID) return y * (1 - y);
  if (activation == MTLC_ACTIVATION_TANH) return 1 - y * y;
  return 1;
}

int64_t mtlc_matmul_tiles(const mtlc_matmul_args *t) {
  return t->n > 0 && (t->m > 0 || t->colsum || t->colsum_update) ? t->groups : 0;
}

void mtlc_matmul_run(const mtlc_matmul_args *t, int64_t first, int64_t last) {
  for (int64_t g = first; g < last; g++) {
    const float *a = t->a + g * t->a_group_stride, *b = t->b + g * t->b_group_stride;
    int64_t ai = t->transpose_a ? 1 : t->lda, ak = t->transpose_a ? t->lda : 1;
    int64_t bk = t->transpose_b ? 1 : t->ldb, bj = t->transpose_b ? t->ldb : 1;
    int64_t end = t->activation_end ? t->activation_end : t->n;
    for (int64_t i = 0; i < t->m; i++)
      for (int64_t j = 0; j < t->n; j++) {
        float v = 0;
        for (int64_t k = 0; k < t->k; k++) v += a[i * ai + k * ak] * b[k * bk + j * bj];
        if (t->accumulate) v += t->c[g * t->c_group_stride + i * t->ldc + j];
        if (t->bias) v += t->bias[g * t->bias_group_stride + j];
        if (j >= t->activation_begin && j < end) {
          v = activate(t->activation, v);
          if (t->activation_gradient)
            v *= slope(t->activation_gradient, t->y[g * t->y_group_stride + i * t->ldy + j]);
        }
        const mtlc_optimizer_update *u = t->update;
        if (u) {
          int64_t at = g * u->group_stride + i * u->ld + j;
          update_one(u->kind, u->hyper, u->l2, v, u->parameter + at, u->state1 + at,
                     u->state2 + at);
        } else {
          t->c[g * t->c_group_stride + i * t->ldc + j] = v;
        }
      }
    const mtlc_optimizer_update *u = t->colsum_update;
    if (t->colsum || u)
      for (int64_t j = 0; j < t->n; j++) {
        float *out = t->colsum ? t->colsum + g * t->colsum_group_stride + j : 0;
        float v = t->colsum_accumulate ? *out : 0;
        for (int64_t k = 0; k < t->k; k++) v += b[k * bk + j * bj];
        int64_t at = u ? g * u->group_stride + j : 0;
        if (u)
          update_one(u->kind, u->hyper, u->l2, v, u->parameter + at, u->state1 + at,
                     u->state2 + at);
        else
          *out = v;
      }
  }
}

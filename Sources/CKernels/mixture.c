#include "mtlc_mixture.h"

#include <math.h>

int64_t mtlc_mixture_tiles(const mtlc_mixture_args *t) { return t->rows > 0; }

static float weight_of(const float *logits, int64_t n, int64_t i) {
  float max = logits[0], sum = 0;
  for (int64_t j = 1; j < n; j++) max = logits[j] > max ? logits[j] : max;
  for (int64_t j = 0; j < n; j++) sum += expf(logits[j] - max);
  return expf(logits[i] - max) / sum;
}

void mtlc_mixture_run(const mtlc_mixture_args *t, int64_t first, int64_t last) {
  if (first >= last) return;
  for (int64_t i = 0; i < t->rows; i++) {
    int64_t at = 0;
    for (int64_t g = 0; g < t->gate_count; g++) {
      float *out = t->out + i * t->ld_out + t->out_columns[g];
      for (int64_t h = 0; h < t->width; h++) out[h] = 0;
      for (int64_t e = 0; e < t->gate_sizes[g]; e++, at++) {
        float w = weight_of(t->logits + i * t->ld_logits + t->logit_columns[g], t->gate_sizes[g], e);
        const float *x = t->experts + i * t->ld_experts + t->expert_columns[t->picks[at]];
        for (int64_t h = 0; h < t->width; h++) out[h] += w * x[h];
        if (t->weights) t->weights[i * t->ld_weights + at] = w;
      }
    }
  }
}

int64_t mtlc_mixture_gradient_tiles(const mtlc_mixture_gradient_args *t) { return t->rows > 0; }

static float slope(int32_t activation, float y) {
  if (activation == MTLC_ACTIVATION_RELU) return y > 0 ? 1 : 0;
  if (activation == MTLC_ACTIVATION_SIGMOID) return y * (1 - y);
  if (activation == MTLC_ACTIVATION_TANH) return 1 - y * y;
  return 1;
}

void mtlc_mixture_gradient_run(const mtlc_mixture_gradient_args *t, int64_t first, int64_t last) {
  if (first >= last) return;
  for (int64_t i = 0; i < t->rows; i++) {
    const float *x = t->experts + i * t->ld_experts, *w = t->weights + i * t->ld_weights;
    const float *d = t->d_out + i * t->ld_d_out;
    int64_t start = 0;
    for (int64_t g = 0; g < t->gate_count; start += t->gate_sizes[g], g++) {
      float mean = 0, *dl = t->d_logits + i * t->ld_d_logits + t->logit_columns[g];
      for (int64_t e = 0; e < t->gate_sizes[g]; e++) {
        dl[e] = 0;
        for (int64_t h = 0; h < t->width; h++)
          dl[e] += d[t->out_columns[g] + h] * x[t->expert_columns[t->picks[start + e]] + h];
        mean += w[start + e] * dl[e];
      }
      for (int64_t e = 0; e < t->gate_sizes[g]; e++) dl[e] = w[start + e] * (dl[e] - mean);
    }
    for (int64_t e = 0; e < t->expert_count; e++)
      for (int64_t h = 0; h < t->width; h++) {
        float v = 0;
        int64_t at = 0;
        for (int64_t g = 0; g < t->gate_count; g++)
          for (int64_t s = 0; s < t->gate_sizes[g]; s++, at++)
            if (t->picks[at] == e) v += w[at] * d[t->out_columns[g] + h];
        int64_t column = t->expert_columns[e] + h;
        t->d_experts[i * t->ld_d_experts + column] = v * slope(t->activation_gradient, x[column]);
      }
  }
}

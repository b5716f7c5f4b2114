// Gated mixtures of experts and their gradient, sixteen rows at a time.
#ifndef MTLC_MIXTURE_KERNEL_H
#define MTLC_MIXTURE_KERNEL_H

#include "mixture_cut.h"
#include "softmax.h"

enum { MIXTURE_ROWS = ROW_CUT_BLOCK, MIXTURE_TOGETHER = 4 };

/// out[rows, width] = Σ_i w[rows, i] E_i for one gate; `together` rows share the address arithmetic.
INLINE void mix_rows(const mtlc_mixture_args *t, const int64_t *picks, int64_t size,
                     const float *experts, const float *w, int64_t ldw, float *out,
                     const int together, const int whole) {
  for (int64_t h = 0; h < t->width; h += VL) {
    int64_t n = whole ? VL : t->width - h;
    vf sum[MIXTURE_TOGETHER];
    for (int r = 0; r < together; r++) sum[r] = (vf){0};
    for (int64_t e = 0; e < size; e++) {
      const float *x = experts + t->expert_columns[picks[e]] + h;
      for (int r = 0; r < together; r++)
        sum[r] += w[r * ldw + e] * load_upto(x + r * t->ld_experts, n);
    }
    for (int r = 0; r < together; r++) store_upto(out + r * t->ld_out + h, sum[r], n);
  }
}

/// `whole` tells that the width is a whole number of vectors.
INLINE void mix_block_as(const mtlc_mixture_args *t, int64_t i, int64_t rows, const int whole) {
  float local[MIXTURE_ROWS * MTLC_MIXTURE_LOCAL_PICKS];
  const float *experts = t->experts + i * t->ld_experts;
  const int64_t *picks = t->picks;
  int64_t start = 0;
  for (int64_t g = 0; g < t->gate_count; g++) {
    int64_t size = t->gate_sizes[g];
    float *w = t->weights ? t->weights + i * t->ld_weights + start : local;
    int64_t ldw = t->weights ? t->ld_weights : size;
    if (size > 0)
      softmax_rows(t->logits + i * t->ld_logits + t->logit_columns[g], t->ld_logits, rows, size, w,
                   ldw);
    float *out = t->out + i * t->ld_out + t->out_columns[g];
    int64_t r = 0;
    for (; r + MIXTURE_TOGETHER <= rows; r += MIXTURE_TOGETHER)
      mix_rows(t, picks, size, experts + r * t->ld_experts, w + r * ldw, ldw, out + r * t->ld_out,
               MIXTURE_TOGETHER, whole);
    for (; r < rows; r++)
      mix_rows(t, picks, size, experts + r * t->ld_experts, w + r * ldw, ldw, out + r * t->ld_out,
               1, whole);
    picks += size;
    start += size;
  }
}

static void mix_block(const mtlc_mixture_args *t, int64_t i, int64_t rows) {
  if (t->width % VL == 0)
    mix_block_as(t, i, rows, 1);
  else
    mix_block_as(t, i, rows, 0);
}

static void mixture_run(const mtlc_mixture_args *t, int64_t first, int64_t last) {
  row_cut cut = mixture_cut(t->rows, t->gate_sizes, t->gate_count, t->width);
  int64_t end = min_int(t->rows, last * cut.tile_rows);
  for (int64_t i = first * cut.tile_rows; i < end; i += MIXTURE_ROWS)
    mix_block(t, i, min_int(MIXTURE_ROWS, end - i));
}

/// dots[r * size + e] = d_out row r · E_e row r, a vector's worth of pairs at a time. `single` tells
/// that the width is one vector.
INLINE void expert_dots_as(const mtlc_mixture_gradient_args *t, const int64_t *picks, int64_t size,
                           const float *experts, const float *d_out, int64_t rows, float *dots,
                           const int single) {
  int64_t e = 0, total = rows * size, width = single ? VL : t->width;
  for (int64_t at = 0; at < total; at += VL) {
    vf product[VL];
    int64_t pairs = min_int(VL, total - at);
#pragma clang loop unroll(full)
    for (int64_t s = 0; s < VL; s++) {
      product[s] = (vf){0};
      if (s >= pairs) continue;
      const float *x = experts + t->expert_columns[picks[e]];
      for (int64_t h = 0; h < width; h += VL)
        product[s] += single ? load(x) * load(d_out)
                             : load_upto(x + h, width - h) * load_upto(d_out + h, width - h);
      if (++e == size) {
        e = 0;
        experts += t->ld_experts;
        d_out += t->ld_d_out;
      }
    }
    store(dots + at, row_sums(product));
  }
}

static void expert_dots(const mtlc_mixture_gradient_args *t, const int64_t *picks, int64_t size,
                        const float *experts, const float *d_out, int64_t rows, float *dots) {
  if (t->width == VL)
    expert_dots_as(t, picks, size, experts, d_out, rows, dots, 1);
  else
    expert_dots_as(t, picks, size, experts, d_out, rows, dots, 0);
}

/// Who picks an expert: entries[starts[e] .. starts[e + 1]) are places in `picks`.
typedef struct {
  int64_t starts[MTLC_MIXTURE_MAX_EXPERTS + 1];
  int64_t entries[MTLC_MIXTURE_MAX_PICKS];
  int64_t out_columns[MTLC_MIXTURE_MAX_PICKS];
} expert_users;

static void find_users(const mtlc_mixture_gradient_args *t, expert_users *u) {
  int64_t total = 0;
  for (int64_t g = 0; g < t->gate_count; g++) total += t->gate_sizes[g];
  for (int64_t e = 0; e <= t->expert_count; e++) u->starts[e] = 0;
  for (int64_t p = 0; p < total; p++) u->starts[t->picks[p] + 1]++;
  for (int64_t e = 0; e < t->expert_count; e++) u->starts[e + 1] += u->starts[e];
  int64_t place = 0;
  for (int64_t g = 0; g < t->gate_count; g++)
    for (int64_t s = 0; s < t->gate_sizes[g]; s++, place++) {
      int64_t at = u->starts[t->picks[place]]++;
      u->entries[at] = place;
      u->out_columns[at] = t->out_columns[g];
    }
  // The counting above left each start at the next expert's.
  for (int64_t e = t->expert_count; e > 0; e--) u->starts[e] = u->starts[e - 1];
  u->starts[0] = 0;
}

/// One expert's gradient in `together` rows, which share the address arithmetic.
INLINE void expert_gradient(const mtlc_mixture_gradient_args *t, const expert_users *u, int64_t e,
                            int64_t r, const int32_t activation, const int whole,
                            const int together) {
  const float *w = t->weights + r * t->ld_weights, *d = t->d_out + r * t->ld_d_out;
  const float *x = t->experts + r * t->ld_experts + t->expert_columns[e];
  float *dx = t->d_experts + r * t->ld_d_experts + t->expert_columns[e];
  for (int64_t h = 0; h < t->width; h += VL) {
    int64_t n = whole ? VL : t->width - h;
    vf sum[MIXTURE_TOGETHER];
    for (int k = 0; k < together; k++) sum[k] = (vf){0};
    for (int64_t s = u->starts[e]; s < u->starts[e + 1]; s++) {
      const float *ws = w + u->entries[s], *ds = d + u->out_columns[s] + h;
      for (int k = 0; k < together; k++)
        sum[k] += ws[k * t->ld_weights] * load_upto(ds + k * t->ld_d_out, n);
    }
    for (int k = 0; k < together; k++) {
      if (activation != MTLC_ACTIVATION_NONE)
        sum[k] = times_slope(activation, sum[k], load_upto(x + k * t->ld_experts + h, n));
      store_upto(dx + k * t->ld_d_experts + h, sum[k], n);
    }
  }
}

INLINE void expert_gradients_as(const mtlc_mixture_gradient_args *t, const expert_users *u,
                                int64_t i, int64_t rows, const int32_t activation,
                                const int whole) {
  for (int64_t e = 0; e < t->expert_count; e++) {
    int64_t r = i;
    for (; r + MIXTURE_TOGETHER <= i + rows; r += MIXTURE_TOGETHER)
      expert_gradient(t, u, e, r, activation, whole, MIXTURE_TOGETHER);
    for (; r < i + rows; r++) expert_gradient(t, u, e, r, activation, whole, 1);
  }
}

INLINE void expert_gradients(const mtlc_mixture_gradient_args *t, const expert_users *u, int64_t i,
                             int64_t rows, const int32_t activation) {
  if (t->width % VL == 0)
    expert_gradients_as(t, u, i, rows, activation, 1);
  else
    expert_gradients_as(t, u, i, rows, activation, 0);
}

static void mixture_gradient_block(const mtlc_mixture_gradient_args *t, const expert_users *u,
                                   int64_t i, int64_t rows) {
  float dots[MIXTURE_ROWS * MTLC_MIXTURE_LOCAL_PICKS + VL];
  const int64_t *picks = t->picks;
  int64_t start = 0;
  for (int64_t g = 0; g < t->gate_count; g++) {
    int64_t size = t->gate_sizes[g];
    const float *experts = t->experts + i * t->ld_experts, *w = t->weights + i * t->ld_weights;
    const float *d_out = t->d_out + i * t->ld_d_out + t->out_columns[g];
    float *d_logits = t->d_logits + i * t->ld_d_logits + t->logit_columns[g];
    // A gate too wide for the buffer goes row by row, in parts.
    if (size > MTLC_MIXTURE_LOCAL_PICKS) {
      for (int64_t r = 0; r < rows; r++) {
        for (int64_t e = 0; e < size; e += MTLC_MIXTURE_LOCAL_PICKS) {
          int64_t part = min_int(MTLC_MIXTURE_LOCAL_PICKS, size - e);
          expert_dots(t, picks + e, part, experts + r * t->ld_experts, d_out + r * t->ld_d_out, 1,
                      dots);
          for (int64_t j = 0; j < part; j++) d_logits[r * t->ld_d_logits + e + j] = dots[j];
        }
        float *row = d_logits + r * t->ld_d_logits;
        softmax_gradient_row(w + r * t->ld_weights + start, row, size, row);
      }
    } else if (size > 0) {
      expert_dots(t, picks, size, experts, d_out, rows, dots);
      softmax_gradient_rows(w + start, t->ld_weights, dots, size, rows, size, d_logits,
                            t->ld_d_logits);
    }
    picks += size;
    start += size;
  }
  // The experts' gradient comes last: it may replace the experts.
  switch (t->activation_gradient) {
    case MTLC_ACTIVATION_NONE: expert_gradients(t, u, i, rows, MTLC_ACTIVATION_NONE); break;
    case MTLC_ACTIVATION_RELU: expert_gradients(t, u, i, rows, MTLC_ACTIVATION_RELU); break;
    case MTLC_ACTIVATION_SIGMOID: expert_gradients(t, u, i, rows, MTLC_ACTIVATION_SIGMOID); break;
    default: expert_gradients(t, u, i, rows, MTLC_ACTIVATION_TANH); break;
  }
}

static void mixture_gradient_run(const mtlc_mixture_gradient_args *t, int64_t first,
                                 int64_t last) {
  row_cut cut = mixture_cut(t->rows, t->gate_sizes, t->gate_count, t->width);
  expert_users users;
  find_users(t, &users);
  int64_t end = min_int(t->rows, last * cut.tile_rows);
  for (int64_t i = first * cut.tile_rows; i < end; i += MIXTURE_ROWS)
    mixture_gradient_block(t, &users, i, min_int(MIXTURE_ROWS, end - i));
}

#endif

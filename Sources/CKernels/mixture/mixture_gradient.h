// The gradient of gated mixtures of experts, sixteen rows at a time.
#ifndef MTLC_KERNEL_MIXTURE_GRADIENT_H
#define MTLC_KERNEL_MIXTURE_GRADIENT_H

#include "mixture.h"

/// The picks of all gates in a row, with the columns that each one reads.
typedef struct {
  int64_t total;
  int64_t experts[MTLC_MIXTURE_MAX_PICKS];
  int64_t outs[MTLC_MIXTURE_MAX_PICKS];
} pick_columns;

static void find_columns(const mtlc_mixture_gradient_args *t, pick_columns *c) {
  c->total = 0;
  for (int64_t g = 0; g < t->gate_count; g++)
    for (int64_t s = 0; s < t->gate_sizes[g]; s++, c->total++) {
      c->experts[c->total] = t->expert_columns[t->picks[c->total]];
      c->outs[c->total] = t->out_columns[g];
    }
}

/// dots[r * count + e] = d_out · E of picks [first, first + count) in `rows` rows, a vector's worth
/// of pairs at a time. `single` tells that the width is one vector.
INLINE void expert_dots_as(const mtlc_mixture_gradient_args *t, const pick_columns *c,
                           int64_t first, int64_t count, int64_t row, int64_t rows, float *dots,
                           const int single) {
  const int64_t *experts = c->experts + first, *outs = c->outs + first;
  const float *x = t->experts + row * t->ld_experts, *d = t->d_out + row * t->ld_d_out;
  const int64_t total = rows * count, width = single ? VL : t->width;
  int64_t e = 0;
  for (int64_t at = 0; at < total; at += VL) {
    vf product[VL];
    int64_t pairs = min_int(VL, total - at);
#pragma clang loop unroll(full)
    for (int64_t s = 0; s < VL; s++) {
      product[s] = (vf){0};
      if (s >= pairs) continue;
      const float *xs = x + experts[e], *ds = d + outs[e];
      for (int64_t h = 0; h < width; h += VL)
        product[s] += single ? load(xs) * load(ds)
                             : load_upto(xs + h, width - h) * load_upto(ds + h, width - h);
      if (++e == count) {
        e = 0;
        x += t->ld_experts;
        d += t->ld_d_out;
      }
    }
    store(dots + at, row_sums(product));
  }
}

static void expert_dots(const mtlc_mixture_gradient_args *t, const pick_columns *c, int64_t first,
                        int64_t count, int64_t row, int64_t rows, float *dots) {
  if (t->width == VL)
    expert_dots_as(t, c, first, count, row, rows, dots, 1);
  else
    expert_dots_as(t, c, first, count, row, rows, dots, 0);
}

/// The logits' gradient in `rows` rows.
static void gate_gradients(const mtlc_mixture_gradient_args *t, const pick_columns *c, int64_t i,
                           int64_t rows) {
  float dots[MIXTURE_ROWS * MTLC_MIXTURE_LOCAL_PICKS + VL];
  const float *w = t->weights + i * t->ld_weights;
  float *d_logits = t->d_logits + i * t->ld_d_logits;
  if (rows > 1 && gates_adjoin(t->gate_sizes, t->logit_columns, t->gate_count, c->total)) {
    int64_t n = c->total;
    expert_dots(t, c, 0, n, i, rows, dots);
    for (int64_t r = 0; r < rows; r += VL)
      softmax_gradient_few(w + r * t->ld_weights, t->ld_weights, dots + r * n, n,
                           min_int(VL, rows - r), t->gate_sizes, t->gate_count, n,
                           d_logits + r * t->ld_d_logits + t->logit_columns[0], t->ld_d_logits);
    return;
  }
  int64_t start = 0;
  for (int64_t g = 0; g < t->gate_count; start += t->gate_sizes[g++]) {
    int64_t size = t->gate_sizes[g];
    float *dx = d_logits + t->logit_columns[g];
    if (size == 0) continue;
    if (size <= MTLC_MIXTURE_LOCAL_PICKS) {
      expert_dots(t, c, start, size, i, rows, dots);
      softmax_gradient_rows(w + start, t->ld_weights, dots, size, rows, size, dx, t->ld_d_logits);
      continue;
    }
    // A gate too wide for the buffer goes row by row, in parts.
    for (int64_t r = 0; r < rows; r++) {
      float *row = dx + r * t->ld_d_logits;
      for (int64_t e = 0; e < size; e += MTLC_MIXTURE_LOCAL_PICKS) {
        int64_t part = min_int(MTLC_MIXTURE_LOCAL_PICKS, size - e);
        expert_dots(t, c, start + e, part, i + r, 1, dots);
        for (int64_t j = 0; j < part; j++) row[e + j] = dots[j];
      }
      softmax_gradient_row(w + r * t->ld_weights + start, row, size, row);
    }
  }
}

/// Who picks an expert: entries[starts[e] .. starts[e + 1]) are places in `picks`.
typedef struct {
  int64_t starts[MTLC_MIXTURE_MAX_EXPERTS + 1];
  int64_t entries[MTLC_MIXTURE_MAX_PICKS];
  int64_t out_columns[MTLC_MIXTURE_MAX_PICKS];
  int dense;  // nothing of the above is needed
} expert_users;

static void find_users(const mtlc_mixture_gradient_args *t, expert_users *u) {
  int64_t total = all_picks(t->gate_sizes, t->gate_count);
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
                            int64_t r, const mtlc_activation activation, const int whole,
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
                                int64_t i, int64_t rows, const mtlc_activation activation,
                                const int whole) {
  for (int64_t e = 0; e < t->expert_count; e++) {
    int64_t r = i;
    for (; r + MIXTURE_TOGETHER <= i + rows; r += MIXTURE_TOGETHER)
      expert_gradient(t, u, e, r, activation, whole, MIXTURE_TOGETHER);
    for (; r < i + rows; r++) expert_gradient(t, u, e, r, activation, whole, 1);
  }
}

/// Every gate picks every expert, in order, and there are `gates` of them: the gradients of the
/// mixtures stay in registers. One vector per expert.
INLINE void dense_gradients_as(const mtlc_mixture_gradient_args *t, int64_t i, int64_t rows,
                               const mtlc_activation activation, const int gates) {
  for (int64_t r = i; r < i + rows; r++) {
    const float *w = t->weights + r * t->ld_weights, *d = t->d_out + r * t->ld_d_out;
    const float *x = t->experts + r * t->ld_experts;
    float *dx = t->d_experts + r * t->ld_d_experts;
    vf dy[4];
    for (int g = 0; g < gates; g++) dy[g] = load(d + t->out_columns[g]);
    for (int64_t e = 0; e < t->expert_count; e++) {
      vf sum = w[e] * dy[0];
      for (int g = 1; g < gates; g++) sum += w[g * t->expert_count + e] * dy[g];
      sum = times_slope(activation, sum, load(x + t->expert_columns[e]));
      store(dx + t->expert_columns[e], sum);
    }
  }
}

/// Whether dense_gradients_as applies.
static int is_dense_mixture(const mtlc_mixture_gradient_args *t) {
  if (t->width != VL || t->gate_count < 1 || t->gate_count > 4) return 0;
  for (int64_t g = 0; g < t->gate_count; g++) {
    if (t->gate_sizes[g] != t->expert_count) return 0;
    for (int64_t e = 0; e < t->expert_count; e++)
      if (t->picks[g * t->expert_count + e] != e) return 0;
  }
  return 1;
}

INLINE void expert_gradients(const mtlc_mixture_gradient_args *t, const expert_users *u, int64_t i,
                             int64_t rows, const mtlc_activation activation) {
  switch (u->dense ? t->gate_count : 0) {
    case 1: dense_gradients_as(t, i, rows, activation, 1); break;
    case 2: dense_gradients_as(t, i, rows, activation, 2); break;
    case 3: dense_gradients_as(t, i, rows, activation, 3); break;
    case 4: dense_gradients_as(t, i, rows, activation, 4); break;
    default:
      if (t->width % VL == 0)
        expert_gradients_as(t, u, i, rows, activation, 1);
      else
        expert_gradients_as(t, u, i, rows, activation, 0);
  }
}

static void mixture_gradient_block(const mtlc_mixture_gradient_args *t, const pick_columns *c,
                                   const expert_users *u, int64_t i, int64_t rows) {
  gate_gradients(t, c, i, rows);
  // The experts' gradient comes last: it may replace the experts.
  switch (t->activation_gradient) {
    case MTLC_ACTIVATION_NONE: expert_gradients(t, u, i, rows, MTLC_ACTIVATION_NONE); break;
    case MTLC_ACTIVATION_RELU: expert_gradients(t, u, i, rows, MTLC_ACTIVATION_RELU); break;
    case MTLC_ACTIVATION_SIGMOID: expert_gradients(t, u, i, rows, MTLC_ACTIVATION_SIGMOID); break;
    case MTLC_ACTIVATION_TANH: expert_gradients(t, u, i, rows, MTLC_ACTIVATION_TANH); break;
  }
}

static void mixture_gradient_run(const mtlc_mixture_gradient_args *t, int64_t first,
                                 int64_t last) {
  row_cut cut = mixture_cut(t->rows, t->gate_sizes, t->gate_count, t->width);
  pick_columns columns;
  expert_users users;
  find_columns(t, &columns);
  users.dense = is_dense_mixture(t);
  if (!users.dense) find_users(t, &users);
  int64_t end = min_int(t->rows, last * cut.tile_rows);
  int far = experts_are_far(t->rows, t->expert_count, t->width);
  for (int64_t i = first * cut.tile_rows; i < end; i += MIXTURE_ROWS) {
    if (far)
      ask_for_experts(t->experts, t->ld_experts, t->expert_columns, t->expert_count, t->width,
                      i + MIXTURE_ROWS, min_int(t->rows, i + 2 * MIXTURE_ROWS));
    mixture_gradient_block(t, &columns, &users, i, min_int(MIXTURE_ROWS, end - i));
  }
}

#endif

// Gated mixtures of experts, sixteen rows at a time.
#ifndef MTLC_KERNEL_MIXTURE_H
#define MTLC_KERNEL_MIXTURE_H

#include "mtlc_isa.h"
#include "mixture_cut.h"
#include "../reduce/softmax.h"

enum { MIXTURE_ROWS = ROW_CUT_BLOCK, MIXTURE_TOGETHER = 4 };

/// out[rows, width] = Σ_i w[rows, i] E_i for one gate; `together` rows share the address
/// arithmetic.
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

/// Whether the gates' logits lie side by side, as their weights do, and are few: then the gates
/// are worked out together.
INLINE int gates_adjoin(const int64_t *sizes, const int64_t *logit_columns, int64_t gates,
                        int64_t total) {
  if (total > FEW_COLUMNS) return 0;
  for (int64_t g = 1; g < gates; g++)
    if (logit_columns[g] != logit_columns[g - 1] + sizes[g - 1]) return 0;
  return gates > 0;
}

/// The weights of all gates in `rows` rows.
static void gate_weights(const mtlc_mixture_args *t, int64_t i, int64_t rows, int64_t total,
                         float *w, int64_t ldw) {
  const float *logits = t->logits + i * t->ld_logits;
  if (rows > 1 && gates_adjoin(t->gate_sizes, t->logit_columns, t->gate_count, total)) {
    for (int64_t r = 0; r < rows; r += VL)
      softmax_few(logits + r * t->ld_logits + t->logit_columns[0], t->ld_logits,
                  min_int(VL, rows - r), t->gate_sizes, t->gate_count, total, w + r * ldw, ldw);
    return;
  }
  for (int64_t g = 0; g < t->gate_count; w += t->gate_sizes[g++])
    if (t->gate_sizes[g] > 0)
      softmax_rows(logits + t->logit_columns[g], t->ld_logits, rows, t->gate_sizes[g], w, ldw);
}

/// `whole` tells that the width is a whole number of vectors.
INLINE void mix_block_as(const mtlc_mixture_args *t, int64_t i, int64_t rows, const int whole) {
  float local[MIXTURE_ROWS * MTLC_MIXTURE_LOCAL_PICKS];
  const float *experts = t->experts + i * t->ld_experts;
  const int64_t *picks = t->picks;
  int64_t total = all_picks(t->gate_sizes, t->gate_count);
  float *w = t->weights ? t->weights + i * t->ld_weights : local;
  int64_t ldw = t->weights ? t->ld_weights : total;
  gate_weights(t, i, rows, total, w, ldw);
  for (int64_t g = 0; g < t->gate_count; g++) {
    int64_t size = t->gate_sizes[g];
    float *out = t->out + i * t->ld_out + t->out_columns[g];
    int64_t r = 0;
    for (; r + MIXTURE_TOGETHER <= rows; r += MIXTURE_TOGETHER)
      mix_rows(t, picks, size, experts + r * t->ld_experts, w + r * ldw, ldw, out + r * t->ld_out,
               MIXTURE_TOGETHER, whole);
    for (; r < rows; r++)
      mix_rows(t, picks, size, experts + r * t->ld_experts, w + r * ldw, ldw, out + r * t->ld_out,
               1, whole);
    picks += size;
    w += size;
  }
}

static void mix_block(const mtlc_mixture_args *t, int64_t i, int64_t rows) {
  if (t->width % VL == 0)
    mix_block_as(t, i, rows, 1);
  else
    mix_block_as(t, i, rows, 0);
}

/// Asks for the experts of rows [i, end) that come next, lest each part of a row is waited for.
INLINE void ask_for_experts(const float *experts, int64_t ld, const int64_t *columns,
                            int64_t count, int64_t width, int64_t i, int64_t end) {
  enum { LINE = 16 };
  for (int64_t r = i; r < end; r++)
    for (int64_t e = 0; e < count; e++)
      for (int64_t h = 0; h < width; h += LINE)
        __builtin_prefetch(experts + r * ld + columns[e] + h, 0, 2);
}

/// Whether the experts of a batch are more than a second-level cache holds.
INLINE int experts_are_far(int64_t rows, int64_t experts, int64_t width) {
  return rows * experts * width * (int64_t)sizeof(float) >= mtlc_kernels_streamed_bytes();
}

static void mixture_run(const mtlc_mixture_args *t, int64_t first, int64_t last) {
  row_cut cut = mixture_cut(t->rows, t->gate_sizes, t->gate_count, t->width);
  int64_t end = min_int(t->rows, last * cut.tile_rows);
  int far = experts_are_far(t->rows, t->expert_count, t->width);
  for (int64_t i = first * cut.tile_rows; i < end; i += MIXTURE_ROWS) {
    if (far)
      ask_for_experts(t->experts, t->ld_experts, t->expert_columns, t->expert_count, t->width,
                      i + MIXTURE_ROWS, min_int(t->rows, i + 2 * MIXTURE_ROWS));
    mix_block(t, i, min_int(MIXTURE_ROWS, end - i));
  }
}

#endif

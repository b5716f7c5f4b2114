#ifndef MTLC_MIXTURE_H
#define MTLC_MIXTURE_H

#include "mtlc_activation.h"

// Gated mixtures of experts: for gate t over the experts it picks, w = softmax(its logits) and
// out_t = Σ_i w_i E_i. Experts are column blocks of one matrix, each `width` columns wide.
// A gate is described by these arrays, the same for the forward kernel and its gradient:
//
//   expert_columns[expert_count]  first column of each expert in `experts`; blocks don't overlap
//   gate_sizes[gate_count]        how many experts gate t picks
//   picks[Σ gate_sizes]           expert indices, gate after gate; none twice in one gate
//   logit_columns[gate_count]     first column of gate t's logits in `logits`
//   out_columns[gate_count]       first column of out_t in `out`
//
// At most MTLC_MIXTURE_MAX_EXPERTS experts and MTLC_MIXTURE_MAX_PICKS picks altogether.
// Gate t's weights lie in `weights` from column Σ_{s<t} gate_sizes[s] on.

enum {
  MTLC_MIXTURE_MAX_EXPERTS = 1024,
  MTLC_MIXTURE_MAX_PICKS = 4096,
  MTLC_MIXTURE_LOCAL_PICKS = 256,
};

typedef struct mtlc_mixture_args {
  int64_t rows;  ///< Extent.
  int64_t width, expert_count, gate_count;
  const int64_t *expert_columns, *gate_sizes, *picks, *logit_columns, *out_columns;
  const float *experts;
  int64_t ld_experts;
  const float *logits;  ///< May be columns of the same matrix as `experts`.
  int64_t ld_logits;
  float *weights;  ///< [rows, Σ gate_sizes]; may be NULL for at most LOCAL_PICKS picks in all.
  int64_t ld_weights;
  float *out;
  int64_t ld_out;
} mtlc_mixture_args;

int64_t mtlc_mixture_tiles(const mtlc_mixture_args *args);
void mtlc_mixture_run(const mtlc_mixture_args *args, int64_t first, int64_t last);

/// From d_out: d_experts_e = Σ over gates w d_out_t (times activation'(E) if set; 0 for an expert
/// that no gate picks) and d_logits = w (d - Σ w d) where d_i = d_out_t · E_i.
/// d_experts may be the same memory as experts, and d_logits as logits.
typedef struct mtlc_mixture_gradient_args {
  int64_t rows;  ///< Extent.
  int64_t width, expert_count, gate_count;
  const int64_t *expert_columns, *gate_sizes, *picks, *logit_columns, *out_columns;
  const float *experts;
  int64_t ld_experts;
  const float *weights;
  int64_t ld_weights;
  const float *d_out;  ///< Columns as `out`.
  int64_t ld_d_out;
  float *d_experts;  ///< Columns as `experts`.
  int64_t ld_d_experts;
  float *d_logits;  ///< Columns as `logits`.
  int64_t ld_d_logits;
  mtlc_activation activation_gradient;  ///< The activation whose output `experts` is.
  int32_t reserved;
} mtlc_mixture_gradient_args;

int64_t mtlc_mixture_gradient_tiles(const mtlc_mixture_gradient_args *args);
void mtlc_mixture_gradient_run(const mtlc_mixture_gradient_args *args, int64_t first, int64_t last);

#endif

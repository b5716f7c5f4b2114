#ifndef MTLC_OPTIMIZER_H
#define MTLC_OPTIMIZER_H

#include <stdint.h>

#include "mtlc_enum.h"

// Optimizers. g is the gradient times gradient_scale, plus l2 * p where l2 is set.
//
//   SGD      p -= lr g                                       (no state)
//   MOMENTUM m = momentum m + g;  p -= lr m                  (state1 = m)
//   ADAM     m = b1 m + (1-b1) g;  v = b2 v + (1-b2) g²;
//            p -= lr (m / c1) / (sqrt(v / c2) + eps)         (state1 = m, state2 = v)
//   ADAMW    p -= lr weight_decay p, then as ADAM
//   ADAGRAD  s += g²;  p -= lr g / (sqrt(s) + eps)           (state1 = s, holds its initial value)
//   LION     p -= lr weight_decay p, then p -= lr sign(b1 m + (1-b1) g);
//            m = b2 m + (1-b2) g                             (state1 = m)
typedef enum mtlc_optimizer_kind {
  MTLC_OPTIMIZER_SGD = 0,
  MTLC_OPTIMIZER_MOMENTUM = 1,
  MTLC_OPTIMIZER_ADAM = 2,
  MTLC_OPTIMIZER_ADAMW = 3,
  MTLC_OPTIMIZER_ADAGRAD = 4,
  MTLC_OPTIMIZER_LION = 5,
} mtlc_optimizer_kind;

/// The same, to be counted and gone through: kernels have one compiled loop for each.
#define MTLC_OPTIMIZERS(X) X(SGD) X(MOMENTUM) X(ADAM) X(ADAMW) X(ADAGRAD) X(LION)

enum { MTLC_OPTIMIZER_COUNT = 0 MTLC_OPTIMIZERS(MTLC_ONE_MORE) };

/// What an optimizer reads at run time; the executor refreshes it before each step. A rule reads what
/// its formula names.
typedef struct mtlc_optimizer_hyper {
  float learning_rate;
  double beta1, beta2;  ///< In double: 1 - 0.999f is off in the fifth digit.
  float epsilon;
  float weight_decay;
  float momentum;
  float bias_correction1;  ///< c1 = 1 - beta1^step, step counted from 1.
  float bias_correction2;  ///< c2 = 1 - beta2^step.
  float gradient_scale;    ///< 1 unless gradients are clipped.
  // Of tables that are updated by rows; see mtlc_sparse.h.
  float l1, ftrl_l2, ftrl_beta, initial_accumulator;
} mtlc_optimizer_hyper;

/// An update that another kernel applies in its epilogue: parameter and states are views of the
/// kernel's output layout, with row stride `ld` and group stride `group_stride` each.
typedef struct mtlc_optimizer_update {
  mtlc_optimizer_kind kind;
  float l2;
  float *parameter, *state1, *state2;
  int64_t ld, group_stride;
  const mtlc_optimizer_hyper *hyper;
} mtlc_optimizer_update;

/// One run of contiguous parameters.
typedef struct mtlc_optimizer_segment {
  int64_t count;
  float *parameter, *state1, *state2;
  float *gradient;
  float l2;
  int32_t clear_gradient;  ///< Set the gradient to zero once it is read.
} mtlc_optimizer_segment;

/// One dense update over all segments.
typedef struct mtlc_optimizer_args {
  mtlc_optimizer_kind kind;
  int32_t reserved;
  int64_t segment_count;
  const mtlc_optimizer_segment *segments;
  const mtlc_optimizer_hyper *hyper;
} mtlc_optimizer_args;

int64_t mtlc_optimizer_tiles(const mtlc_optimizer_args *args);
void mtlc_optimizer_run(const mtlc_optimizer_args *args, int64_t first, int64_t last);

/// Σ gradient² over all segments, in double, in a fixed order: one partial sum per tile of
/// mtlc_optimizer_tiles, written to partials[tile]; the caller adds them up in tile order.
typedef struct mtlc_gradient_norm_args {
  int64_t segment_count;
  const mtlc_optimizer_segment *segments;
  double *partials;
} mtlc_gradient_norm_args;

int64_t mtlc_gradient_norm_tiles(const mtlc_gradient_norm_args *args);
void mtlc_gradient_norm_run(const mtlc_gradient_norm_args *args, int64_t first, int64_t last);

/// Adds up the partial sums in their order and sets the scale at which the norm of the gradients is
/// at most maximum_norm.
typedef struct mtlc_clip_args {
  const double *partials;
  int64_t count;
  float maximum_norm;
  mtlc_optimizer_hyper *hyper;
} mtlc_clip_args;

void mtlc_clip_run(const mtlc_clip_args *args);

#endif

// The rules of the optimizers on a vector of weights; mtlc_optimizer.h and mtlc_sparse.h state them.
// Whatever steps weights takes them from here: the dense optimizer, the epilogues of matrix products,
// the update of a one-hot weight and that of tables by rows.
#ifndef MTLC_KERNEL_OPTIMIZER_RULES_H
#define MTLC_KERNEL_OPTIMIZER_RULES_H

#include "../support/simd.h"
#include "mtlc_optimizer.h"

/// What rules read, worked out once per call.
typedef struct {
  float scale, l2;       ///< g = scale * gradient + l2 * p
  float rate;            ///< learning rate
  float corrected_rate;  ///< learning rate / c1
  float momentum;
  float beta1, rest1, beta2, rest2;  ///< rest = 1 - beta
  float root;                        ///< 1 / sqrt(c2)
  float epsilon;
  float root_by_rate, half_root_by_rate, epsilon_by_rate;
  float keep;                        ///< 1 - learning rate * decay
  float inverse_rate, l1, ftrl_l2, ftrl_beta, initial;
} step_constants;

INLINE step_constants step_constants_of(const mtlc_optimizer_hyper *h, float l2) {
  step_constants s = {.scale = h->gradient_scale, .l2 = l2, .rate = h->learning_rate,
                      .epsilon = h->epsilon};
  s.momentum = h->momentum;
  s.corrected_rate = h->learning_rate / h->bias_correction1;
  s.beta1 = (float)h->beta1;
  s.rest1 = (float)(1.0 - h->beta1);
  s.beta2 = (float)h->beta2;
  s.rest2 = (float)(1.0 - h->beta2);
  s.root = 1.0f / __builtin_sqrtf(h->bias_correction2);
  s.root_by_rate = s.root / s.corrected_rate;
  s.half_root_by_rate = 0.5f * s.root_by_rate;
  s.epsilon_by_rate = s.epsilon / s.corrected_rate;
  s.keep = 1.0f - h->learning_rate * h->weight_decay;
  s.inverse_rate = 1.0f / h->learning_rate;
  s.l1 = h->l1;
  s.ftrl_l2 = h->ftrl_l2;
  s.ftrl_beta = h->ftrl_beta;
  s.initial = h->initial_accumulator;
  return s;
}

/// p - rate * m / (sqrt(v) * root + epsilon), the rate being part of the constants of the quotient:
/// sweeps over parameters that the second cache holds are bound by their arithmetic.
INLINE vf plain_adam_move(const step_constants *s, vf p, vf m, vf v) {
#if defined(MTLC_AVX512)
  // sqrt(v) is x * r, corrected by half its relative error.
  vf x = (vf)_mm512_max_ps((__m512)splat(SMALLEST_NORMAL), (__m512)v);
  vf r = (vf)_mm512_rsqrt14_ps((__m512)x);
  vf estimate = x * r;
  vf error = 1.0f - estimate * r;
  vf y = estimate * s->root_by_rate + s->epsilon_by_rate;
  y = (estimate * s->half_root_by_rate) * error + y;
  vf q = (vf)_mm512_rcp14_ps((__m512)y);
  return p - m * (q * (2.0f - y * q));
#else
  return p - s->corrected_rate * divide(m, square_root(v) * s->root + s->epsilon);
#endif
}

/// What `step` is given, and how many elements; constants wherever it is inlined.
enum {
  STEP_GRADIENT,  // the gradient, of which it makes g
  STEP_PREPARED,  // g itself
  /// A gradient that is neither scaled nor regularised, and a rate that does not vanish: Adam the same
  /// but for rounding, with fewer operations. See is_plain.
  STEP_PLAIN,
};
enum {
  STEP_SOME,   // fewer than a vector
  STEP_WHOLE,  // a vector
  STEP_UPTO,   // at most a vector
};

/// Whether STEP_PLAIN serves.
INLINE int is_plain(mtlc_optimizer_kind kind, const step_constants *s) {
  return kind == MTLC_OPTIMIZER_ADAM && s->scale == 1.0f && s->l2 == 0.0f &&
         s->corrected_rate > 1e-12f;
}

/// How many states a weight has.
INLINE int optimizer_states(mtlc_optimizer_kind kind) {
  switch (kind) {
    case MTLC_OPTIMIZER_SGD: return 0;
    case MTLC_OPTIMIZER_MOMENTUM:
    case MTLC_OPTIMIZER_ADAGRAD:
    case MTLC_OPTIMIZER_LION: return 1;
    case MTLC_OPTIMIZER_ADAM:
    case MTLC_OPTIMIZER_ADAMW: return 2;
  }
  return 0;
}

/// Steps n elements at `parameter` and its states.
INLINE void step(const mtlc_optimizer_kind kind, const int given, const step_constants *s,
                 vf gradient, float *parameter, float *state1, float *state2, const int extent,
                 int64_t n) {
#define GET(at) \
  (extent == STEP_WHOLE ? load(at) : extent == STEP_SOME ? load_n(at, n) : load_upto(at, n))
#define PUT(at, x)                          \
  (extent == STEP_WHOLE  ? store(at, x)     \
   : extent == STEP_SOME ? store_n(at, x, n) \
                         : store_upto(at, x, n))
  vf p = GET(parameter);
  vf g = given == STEP_GRADIENT ? gradient * s->scale + p * s->l2 : gradient;
  switch (kind) {
    case MTLC_OPTIMIZER_SGD: p = p - g * s->rate; break;
    case MTLC_OPTIMIZER_MOMENTUM: {
      vf m = GET(state1) * s->momentum + g;
      PUT(state1, m);
      p = p - m * s->rate;
      break;
    }
    case MTLC_OPTIMIZER_ADAM:
    case MTLC_OPTIMIZER_ADAMW: {
      vf m = GET(state1) * s->beta1 + g * s->rest1;
      vf v = GET(state2) * s->beta2 + (g * g) * s->rest2;
      PUT(state1, m);
      PUT(state2, v);
      if (kind == MTLC_OPTIMIZER_ADAMW) p = p * s->keep;
      p = given == STEP_PLAIN
              ? plain_adam_move(s, p, m, v)
              : p - s->corrected_rate * divide(m, square_root(v) * s->root + s->epsilon);
      break;
    }
    case MTLC_OPTIMIZER_ADAGRAD: {
      vf a = GET(state1) + g * g;
      PUT(state1, a);
      p = p - s->rate * divide(g, square_root(a) + s->epsilon);
      break;
    }
    case MTLC_OPTIMIZER_LION: {
      vf m = GET(state1), c = m * s->beta1 + g * s->rest1;
      PUT(state1, m * s->beta2 + g * s->rest2);
      vf sign = choose(c > 0.0f, splat(1.0f), choose(c < 0.0f, splat(-1.0f), c));
      p = p * s->keep - sign * s->rate;
      break;
    }
  }
  PUT(parameter, p);
#undef GET
#undef PUT
}

#endif

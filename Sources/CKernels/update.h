// One optimizer step on a vector of parameters; shared by the optimizer kernel and by the weight
// gradient that applies its result at once.
#ifndef MTLC_UPDATE_H
#define MTLC_UPDATE_H

#include "mtlc_optimizer.h"
#include "simd.h"

/// Adam when the gradient is neither scaled nor regularised, and the rate does not vanish: the same
/// but for rounding, with fewer operations.
enum { PLAIN_ADAM = MTLC_OPTIMIZER_ADAGRAD + 1 };

/// What a step needs, worked out once per call.
typedef struct {
  float scale, l2;                ///< g = scale * gradient + l2 * p
  float rate;                     ///< learning rate, bias-corrected for Adam
  float beta1, rest1, beta2, rest2;
  float root;                     ///< 1 / sqrt(c2)
  float epsilon;
  float root_by_rate, half_root_by_rate, epsilon_by_rate;
  float keep;                     ///< 1 - learning rate * decay (AdamW); momentum (MOMENTUM)
} step_constants;

INLINE int32_t specialised(int32_t kind, const step_constants *s) {
  int plain = s->scale == 1.0f && s->l2 == 0.0f && s->rate > 1e-12f;
  return kind == MTLC_OPTIMIZER_ADAM && plain ? PLAIN_ADAM : kind;
}

INLINE step_constants step_constants_of(int32_t kind, const mtlc_optimizer_hyper *h, float l2) {
  step_constants s = {.scale = h->gradient_scale, .l2 = l2, .rate = h->learning_rate,
                      .epsilon = h->epsilon};
  if (kind == MTLC_OPTIMIZER_ADAM || kind == MTLC_OPTIMIZER_ADAMW || kind == PLAIN_ADAM) {
    s.rate = h->learning_rate / h->bias_correction1;
    s.beta1 = (float)h->beta1;
    s.rest1 = (float)(1.0 - h->beta1);
    s.beta2 = (float)h->beta2;
    s.rest2 = (float)(1.0 - h->beta2);
    s.root = 1.0f / __builtin_sqrtf(h->bias_correction2);
    s.root_by_rate = s.root / s.rate;
    s.half_root_by_rate = 0.5f * s.root_by_rate;
    s.epsilon_by_rate = s.epsilon / s.rate;
    s.keep = 1.0f - h->learning_rate * h->weight_decay;
  } else if (kind == MTLC_OPTIMIZER_MOMENTUM) {
    s.keep = h->momentum;
  }
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
  return p - s->rate * divide(m, square_root(v) * s->root + s->epsilon);
#endif
}

/// n elements (at most a vector) at p and its states; `kind` is a constant where this is inlined.
INLINE void step(const int32_t kind, const step_constants *s, vf gradient, float *parameter,
                 float *state1, float *state2, const int whole, int64_t n) {
#define GET(at) (whole ? load(at) : load_n(at, n))
#define PUT(at, x) (whole ? store(at, x) : store_n(at, x, n))
  vf p = GET(parameter);
  vf g = kind == PLAIN_ADAM ? gradient : gradient * s->scale + p * s->l2;
  switch (kind) {
    case MTLC_OPTIMIZER_SGD: p = p - g * s->rate; break;
    case MTLC_OPTIMIZER_MOMENTUM: {
      vf m = GET(state1) * s->keep + g;
      PUT(state1, m);
      p = p - m * s->rate;
      break;
    }
    case PLAIN_ADAM:
    case MTLC_OPTIMIZER_ADAM:
    case MTLC_OPTIMIZER_ADAMW: {
      vf m = GET(state1) * s->beta1 + g * s->rest1;
      vf v = GET(state2) * s->beta2 + (g * g) * s->rest2;
      PUT(state1, m);
      PUT(state2, v);
      if (kind == MTLC_OPTIMIZER_ADAMW) p = p * s->keep;
      p = kind == PLAIN_ADAM ? plain_adam_move(s, p, m, v)
                             : p - s->rate * divide(m, square_root(v) * s->root + s->epsilon);
      break;
    }
    case MTLC_OPTIMIZER_ADAGRAD: {
      vf a = GET(state1) + g * g;
      PUT(state1, a);
      p = p - s->rate * divide(g, square_root(a) + s->epsilon);
      break;
    }
    default: break;
  }
  PUT(parameter, p);
#undef GET
#undef PUT
}

#endif

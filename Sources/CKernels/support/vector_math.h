// Elementary functions on vectors: good to about 2 ulp, right at zero, infinity and NaN.
#ifndef MTLC_KERNEL_VECTOR_MATH_H
#define MTLC_KERNEL_VECTOR_MATH_H

#include "mtlc_activation.h"
#include "simd.h"

INLINE vf absolute(vf x) { return (vf)((vi)x & 0x7fffffff); }

/// 2^n for n in [-126, 127].
INLINE vf power_of_two(vi n) { return (vf)((n + 127) << 23); }

INLINE vf exp_v(vf x) {
  x = at_most(at_least(x, splat(-104.0f)), splat(89.0f));
  // Adding 1.5 * 2^23 rounds to the nearest integer and leaves it in the low bits.
  vf shifted = x * 0x1.715476p+0f + 0x1.8p+23f;
  vi n = (vi)shifted - (vi)splat(0x1.8p+23f);
  vf whole = shifted - 0x1.8p+23f;
  vf r = x - whole * 0x1.62e4p-1f;
  r = r - whole * 0x1.7f7d1cp-20f;
  vf p = r * 0x1.6a2352p-10f + 0x1.123a6cp-7f;
  p = p * r + 0x1.5558f4p-5f;
  p = p * r + 0x1.55549p-3f;
  p = p * r + 0x1.fffffcp-2f;
  vf y = p * (r * r) + r + 1.0f;
  // Two factors, since 2^n alone can be beyond the range that the result is in.
  vi half = n >> 1;
  return y * power_of_two(half) * power_of_two(n - half);
}

/// log(x) for x > 0 and finite; `tail` is added to x's relative error, see log1p_v.
INLINE vf log_finite(vf x, vf tail) {
  vi tiny = x < 1.17549435e-38f;
  x = choose(tiny, x * 0x1p+23f, x);
  vi bits = (vi)x;
  vi e = (bits - 0x3f3504f3) >> 23;
  vf f = (vf)(bits - (e << 23)) - 1.0f;
  vf k = __builtin_convertvector(e - (tiny & 23), vf);
  vf p = f * -0x1.38b582p-4f + 0x1.055b6cp-3f;
  p = p * f - 0x1.0d8542p-3f;
  p = p * f + 0x1.22da1cp-3f;
  p = p * f - 0x1.547244p-3f;
  p = p * f + 0x1.99a008p-3f;
  p = p * f - 0x1.000226p-2f;
  p = p * f + 0x1.555554p-2f;
  vf square = f * f;
  vf low = p * (f * square) + (k * 0x1.7f7d1cp-20f + tail);
  low = low - 0.5f * square;
  return k * 0x1.62e4p-1f + (f + low);
}

INLINE vf log_special(vf x, vf y) {
  y = choose(x == 0.0f, splat(-INFINITY), y);
  y = choose(x < 0.0f, splat(NAN), y);
  return choose((x == INFINITY) | (x != x), x, y);
}

INLINE vf log_v(vf x) { return log_special(x, log_finite(x, (vf){0})); }

INLINE vf log1p_v(vf x) {
  vf u = x + 1.0f;
  vf lost = x - (u - 1.0f);
  vf y = log_finite(u, lost / u);
  // Below 2^-25 u is 1 and only x itself is left, signed zero included.
  y = choose(absolute(x) < 0x1p-25f, x, y);
  y = choose(x == -1.0f, splat(-INFINITY), y);
  y = choose(x < -1.0f, splat(NAN), y);
  return choose((x == INFINITY) | (x != x), x, y);
}

INLINE vf sigmoid_v(vf x) {
  vf z = exp_v(-absolute(x));
  return choose(x < 0.0f, z, splat(1.0f)) / (z + 1.0f);
}

INLINE vf tanh_v(vf x) {
  vf a = absolute(x), s = x * x;
  vf p = s * -0x1.75e1ccp-8f + 0x1.52269cp-6f;
  p = p * s - 0x1.b83c5ap-5f;
  p = p * s + 0x1.110726p-3f;
  p = p * s - 0x1.555532p-2f;
  vf small = p * (x * s) + x;
  vf large = 1.0f - 2.0f / (exp_v(a + a) + 1.0f);
  large = (vf)((vi)large | ((vi)x & INT32_MIN));
  return choose(a < 0.625f, small, large);
}

INLINE vf softplus_v(vf x) {
  // log1p of a number in [0, 1] needs none of log1p_v's special cases but the tiny one.
  vf z = exp_v(-absolute(x));
  vf u = z + 1.0f;
  vf y = choose(z < 0x1p-25f, z, log_finite(u, (z - (u - 1.0f)) / u));
  return at_least(x, (vf){0}) + y;
}

// Up to where sine_in_range is good to 2 ulp.
#define SINE_RANGE 1e4f

/// The sine of x + quarter·π/2 for |x| ≤ SINE_RANGE, by the quadrant n of that angle and the rest r within
/// ±π/4: ±sin r in even quadrants, ±cos r in odd ones. π/2 is cut into four parts; n times each of the
/// first two, and what is left of x then, are floats that no rounding touches.
INLINE vf sine_in_range(vf x, int32_t quarter) {
  vf shifted = x * 0x1.45f306p-1f + 0x1.8p+23f;
  vi n = (vi)shifted - (vi)splat(0x1.8p+23f) + quarter;
  vf whole = shifted - 0x1.8p+23f;
  vf r = x - whole * 0x1.92p+0f;
  r = r - whole * 0x1.fb4p-12f;
  r = r - whole * 0x1.444p-24f;
  r = r - whole * 0x1.68c234p-39f;
  vf s = r * r;
  vf p = s * -0x1.994222p-13f + 0x1.110736p-7f;
  p = p * s - 0x1.555546p-3f;
  vf odd = p * (r * s) + r;
  vf q = s * 0x1.99ea02p-16f - 0x1.6c0c2ep-10f;
  q = q * s + 0x1.55554ap-5f;
  vf even = q * (s * s) + (1.0f - 0.5f * s);
  vf y = choose((n & 1) == 0, odd, even);
  return (vf)((vi)y ^ (vi)((vu)(n & 2) << 30));
}

/// Lanes beyond SINE_RANGE, infinity among them, by the C library in double precision.
static vf sine_far_out(vf x, vf y, int32_t quarter) {
  for (int i = 0; i < VL; i++)
    if (__builtin_fabsf(x[i]) > SINE_RANGE)
      y[i] = (float)(quarter ? cos((double)x[i]) : sin((double)x[i]));
  return y;
}

INLINE vf sin_v(vf x) {
  vf y = sine_in_range(x, 0);
  return any_lane(absolute(x) > SINE_RANGE) ? sine_far_out(x, y, 0) : y;
}

INLINE vf cos_v(vf x) {
  vf y = sine_in_range(x, 1);
  return any_lane(absolute(x) > SINE_RANGE) ? sine_far_out(x, y, 1) : y;
}

INLINE vf relu_v(vf x) { return at_least(x, (vf){0}); }

INLINE vf activate(mtlc_activation activation, vf x) {
  switch (activation) {
    case MTLC_ACTIVATION_NONE: break;
    case MTLC_ACTIVATION_RELU: return relu_v(x);
    case MTLC_ACTIVATION_SIGMOID: return sigmoid_v(x);
    case MTLC_ACTIVATION_TANH: return tanh_v(x);
  }
  return x;
}

/// y in columns [begin, end) of the vector that starts at column j, x elsewhere.
INLINE vf keep_outside(vf y, vf x, int64_t begin, int64_t end, int64_t j) {
  if (j >= begin && j + VL <= end) return y;
  vi lane = lanes() + (int32_t)j;
  return choose((lane >= (int32_t)begin) & (lane < (int32_t)end), y, x);
}

/// x times the activation's derivative, given its output y.
INLINE vf times_slope(mtlc_activation activation, vf x, vf y) {
  switch (activation) {
    case MTLC_ACTIVATION_NONE: break;
    case MTLC_ACTIVATION_RELU: return (vf)((vi)x & (y > 0.0f));
    case MTLC_ACTIVATION_SIGMOID: return x * (y * (1.0f - y));
    case MTLC_ACTIVATION_TANH: return x * (1.0f - y * y);
  }
  return x;
}

#endif

// Vectors of the variant being compiled. The including file defines MTLC_VECTOR_BYTES and, where
// it has switched on the instructions, MTLC_AVX512 or MTLC_AVX2. Everything is static: each
// variant is one translation unit.
#ifndef MTLC_KERNEL_SIMD_H
#define MTLC_KERNEL_SIMD_H

#include <math.h>
#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

enum { VL = MTLC_VECTOR_BYTES / 4 };

typedef float vf __attribute__((vector_size(MTLC_VECTOR_BYTES)));
typedef int32_t vi __attribute__((vector_size(MTLC_VECTOR_BYTES)));
typedef uint32_t vu __attribute__((vector_size(MTLC_VECTOR_BYTES)));
typedef float vf_any __attribute__((vector_size(MTLC_VECTOR_BYTES), aligned(4), may_alias));
typedef int32_t vi_any __attribute__((vector_size(MTLC_VECTOR_BYTES), aligned(4), may_alias));

INLINE vf load(const float *p) { return *(const vf_any *)p; }
INLINE void store(float *p, vf x) { *(vf_any *)p = x; }
/// Stores at an aligned place past the caches (see `mtlc_kernels_streamed_bytes`). Neighbours that make up a line come right after each other;
/// `finish_streams` ends a run of them.
INLINE void store_streamed(float *p, vf x) { __builtin_nontemporal_store(x, (vf *)p); }
/// Makes what was stored past the caches visible to other threads.
INLINE void finish_streams(void) {
#if defined(__x86_64__)
  __builtin_ia32_sfence();
#endif
}
INLINE vi load_int(const int32_t *p) { return *(const vi_any *)p; }
INLINE void store_int(int32_t *p, vi x) { *(vi_any *)p = x; }
INLINE vf splat(float x) { return x - (vf){0}; }
INLINE vi splat_int(int32_t x) { return x - (vi){0}; }

INLINE vf choose(vi mask, vf x, vf y) { return (vf)((mask & (vi)x) | (~mask & (vi)y)); }

// These let NaN through: in x when it is the first operand, in either for max_nan and min_nan.
INLINE vf at_least(vf x, vf low) { return choose(x < low, low, x); }
INLINE vf at_most(vf x, vf high) { return choose(x > high, high, x); }
INLINE vf max_nan(vf x, vf y) { return choose((x > y) | (x != x), x, y); }
INLINE vf min_nan(vf x, vf y) { return choose((x < y) | (x != x), x, y); }

INLINE vi lanes(void) {
  vi v;
  for (int i = 0; i < VL; i++) v[i] = i;
  return v;
}

/// Mask of the lanes below n.
INLINE vi first_lanes(int64_t n) { return lanes() < (int32_t)n; }

#if defined(MTLC_AVX512)

INLINE __mmask16 mask_of(int64_t n) { return (__mmask16)((1u << n) - 1); }
INLINE vf load_n(const float *p, int64_t n) { return (vf)_mm512_maskz_loadu_ps(mask_of(n), p); }
INLINE void store_n(float *p, vf x, int64_t n) {
  _mm512_mask_storeu_ps(p, mask_of(n), (__m512)x);
}

#elif defined(MTLC_AVX2)

INLINE vf load_n(const float *p, int64_t n) {
  return (vf)_mm256_maskload_ps(p, (__m256i)first_lanes(n));
}
INLINE void store_n(float *p, vf x, int64_t n) {
  _mm256_maskstore_ps(p, (__m256i)first_lanes(n), (__m256)x);
}

#else

INLINE vf load_n(const float *p, int64_t n) {
  vf x = {0};
  for (int i = 0; i < VL; i++)
    if (i < n) x[i] = p[i];
  return x;
}
INLINE void store_n(float *p, vf x, int64_t n) {
  for (int i = 0; i < VL; i++)
    if (i < n) p[i] = x[i];
}

#endif

INLINE vf load_upto(const float *p, int64_t n) { return n >= VL ? load(p) : load_n(p, n); }
INLINE void store_upto(float *p, vf x, int64_t n) {
  if (n >= VL)
    store(p, x);
  else
    store_n(p, x, n);
}

/// x * y + z, in one rounding wherever the processor has that. For sums that two loops must get the
/// same bits of: which products and sums of a loop are contracted is the compiler's choice.
INLINE vf multiply_add(vf x, vf y, vf z) {
#if defined(MTLC_AVX512) || defined(MTLC_AVX2) || defined(__aarch64__)
  return __builtin_elementwise_fma(x, y, z);
#else
  return x * y + z;
#endif
}

// Division and square root of 512-bit vectors take 16 to 19 cycles each; an estimate and a
// Newton step take 4. Both are good to about 2 ulp for normal positive results.
#define SMALLEST_NORMAL 1.17549435e-38f

#if defined(MTLC_AVX512)

INLINE vf divide(vf x, vf y) {
  vf r = (vf)_mm512_rcp14_ps((__m512)y);
  return x * (r * (2.0f - y * r));
}

/// For x >= 0; below the smallest normal number only the order of magnitude is right.
INLINE vf square_root(vf x) {
  // Of a maximum's operands the second one lets NaN through.
  vf r = (vf)_mm512_rsqrt14_ps(_mm512_max_ps((__m512)splat(SMALLEST_NORMAL), (__m512)x));
  vf s = x * r;
  return s + 0.5f * r * (x - s * s);
}

#else

INLINE vf divide(vf x, vf y) { return x / y; }
INLINE vf square_root(vf x) { return __builtin_elementwise_sqrt(x); }

#endif

// The lower and upper half of x0 y0 x1 y1 ...
#if MTLC_VECTOR_BYTES == 64
#define ZIP_LOW 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define ZIP_HIGH 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif MTLC_VECTOR_BYTES == 32
#define ZIP_LOW 0, 8, 1, 9, 2, 10, 3, 11
#define ZIP_HIGH 4, 12, 5, 13, 6, 14, 7, 15
#else
#define ZIP_LOW 0, 4, 1, 5
#define ZIP_HIGH 2, 6, 3, 7
#endif

INLINE vf zip_low(vf x, vf y) { return __builtin_shufflevector(x, y, ZIP_LOW); }
INLINE vf zip_high(vf x, vf y) { return __builtin_shufflevector(x, y, ZIP_HIGH); }

/// Transposes a VL × VL block in registers.
INLINE void transpose(vf rows[VL]) {
#pragma clang loop unroll(full)
  for (int width = 1; width < VL; width *= 2) {
    vf next[VL];
#pragma clang loop unroll(full)
    for (int i = 0; i < VL / 2; i++) {
      next[2 * i] = zip_low(rows[i], rows[i + VL / 2]);
      next[2 * i + 1] = zip_high(rows[i], rows[i + VL / 2]);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < VL; i++) rows[i] = next[i];
  }
}

/// Lane i of the result is the sum of rows[i]'s lanes.
INLINE vf row_sums(vf rows[VL]) {
#pragma clang loop unroll(full)
  for (int half = VL / 2; half > 0; half /= 2)
#pragma clang loop unroll(full)
    for (int i = 0; i < half; i++)
      rows[i] = zip_low(rows[i], rows[i + half]) + zip_high(rows[i], rows[i + half]);
  return rows[0];
}

/// Whether any lane of a mask is set.
INLINE int any_lane(vi mask) {
#if defined(MTLC_AVX512)
  return _mm512_test_epi32_mask((__m512i)mask, (__m512i)mask) != 0;
#elif defined(MTLC_AVX2)
  return !_mm256_testz_si256((__m256i)mask, (__m256i)mask);
#else
  int32_t any = 0;
  for (int i = 0; i < VL; i++) any |= mask[i];
  return any != 0;
#endif
}

INLINE float sum_lanes(vf x) {
  float part[VL];
  store(part, x);
  for (int width = VL / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++) part[i] += part[i + width];
  return part[0];
}

INLINE int64_t min_int(int64_t x, int64_t y) { return x < y ? x : y; }
INLINE int64_t max_int(int64_t x, int64_t y) { return x > y ? x : y; }
INLINE int64_t ceil_div(int64_t x, int64_t y) { return (x + y - 1) / y; }

#endif

// Start values of parameters.
#ifndef MTLC_KERNEL_START_VALUES_H
#define MTLC_KERNEL_START_VALUES_H

#include "mtlc_start_values.h"
#include "philox.h"

/// Doubles: a vector has half as many of them as floats.
enum { VL_WIDE = VL / 2 };

typedef double vd __attribute__((vector_size(MTLC_VECTOR_BYTES)));
typedef int64_t vi64 __attribute__((vector_size(MTLC_VECTOR_BYTES)));
typedef uint64_t vu64 __attribute__((vector_size(MTLC_VECTOR_BYTES)));
typedef uint32_t vu_half
    __attribute__((vector_size(MTLC_VECTOR_BYTES / 2), aligned(4), may_alias));
typedef float vf_half __attribute__((vector_size(MTLC_VECTOR_BYTES / 2), aligned(4), may_alias));

INLINE vd choose_wide(vi64 mask, vd x, vd y) {
  return (vd)((mask & (vi64)x) | (~mask & (vi64)y));
}

/// The upper 53 of two words' 64 bits.
INLINE vd upper_bits(const uint32_t *high, const uint32_t *low) {
  vu64 bits = (__builtin_convertvector(*(const vu_half *)high, vu64) << 21) |
              (__builtin_convertvector(*(const vu_half *)low, vu64) >> 11);
  return __builtin_convertvector((vi64)bits, vd);
}

/// log(y) for y in (0, 1].
INLINE vd log_of_unit(vd y) {
  // y = 2^e (1 + f) with 1 + f within the square roots of 1/2 and 2.
  const int64_t root_half = 0x3fe6a09e667f3bcd;
  vi64 bits = (vi64)y;
  vi64 e = (bits - root_half) >> 52;
  vd f = (vd)(bits - (e << 52)) - 1.0;
  // log(1 + f) = 2 artanh(s); 2 s = f - s f.
  vd s = f / (f + 2.0), z = s * s;
  vd r = z * (2.0 / 25) + 2.0 / 23;
  r = r * z + 2.0 / 21;
  r = r * z + 2.0 / 19;
  r = r * z + 2.0 / 17;
  r = r * z + 2.0 / 15;
  r = r * z + 2.0 / 13;
  r = r * z + 2.0 / 11;
  r = r * z + 2.0 / 9;
  r = r * z + 2.0 / 7;
  r = r * z + 2.0 / 5;
  r = r * z + 2.0 / 3;
  vd k = __builtin_convertvector(e, vd);
  // The upper 40 bits of log 2, and the rest.
  return k * 0x1.62e42fefa2p-1 + (f - (s * (f - r * z) - k * 0x1.9ef35793c7673p-41));
}

/// 2 pi v, rounded as a product alone is: it must not become a part of what follows.
INLINE vd full_turns(vd v) {
#pragma clang fp contract(off)
  return 0x1.921fb54442d18p+2 * v;
}

/// cos(x) for x in [0, 2 pi], and how far x is from the nearest multiple of pi / 2.
INLINE vd cos_of_turn(vd x, vd *distance) {
  // Adding 1.5 * 2^52 rounds to the nearest integer and leaves it in the low bits.
  vd shifted = x * 0x1.45f306dc9c883p-1 + 0x1.8p+52;
  vi64 quarter = (vi64)shifted;
  vd n = shifted - 0x1.8p+52;
  // The upper 33 bits of pi / 2, of which n times is exact, and the rest.
  vd r = x - n * 0x1.921fb544p+0;
  r = r - n * 0x1.0b4611a626331p-34;
  *distance = (vd)((vi64)r & INT64_MAX);
  vd z = r * r;
  vd c = z * 0x1.ae7f3e733b81fp-45 - 0x1.93974a8c07c9dp-37;
  c = c * z + 0x1.1eed8eff8d898p-29;
  c = c * z - 0x1.27e4fb7789f5cp-22;
  c = c * z + 0x1.a01a01a01a01ap-16;
  c = c * z - 0x1.6c16c16c16c17p-10;
  c = c * z + 0x1.5555555555555p-5;
  c = (1.0 - 0.5 * z) + c * (z * z);
  vd s = z * 0x1.952c77030ad4ap-49 - 0x1.ae7f3e733b81fp-41;
  s = s * z + 0x1.6124613a86d09p-33;
  s = s * z - 0x1.ae64567f544e4p-26;
  s = s * z + 0x1.71de3a556c734p-19;
  s = s * z - 0x1.a01a01a01a01ap-13;
  s = s * z + 0x1.1111111111111p-7;
  s = s * z - 0x1.5555555555555p-3;
  s = r + s * (z * r);
  vd y = choose_wide((quarter & 1) != 0, s, c);
  return (vd)((vu64)y ^ (((vu64)quarter + 1) & 2) << 62);
}

/// VL_WIDE elements from the j-th on; whether the rounding of any is in doubt.
INLINE int normal_block(double scale, const uint32_t words[4][VL], int64_t j, float *out,
                        int64_t *doubt) {
  vd y = 1.0 - upper_bits(words[0] + j, words[1] + j) * 0x1p-53;
  vd v = upper_bits(words[2] + j, words[3] + j) * 0x1p-53;
  vd distance;
  vd cosine = cos_of_turn(full_turns(v), &distance);
  vd value = scale * __builtin_elementwise_sqrt(-2.0 * log_of_unit(y)) * cosine;
  *(vf_half *)(out + j) = __builtin_convertvector(value, vf_half);
  // Rounding drops 29 bits; 64 units of a double on either side of the middle are too close to
  // call. So are results beyond the normal floats, and angles whose cosine is all cancellation.
  vi64 bits = (vi64)value;
  vi64 near = ((bits + (64 - (1 << 28))) & ((1 << 29) - 1)) < 128;
  vd size = (vd)(bits & INT64_MAX);
  near |= (size < 0x1p-126) | ~(size < 0x1p+127) | (distance < 0x1p-20);
  __builtin_memcpy(doubt + j, &near, sizeof near);
  return any_lane((vi)near);
}

INLINE void start_words(const mtlc_start_values_args *t, int64_t i, uint32_t words[4][VL]) {
  vu blocks[4];
  philox(blocks, t->first + (uint64_t)i, 0, UINT32_MAX, t->key);
  __builtin_memcpy(words, blocks, sizeof blocks);
}

static int64_t normal_values(const mtlc_start_values_args *t) {
  int64_t found = 0;
  for (int64_t i = 0; i < t->count; i += VL) {
    uint32_t words[4][VL];
    float values[VL];
    int64_t doubt[VL];
    start_words(t, i, words);
    int any = 0;
    for (int64_t j = 0; j < VL; j += VL_WIDE)
      any |= normal_block(t->scale, words, j, values, doubt);
    store_upto(t->out + i, load(values), t->count - i);
    for (int64_t j = 0; any && j < min_int(VL, t->count - i); j++)
      if (doubt[j]) t->doubtful[found++] = (int32_t)(i + j);
  }
  return found;
}

static void uniform_values(const mtlc_start_values_args *t) {
  for (int64_t i = 0; i < t->count; i += VL) {
    uint32_t words[4][VL];
    float values[VL];
    start_words(t, i, words);
    for (int64_t j = 0; j < VL; j += VL_WIDE) {
      vd value = (upper_bits(words[0] + j, words[1] + j) * 0x1p-52 - 1.0) * t->scale;
      *(vf_half *)(values + j) = __builtin_convertvector(value, vf_half);
    }
    store_upto(t->out + i, load(values), t->count - i);
  }
}

#endif

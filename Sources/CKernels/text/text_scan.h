// The bytes that matter to a table's structure, 64 at a time.
#ifndef MTLC_KERNEL_TEXT_SCAN_H
#define MTLC_KERNEL_TEXT_SCAN_H

#include "mtlc_text.h"
#include "../support/simd.h"

typedef uint8_t text_bytes __attribute__((vector_size(16)));
typedef uint8_t text_any __attribute__((vector_size(16), aligned(1), may_alias));

/// Bits of the bytes among 64 that equal `wanted`.
INLINE uint64_t text_matches(const uint8_t *p, uint8_t wanted) {
#if defined(MTLC_AVX512)
  return _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(p), _mm512_set1_epi8((char)wanted));
#elif defined(MTLC_AVX2)
  __m256i w = _mm256_set1_epi8((char)wanted);
  uint32_t low = (uint32_t)_mm256_movemask_epi8(
      _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)p), w));
  uint32_t high = (uint32_t)_mm256_movemask_epi8(
      _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(p + 32)), w));
  return low | (uint64_t)high << 32;
#else
  uint64_t bits = 0;
  for (int part = 0; part < 4; part++) {
    text_bytes v = *(const text_any *)(p + 16 * part);
    text_bytes hits = (text_bytes)(v == (text_bytes){} + wanted) & 1;
    uint64_t words[2];
    memcpy(words, &hits, 16);
    // One bit a byte, gathered into the highest byte of a product.
    for (int half = 0; half < 2; half++)
      bits |= (words[half] * 0x0102040810204080ull >> 56) << (16 * part + 8 * half);
  }
  return bits;
#endif
}

/// Nonzero when one of 64 bytes is no ASCII character.
INLINE uint64_t text_high(const uint8_t *p) {
  uint64_t words[8], high = 0;
  memcpy(words, p, 64);
  for (int k = 0; k < 8; k++) high |= words[k];
  return high & 0x8080808080808080ull;
}

INLINE uint32_t *text_store(uint32_t *out, uint64_t bits, uint32_t position) {
#if defined(MTLC_AVX512)
  for (int part = 0; part < 4; part++) {
    __mmask16 mask = (__mmask16)(bits >> (16 * part));
    __m512i places = (__m512i)(lanes() + (int32_t)(position + 16 * part));
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi32(mask, places));
    out += __builtin_popcount(mask);
  }
  return out;
#else
  uint32_t *end = out + __builtin_popcountll(bits);
  // Eight at a time without looking at the count mispredict far less than one by one.
  while (bits) {
    for (int lane = 0; lane < 8; lane++) {
      out[lane] = position + (uint32_t)(bits ? __builtin_ctzll(bits) : 0);
      bits &= bits - 1;
    }
    out += 8;
  }
  return end;
#endif
}

#if defined(MTLC_AVX512)

/// Compresses the places as bytes, which is half the work where the processor can.
static __attribute__((target(
    "avx512vbmi2,avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,bmi,bmi2,popcnt,prfchw"))) void
text_scan_bytes(mtlc_text_scan_args *t) {
  uint32_t *out = t->positions;
  uint8_t order[64];
  for (int k = 0; k < 64; k++) order[k] = (uint8_t)k;
  const __m512i places = _mm512_loadu_si512(order);
  int64_t feeds = 0, quotes = 0;
  uint64_t high = 0;
  for (int64_t i = 0; i < t->length; i += 64) {
    const uint8_t *p = t->text + i;
    // Bytes behind the end may make this true, which costs a check and nothing else.
    high |= text_high(p);
    uint64_t feed = text_matches(p, '\n'), quote = text_matches(p, t->quote);
    uint64_t bits = feed | quote | text_matches(p, t->delimiter);
    if (__builtin_expect(i + 64 > t->length, 0)) {
      uint64_t inside = (1ull << (t->length - i)) - 1;
      feed &= inside;
      quote &= inside;
      bits &= inside;
    }
    feeds += __builtin_popcountll(feed);
    quotes += __builtin_popcountll(quote);
    const int64_t count = __builtin_popcountll(bits);
    const __m512i found = _mm512_maskz_compress_epi8(bits, places);
    const __m512i start = _mm512_set1_epi32((int32_t)i);
    _mm512_storeu_si512(
        out, _mm512_add_epi32(start, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(found))));
    if (__builtin_expect(count > 16, 0)) {
      uint8_t rest[64];
      _mm512_storeu_si512(rest, found);
      for (int64_t k = 16; k < count; k += 16)
        _mm512_storeu_si512(
            out + k, _mm512_add_epi32(start, _mm512_cvtepu8_epi32(
                                                 _mm_loadu_si128((const __m128i *)(rest + k)))));
    }
    out += count;
  }
  t->count = out - t->positions;
  t->feeds = feeds;
  t->quotes = quotes;
  t->high = high != 0;
}

#endif

static void text_scan_run(mtlc_text_scan_args *t) {
#if defined(MTLC_AVX512)
  if (__builtin_cpu_supports("avx512vbmi2")) {
    text_scan_bytes(t);
    return;
  }
#endif
  uint32_t *out = t->positions;
  int64_t feeds = 0, quotes = 0;
  uint64_t high = 0;
  for (int64_t i = 0; i < t->length; i += 64) {
    const uint8_t *p = t->text + i;
    // Bytes behind the end may make this true, which costs a check and nothing else.
    high |= text_high(p);
    uint64_t feed = text_matches(p, '\n'), quote = text_matches(p, t->quote);
    uint64_t bits = feed | quote | text_matches(p, t->delimiter);
    if (i + 64 > t->length) {
      uint64_t inside = (1ull << (t->length - i)) - 1;
      feed &= inside;
      quote &= inside;
      bits &= inside;
    }
    feeds += __builtin_popcountll(feed);
    quotes += __builtin_popcountll(quote);
    out = text_store(out, bits, (uint32_t)i);
  }
  t->count = out - t->positions;
  t->feeds = feeds;
  t->quotes = quotes;
  t->high = high != 0;
}

#endif

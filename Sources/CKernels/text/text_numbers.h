// Numbers of a column: read, summed up, scaled.
#ifndef MTLC_KERNEL_TEXT_NUMBERS_H
#define MTLC_KERNEL_TEXT_NUMBERS_H

#include "mtlc_text.h"
#include "../support/simd.h"

static const double text_powers[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                       1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                       1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/// Up to 8 bytes: digits with at most one point among them. 0: something else.
INLINE int text_short_number(const uint8_t *p, uint32_t n, double *value) {
  // The text at the high end, zeros before it.
  uint64_t x = mtlc_text_word(p) << (64 - 8 * n);
  x |= (0x3030303030303030ull >> (4 * n)) >> (4 * n);
  uint64_t d = x ^ 0x2E2E2E2E2E2E2E2Eull;
  uint64_t points = (d - 0x0101010101010101ull) & ~d & 0x8080808080808080ull;
  uint32_t fraction = 0;
  if (points) {
    if (n < 2) return 0;
    uint32_t bit = (uint32_t)__builtin_ctzll(points) - 7;
    fraction = 7 - bit / 8;
    uint64_t upto = (0xFFull << bit) | ((1ull << bit) - 1);
    x = (x & ~upto) | ((x << 8) & upto) | 0x30;
  }
  if (((x & 0xF0F0F0F0F0F0F0F0ull) ^ 0x3030303030303030ull) |
      (((x + 0x0606060606060606ull) & 0xF0F0F0F0F0F0F0F0ull) ^ 0x3030303030303030ull))
    return 0;
  x -= 0x3030303030303030ull;
  x = x * 10 + (x >> 8);
  x = ((x & 0x000000FF000000FFull) * 0x000F424000000064ull +
       ((x >> 16) & 0x000000FF000000FFull) * 0x0000271000000001ull) >>
      32;
  *value = (double)(uint32_t)x / text_powers[fraction];
  return 1;
}

/// mantissa · 10^exponent, correctly rounded; 0 when two doubles are too near to tell here.
INLINE int text_scale(uint64_t mantissa, int32_t exponent, double *value) {
  if (exponent < -22 || exponent > 22) return 0;
  double power = text_powers[exponent < 0 ? -exponent : exponent];
  if (mantissa <= 1ull << 53) {
    // Both are exact, so one operation rounds once.
    *value = exponent < 0 ? (double)mantissa / power : (double)mantissa * power;
    return 1;
  }
  // The result as a sum of two doubles, good to 2^-103: unambiguous if both ends round alike.
  double high = (double)mantissa, low = (double)(int64_t)(mantissa - (uint64_t)high);
  double head, tail;
  if (exponent < 0) {
    head = high / power;
    tail = (__builtin_fma(-head, power, high) + low) / power;
  } else {
    head = high * power;
    tail = __builtin_fma(high, power, -head) + low * power;
  }
  double slack = head * 0x1p-100;
  double up = head + (tail + slack), down = head + (tail - slack);
  *value = up;
  return up == down;
}

/// [+-] digits [. digits] [e [+-] digits]; 0: something else, or too hard.
static int text_number(const uint8_t *p, const uint8_t *end, double *value) {
  if (p == end) return 0;
  int negative = *p == '-';
  if (negative || *p == '+') p++;
  uint64_t mantissa = 0;
  const uint8_t *start = p;
  while (p < end && (uint8_t)(*p - '0') <= 9) mantissa = mantissa * 10 + (uint64_t)(*p++ - '0');
  int64_t digits = p - start;
  int64_t exponent = 0;
  if (p < end && *p == '.') {
    start = ++p;
    while (p < end && (uint8_t)(*p - '0') <= 9) mantissa = mantissa * 10 + (uint64_t)(*p++ - '0');
    exponent = start - p;
    digits -= exponent;
  }
  if (digits == 0 || digits > 19) return 0;
  if (p < end) {
    if ((*p | 0x20) != 'e') return 0;
    p++;
    int down = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+')) p++;
    if (p == end || end - p > 6) return 0;
    int64_t written = 0;
    for (; p < end; p++) {
      if ((uint8_t)(*p - '0') > 9) return 0;
      written = written * 10 + (*p - '0');
    }
    exponent += down ? -written : written;
  }
  if (mantissa == 0) {
    *value = negative ? -0.0 : 0.0;
    return 1;
  }
  if (exponent < -22 || exponent > 22 || !text_scale(mantissa, (int32_t)exponent, value)) return 0;
  if (negative) *value = -*value;
  return 1;
}

static int64_t text_numbers_run(mtlc_text_numbers_args *t, int64_t first, int64_t last) {
#pragma clang fp contract(off)
  const mtlc_text_fields fields = t->fields;
  const uint64_t lengths = t->marker_lengths;
  double *values = t->values;
  for (int64_t row = first; row < last; row++) {
    mtlc_text_range range = mtlc_text_field(&fields, row);
    const uint8_t *p = fields.text + range.start;
    uint32_t n = range.end - range.start;
    double *value = &values[row];
    if (__builtin_expect(lengths >> (n < 63 ? n : 63) & 1, 0)) {
      if (n > 8) return row;
      uint64_t word = mtlc_text_word(p) & ~(~0ull << (4 * n) << (4 * n));
      int64_t m = 0;
      while (m < t->marker_count &&
             (t->markers[m].word != word || t->markers[m].length != n))
        m++;
      if (m < t->marker_count) {
        *value = __builtin_nan("");
        continue;
      }
    }
    uint32_t digit = (uint32_t)*p - '0';
    if (n == 1 && digit <= 9) {
      *value = digit;
      continue;
    }
    // A minus sign first is common enough; anything else takes the longer way.
    uint32_t negative = n > 1 && *p == '-';
    if (n - negative - 1 < 8 && text_short_number(p + negative, n - negative, value)) {
      *value = negative ? -*value : *value;
      continue;
    }
    if (!text_number(p, p + n, value)) return row;
  }
  return last;
}

/// Eight sums side by side on every machine, whatever its vectors: the order is part of the result.
enum { LANES = 8 };

static void text_moments_run(const double *values, int64_t count, mtlc_text_moments *out) {
#pragma clang fp contract(off)
  double sums[LANES] = {0}, squares[LANES] = {0}, present[LANES] = {0};
  double low[LANES], high[LANES];
  for (int l = 0; l < LANES; l++) low[l] = __builtin_inf(), high[l] = -__builtin_inf();
  double last[LANES];
  for (int l = 0; l < LANES; l++)
    last[l] = l < count % LANES ? values[count / LANES * LANES + l] : __builtin_nan("");
  int64_t blocks = ceil_div(count, LANES);
  for (int64_t b = 0; b < blocks; b++) {
    const double *v = (b + 1) * LANES <= count ? values + b * LANES : last;
    // A missing value is unequal to itself, and neither below nor above any other.
    for (int l = 0; l < LANES; l++) {
      sums[l] += v[l] == v[l] ? v[l] : 0;
      present[l] += v[l] == v[l] ? 1 : 0;
      low[l] = v[l] < low[l] ? v[l] : low[l];
      high[l] = v[l] > high[l] ? v[l] : high[l];
    }
  }
  *out = (mtlc_text_moments){0};
  double sum = 0, counted = 0;
  out->minimum = low[0];
  out->maximum = high[0];
  for (int l = 0; l < LANES; l++) {
    counted += present[l];
    sum += sums[l];
    out->minimum = low[l] < out->minimum ? low[l] : out->minimum;
    out->maximum = high[l] > out->maximum ? high[l] : out->maximum;
  }
  out->count = (int64_t)counted;
  if (out->count == 0) {
    *out = (mtlc_text_moments){0};
    return;
  }
  double mean = out->mean = sum / counted;
  for (int64_t b = 0; b < blocks; b++) {
    const double *v = (b + 1) * LANES <= count ? values + b * LANES : last;
    for (int l = 0; l < LANES; l++) {
      double d = v[l] == v[l] ? v[l] - mean : 0;
      squares[l] += d * d;
    }
  }
  for (int l = 0; l < LANES; l++) out->squares += squares[l];
}

static void text_normalize_run(const double *values, int64_t count, double offset, double scale,
                               float missing, float *cells, int64_t stride) {
#pragma clang fp contract(off)
  const double most = 3.4028234663852886e38;
  for (int64_t r = 0; r < count; r++) {
    double y = (values[r] - offset) * scale;
    y = y > most ? most : y < -most ? -most : y;
    // Of an infinity times 0 nothing is known; the cell takes what a missing one does.
    cells[r * stride] = y == y ? (float)y : missing;
  }
}

static void text_rescale_run(float *cells, int64_t count, const mtlc_text_scales *s) {
#pragma clang fp contract(off)
  const double most = 3.4028234663852886e38;
  const double *offsets = s->offsets, *scales = s->scales;
  const float *missing = s->missing;
  for (int64_t start = 0; start < count; start += s->count) {
    float *cell = cells + start;
    int64_t n = min_int(s->count, count - start);
#pragma clang loop vectorize(enable)
    for (int64_t k = 0; k < n; k++) {
      double y = ((double)cell[k] - offsets[k]) * scales[k];
      y = y > most ? most : y < -most ? -most : y;
      cell[k] = y == y ? (float)y : missing[k];
    }
  }
}

#endif

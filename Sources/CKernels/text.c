#include "mtlc_text.h"

#include "table.h"

void mtlc_text_scan(mtlc_text_scan_args *args) { mtlc_table()->text_scan(args); }

int64_t mtlc_text_tokens(mtlc_text_tokens_args *args, int64_t first, int64_t last) {
  return mtlc_table()->text_tokens(args, first, last);
}

int64_t mtlc_text_translate(int32_t *cells, int64_t count, int64_t stride, const int32_t *ids) {
  int64_t zeros = 0;
  for (int64_t k = 0; k < count; k++) {
    int32_t *cell = cells + k * stride;
    if (__builtin_expect(*cell < 0, 0)) continue;
    int32_t id = ids[*cell];
    zeros += id == 0;
    *cell = id;
  }
  return zeros;
}

int64_t mtlc_text_translate_bytes(uint8_t *cells, int64_t count, int64_t stride,
                                  const uint8_t *ids) {
  int64_t zeros = 0;
  for (int64_t k = 0; k < count; k++) {
    uint8_t id = ids[cells[k * stride]];
    zeros += id == 0;
    cells[k * stride] = id;
  }
  return zeros;
}

int64_t mtlc_text_numbers(mtlc_text_numbers_args *args, int64_t first, int64_t last) {
  return mtlc_table()->text_numbers(args, first, last);
}

void mtlc_text_moments_of(const double *values, int64_t count, mtlc_text_moments *moments) {
  mtlc_table()->text_moments(values, count, moments);
}

int32_t mtlc_text_keep(const double *values, int64_t count, float *cells, int64_t stride) {
  int32_t exact = 1;
  for (int64_t r = 0; r < count; r++) {
    // Numbers beyond the range of a float have no float at all.
    double v = values[r] < -3.4028234663852886e38  ? 0
               : values[r] > 3.4028234663852886e38 ? 0
                                                   : values[r];
    float cell = (float)v;
    cells[r * stride] = cell;
    exact &= ((double)cell == values[r]) | (values[r] != values[r]);
  }
  return exact;
}

void mtlc_text_normalize(const double *values, int64_t count, double offset, double scale,
                         float missing, float *cells, int64_t stride) {
  mtlc_table()->text_normalize(values, count, offset, scale, missing, cells, stride);
}

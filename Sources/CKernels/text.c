#include "mtlc_text.h"

#include "table.h"

void mtlc_text_scan(mtlc_text_scan_args *args) { mtlc_table()->text_scan(args); }

int64_t mtlc_text_tokens(mtlc_text_tokens_args *args, int64_t first, int64_t last) {
  return mtlc_table()->text_tokens(args, first, last);
}

int64_t mtlc_text_numbers(mtlc_text_numbers_args *args, int64_t first, int64_t last) {
  return mtlc_table()->text_numbers(args, first, last);
}

void mtlc_text_moments_of(const double *values, int64_t count, mtlc_text_moments *moments) {
  mtlc_table()->text_moments(values, count, moments);
}

void mtlc_text_normalize(const double *values, int64_t count, double offset, double scale,
                         float missing, float *cells, int64_t stride) {
  mtlc_table()->text_normalize(values, count, offset, scale, missing, cells, stride);
}

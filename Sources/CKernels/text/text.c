#include "mtlc_text.h"

#include "../isa/kernel_table.h"

void mtlc_text_scan(mtlc_text_scan_args *args) { mtlc_table()->text_scan(args); }

int64_t mtlc_text_tokens(mtlc_text_tokens_args *args, int64_t first, int64_t last) {
  return mtlc_table()->text_tokens(args, first, last);
}

/// Bytes of text that stay in the first cache beside what else is read.
enum { TILE_BYTES = 24 << 10 };

/// Asks for memory that another core wrote, line by line from one end to the other: asked for field
/// by field it would take many times as long.
static void fetch(const void *from, const void *to) {
  for (const char *p = from; p < (const char *)to; p += 64) __builtin_prefetch(p, 0, 2);
}

void mtlc_text_columns(mtlc_text_column *columns, int64_t count, int64_t first, int64_t last,
                       int32_t fetches) {
  for (int64_t k = 0; k < count; k++) columns[k].row = first;
  if (count == 0 || first >= last) return;
  const mtlc_text_fields *f =
      columns[0].tokens ? &columns[0].tokens->fields : &columns[0].numbers->fields;
  int64_t bytes = (int64_t)f->ends[(last - 1) * f->stride] - f->ends[first * f->stride];
  int64_t tile = (last - first) * TILE_BYTES / (bytes > 0 ? bytes : 1);
  tile = tile < 32 ? 32 : tile > 512 ? 512 : tile;
  for (int64_t start = first; start < last; start += tile) {
    int64_t end = start + tile < last ? start + tile : last;
    // Of the next rows all but the last few bytes, while these are worked on.
    int64_t next = end + tile < last ? end + tile : last;
    const uint32_t *from = f->ends + end * f->stride, *to = f->ends + (next - 1) * f->stride;
    for (int64_t k = 0; k < count; k++) {
      mtlc_text_column *column = &columns[k];
      if (fetches && end < next) {
        if (k == 0) fetch(from, to);
        int64_t part = ((int64_t)*to - *from) / count;
        const uint8_t *text = f->text + *from + part * k;
        fetch(text, text + part);
      }
      if (column->row != start) continue;
      column->row = column->tokens ? mtlc_text_tokens(column->tokens, start, end)
                                   : mtlc_text_numbers(column->numbers, start, end);
    }
  }
}

static int64_t settle_words(int32_t *cells, int64_t rows, int64_t stride, int64_t width,
                            const int32_t *ids) {
  int64_t zeros = 0;
  for (int64_t r = 0; r < rows; r++)
    for (int64_t k = 0; k < width; k++) {
      int32_t *cell = cells + r * stride + k;
      if (__builtin_expect(*cell < 0, 0)) continue;
      int32_t id = ids[*cell];
      zeros += id == 0;
      *cell = id;
    }
  return zeros;
}

static int64_t settle_bytes(uint8_t *cells, int64_t rows, int64_t stride, const uint8_t *ids) {
  int64_t zeros = 0;
  for (int64_t r = 0; r < rows; r++) {
    uint8_t id = ids[cells[r * stride]];
    zeros += id == 0;
    cells[r * stride] = id;
  }
  return zeros;
}

void mtlc_text_settle(mtlc_text_settling *columns, int64_t count, int64_t first, int64_t last) {
  for (int64_t k = 0; k < count; k++) {
    mtlc_text_settling *c = &columns[k];
    int64_t start = first * c->stride;
    c->zeros += c->bytes
                    ? settle_bytes(c->bytes + start, last - first, c->stride, c->byte_ids)
                    : settle_words(c->cells + start, last - first, c->stride, c->width, c->ids);
  }
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

void mtlc_text_rescale(float *cells, int64_t count, const mtlc_text_scales *scales) {
  mtlc_table()->text_rescale(cells, count, scales);
}

// Convolutions of images with few channels, such as the first layer's. A few rows of an image are
// copied with the zeros around them; then a row of the filter meets numbers that lie side by side.
#ifndef MTLC_KERNEL_CONVOLUTION_FEW_CHANNELS_H
#define MTLC_KERNEL_CONVOLUTION_FEW_CHANNELS_H

#include "convolution_cut.h"
#include "convolution_micro.h"
#include "convolution_runs.h"
#include "../matmul/matmul_pack.h"

enum {
  CONV_FEW_RUNS = 64,
  /// Pixels of the result that all rows of the filter look at before the next ones.
  CONV_FEW_PIXELS = 112,
};

/// How many rows of the result one copy serves.
static int64_t conv_few_rows(const mtlc_convolution_args *t) {
  int64_t fit = CONV_FEW_FLOATS / ((t->x.width + 2 * t->padding) * t->x.channels);
  return (fit - t->filter_height) / t->stride + 1;
}

/// Copies what rows [first, first + rows) of an image's result look at.
static void conv_few_copy(const mtlc_convolution_args *t, int64_t n, int64_t first, int64_t rows,
                          float *to) {
  const mtlc_images *x = &t->x;
  int64_t edge = t->padding * x->channels, start = t->stride * first - t->padding;
  int64_t count = t->stride * (rows - 1) + t->filter_height;
  for (int64_t r = start; r < start + count; r++) {
    int64_t inside = r >= 0 && r < x->height;
    const float *pixel = x->data + n * x->image_stride + (inside ? r : 0) * x->row_stride;
    for (int64_t c = 0; c < edge; c++) *to++ = 0;
    for (int64_t j = 0; j < x->width; j++, pixel += x->pixel_stride)
      for (int64_t c = 0; c < x->channels; c++) *to++ = inside ? pixel[c] : 0;
    for (int64_t c = 0; c < edge; c++) *to++ = 0;
  }
}

/// The pixels of a tile of registers: what they look at and where their sums go. The filter's rows
/// are `width` numbers each and meet the copy `step` numbers apart.
typedef struct {
  const float *from[CONV_ROWS];
  float *to[CONV_ROWS];
  const float *filter;
  int64_t height, width, step, columns;
} conv_few_tile;

typedef void conv_few_kernel(const conv_few_tile *tile);

INLINE void conv_few(const int vectors, const conv_few_tile *t) {
  vf sum[CONV_ROWS][CONV_VECTORS];
  const float *from[CONV_ROWS], *b = t->filter;
#pragma clang loop unroll(full)
  for (int i = 0; i < CONV_ROWS; i++) {
    from[i] = t->from[i];
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) sum[i][j] = (vf){0};
  }
  for (int64_t a = 0; a < t->height; a++) {
    for (int64_t p = 0; p < t->width; p++, b += CONV_COLUMNS) {
      vf panel[CONV_VECTORS];
#pragma clang loop unroll(full)
      for (int j = 0; j < vectors; j++) panel[j] = load(b + j * VL);
#pragma clang loop unroll(full)
      for (int i = 0; i < CONV_ROWS; i++) {
        vf x = splat(from[i][p]);
#pragma clang loop unroll(full)
        for (int j = 0; j < vectors; j++) sum[i][j] += x * panel[j];
      }
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < CONV_ROWS; i++) from[i] += t->step;
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < CONV_ROWS; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++)
      store_upto(t->to[i] + j * VL, sum[i][j], t->columns - j * VL);
}

static void conv_few_1(const conv_few_tile *t) { conv_few(1, t); }
static void conv_few_2(const conv_few_tile *t) { conv_few(2, t); }
#if defined(MTLC_AVX512) || defined(__aarch64__)
static void conv_few_3(const conv_few_tile *t) { conv_few(3, t); }
static void conv_few_4(const conv_few_tile *t) { conv_few(4, t); }
static conv_few_kernel *const conv_few_kernels[] = {conv_few_1, conv_few_2, conv_few_3, conv_few_4};
#else
static conv_few_kernel *const conv_few_kernels[] = {conv_few_1, conv_few_2};
#endif

/// Pixels [first, last) of the result, all of one image and of rows that one copy serves.
static void conv_few_pixels(const mtlc_convolution_args *t, int64_t first, int64_t last) {
  float copy[CONV_FEW_FLOATS], packed[CONV_GATHERED * CONV_COLUMNS];
  int64_t channels = t->x.channels, pixels = t->y.height * t->y.width, n = first / pixels;
  int64_t row = first % pixels / t->y.width, rows = (last - 1) % pixels / t->y.width - row + 1;
  conv_few_copy(t, n, row, rows, copy);
  conv_few_tile tile = {
      .filter = packed,
      .height = t->filter_height,
      .width = t->filter_width * channels,
      .step = (t->x.width + 2 * t->padding) * channels,
  };
  for (int64_t j = 0; j < t->y.channels; j += CONV_COLUMNS) {
    tile.columns = min_int(CONV_COLUMNS, t->y.channels - j);
    pack_plain(t->filter + j, t->filter_channel_stride, tile.height * tile.width, tile.columns,
               packed, CONV_COLUMNS);
    conv_few_kernel *kernel = conv_few_kernels[ceil_div(tile.columns, VL) - 1];
    for (int64_t p = first; p < last; p += CONV_ROWS) {
      for (int64_t i = 0; i < CONV_ROWS; i++) {
        // Registers that are left over repeat the last pixel.
        int64_t q = min_int(p + i, last - 1) % pixels, r = q / t->y.width, c = q % t->y.width;
        tile.from[i] = copy + t->stride * ((r - row) * tile.step + c * channels);
        tile.to[i] = t->y.data + n * t->y.image_stride + r * t->y.row_stride +
                     c * t->y.pixel_stride + j;
      }
      kernel(&tile);
    }
  }
}

static void conv_few_run(const mtlc_convolution_args *t, int64_t first, int64_t last) {
  int64_t rows = conv_few_rows(t), pixels = t->y.height * t->y.width;
  while (first < last) {
    int64_t row = first % pixels / t->y.width;
    int64_t end = first - first % pixels + min_int(t->y.height, row + rows) * t->y.width;
    int64_t stop = min_int(last, end);
    conv_few_pixels(t, first, stop);
    first = stop;
  }
}

/// Rows [begin, end) of the filter's gradient, its rows being places and channels together.
static void conv_few_filter_run(const mtlc_convolution_args *t, int64_t begin, int64_t end) {
  float copy[CONV_FEW_FLOATS];
  conv_run runs[CONV_FEW_RUNS];
  int64_t channels = t->x.channels, width = t->filter_width * channels;
  int64_t step = (t->x.width + 2 * t->padding) * channels;
  int64_t most = max_int(1, min_int(CONV_FEW_RUNS, CONV_FEW_PIXELS / max_int(1, t->y.width)));
  most = min_int(most, conv_few_rows(t));
  int32_t resume = 0;
  for (int64_t n = 0; n < t->count || n == 0; n++) {
    for (int64_t i = 0; i < t->y.height; i += most) {
      int64_t rows = n < t->count ? min_int(most, t->y.height - i) : 0;
      if (rows) conv_few_copy(t, n, i, rows, copy);
      for (int64_t a = 0; a < t->filter_height; a++) {
        int64_t from = max_int(begin, a * width), to = min_int(end, (a + 1) * width);
        if (from >= to) continue;
        for (int64_t r = 0; r < rows; r++)
          runs[r] = (conv_run){
              .x = copy + (t->stride * r + a) * step,
              .y = t->y.data + n * t->y.image_stride + (i + r) * t->y.row_stride,
              .count = t->y.width};
        conv_runs_product(runs, rows, from - a * width, to - from, t->stride * channels,
                          t->y.channels, t->y.pixel_stride,
                          t->filter + from * t->filter_channel_stride, t->filter_channel_stride,
                          resume);
      }
      resume = 1;
    }
  }
}

#endif

// The gradient of the filter: for each of its places the product of the pixels of the image,
// transposed, with those of the result's cotangent. Pixels are taken a few rows at a time, small
// enough to stay in the first-level cache while all places of the filter look at them.
#ifndef MTLC_KERNEL_CONVOLUTION_FILTER_H
#define MTLC_KERNEL_CONVOLUTION_FILTER_H

#include "convolution_cut.h"
#include "convolution_few_channels.h"
#include "convolution_runs.h"

enum {
  CONV_RUNS = 64,
  /// Pixels of the result that are taken at once.
  CONV_FILTER_PIXELS = 64,
};

/// Some rows of the result: row numbers count through all images.
typedef struct {
  int64_t first, count;
} conv_rows_range;

/// The pixels of those rows that meet the image at place (a, b) of the filter.
static int64_t conv_runs_of(const mtlc_convolution_args *t, conv_rows_range range, int64_t a,
                            int64_t b, conv_run *runs) {
  // s j + b - p lies in the image for j in [begin, end).
  int64_t shift = b - t->padding, begin = shift < 0 ? ceil_div(-shift, t->stride) : 0;
  int64_t room = t->x.width - shift;
  int64_t end = room <= 0 ? 0 : min_int(t->y.width, ceil_div(room, t->stride));
  int64_t count = 0;
  if (begin >= end) return 0;
  for (int64_t r = range.first; r < range.first + range.count; r++) {
    int64_t n = r / t->y.height, i = r % t->y.height;
    int64_t row = t->stride * i + a - t->padding;
    if (row < 0 || row >= t->x.height) continue;
    runs[count++] = (conv_run){
        .x = t->x.data + n * t->x.image_stride + row * t->x.row_stride +
             (t->stride * begin + shift) * t->x.pixel_stride,
        .y = t->y.data + n * t->y.image_stride + i * t->y.row_stride + begin * t->y.pixel_stride,
        .count = end - begin};
  }
  return count;
}

static void conv_filter_run(const mtlc_convolution_args *t, int64_t first, int64_t last) {
  conv_run runs[CONV_RUNS];
  int64_t rows = t->count * t->y.height, blocks = ceil_div(t->x.channels, CONV_CHANNELS);
  // Whole rows.
  int64_t step = max_int(1, min_int(CONV_RUNS, CONV_FILTER_PIXELS / max_int(1, t->y.width)));
  if (conv_gathers(t)) {
    int64_t numbers = t->filter_height * t->filter_width * t->x.channels;
    conv_few_filter_run(t, first * CONV_CHANNELS, min_int(numbers, last * CONV_CHANNELS));
    return;
  }
  for (int64_t r = 0; r < rows || r == 0; r += step) {
    conv_rows_range range = {.first = r, .count = min_int(step, rows - r)};
    for (int64_t tile = first; tile < last;) {
      int64_t place = tile / blocks, a = place / t->filter_width, b = place % t->filter_width;
      int64_t block = tile % blocks, stop = min_int(blocks, block + last - tile);
      int64_t channel = block * CONV_CHANNELS;
      int64_t channels = min_int(t->x.channels, stop * CONV_CHANNELS) - channel;
      int64_t count = conv_runs_of(t, range, a, b, runs);
      if (count || r == 0)
        conv_runs_product(runs, count, channel, channels, t->stride * t->x.pixel_stride,
                          t->y.channels, t->y.pixel_stride,
                          t->filter + a * t->filter_row_stride + b * t->filter_column_stride +
                              channel * t->filter_channel_stride,
                          t->filter_channel_stride, r > 0);
      tile += stop - block;
    }
  }
}

#endif

// How convolutions and pooling are cut into tiles: from sizes alone, the same for every variant.
#ifndef MTLC_KERNEL_CONVOLUTION_CUT_H
#define MTLC_KERNEL_CONVOLUTION_CUT_H

#include "mtlc_convolution.h"

enum {
  /// Pixels whose sums wait in a buffer of the first-level cache while filter places are gone
  /// through. A whole number of register tiles in every variant.
  CONV_PIXELS = 96,
  /// Channels of the image that a tile of the filter's gradient covers.
  CONV_CHANNELS = 24,
  /// Fewer channels are copied first.
  CONV_FEW_CHANNELS = 8,
  /// The most values under the filter of one pixel for that.
  CONV_GATHERED = 128,
  /// Numbers of the image that are copied at once then.
  CONV_FEW_FLOATS = 4096,
};

/// Whether rows of the image are copied with the zeros around them before they are multiplied.
static inline int conv_gathers(const mtlc_convolution_args *t) {
  return t->x.channels < CONV_FEW_CHANNELS &&
         t->filter_height * t->filter_width * t->x.channels <= CONV_GATHERED &&
         t->filter_height * (t->x.width + 2 * t->padding) * t->x.channels <= CONV_FEW_FLOATS &&
         t->filter_column_stride == t->x.channels * t->filter_channel_stride &&
         t->filter_row_stride == t->filter_width * t->filter_column_stride;
}

static inline int64_t conv_tiles(const mtlc_convolution_args *t) {
  int64_t pixels = 0, channels = t->x.channels;
  switch (t->kind) {
    case MTLC_CONVOLUTION_FORWARD:
      pixels = t->count * t->y.height * t->y.width;
      break;
    case MTLC_CONVOLUTION_INPUT_GRADIENT:
      pixels = t->count * t->x.height * t->x.width;
      break;
    case MTLC_CONVOLUTION_FILTER_GRADIENT:
      if (conv_gathers(t))
        return (t->filter_height * t->filter_width * channels + CONV_CHANNELS - 1) / CONV_CHANNELS;
      return t->filter_height * t->filter_width * ((channels + CONV_CHANNELS - 1) / CONV_CHANNELS);
  }
  return (pixels + CONV_PIXELS - 1) / CONV_PIXELS;
}

#endif

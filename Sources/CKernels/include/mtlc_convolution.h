#ifndef MTLC_CONVOLUTION_H
#define MTLC_CONVOLUTION_H

#include <stdint.h>

#include "mtlc_enum.h"

/// Images [count, height, width, channels]: neighbouring channels are adjacent.
typedef struct mtlc_images {
  float *data;
  int64_t height, width, channels;
  int64_t image_stride, row_stride, pixel_stride;
} mtlc_images;

typedef enum mtlc_convolution_kind {
  MTLC_CONVOLUTION_FORWARD,          ///< y from x and filter
  MTLC_CONVOLUTION_INPUT_GRADIENT,   ///< x from filter and y
  MTLC_CONVOLUTION_FILTER_GRADIENT,  ///< filter from x and y
} mtlc_convolution_kind;

enum { MTLC_CONVOLUTION_COUNT = MTLC_CONVOLUTION_FILTER_GRADIENT + 1 };

/// The sum over x[n, s i + a - p, s j + b - p, c] · filter[a, b, c, o] · y[n, i, j, o], where x is
/// zero outside the image: the one of the three that `kind` names is computed from the others.
typedef struct mtlc_convolution_args {
  int64_t count;  ///< Extent: images.
  mtlc_convolution_kind kind;
  int32_t reserved;
  int64_t stride, padding;
  mtlc_images x, y;
  float *filter;  ///< [filter_height, filter_width, x.channels, y.channels]
  int64_t filter_height, filter_width;
  int64_t filter_row_stride, filter_column_stride, filter_channel_stride;
} mtlc_convolution_args;

int64_t mtlc_convolution_tiles(const mtlc_convolution_args *args);
void mtlc_convolution_run(const mtlc_convolution_args *args, int64_t first, int64_t last);

typedef enum mtlc_pool_kind {
  MTLC_POOL_INDICES,  ///< indices of the largest elements of x's windows; y too unless it is NULL
  MTLC_POOL_GATHER,   ///< y from x and indices
  MTLC_POOL_SCATTER,  ///< x from indices and y
} mtlc_pool_kind;

enum { MTLC_POOL_COUNT = MTLC_POOL_SCATTER + 1 };

/// Square windows over x without padding. An index counts the places of a window row by row; one
/// outside of it is taken for 0.
typedef struct mtlc_pool_args {
  int64_t count;  ///< Extent: images.
  mtlc_pool_kind kind;
  int32_t reserved;
  int64_t window, stride;
  mtlc_images x, y;
  int32_t *indices;  ///< As y, with strides of its own.
  int64_t index_image_stride, index_row_stride, index_pixel_stride;
} mtlc_pool_args;

int64_t mtlc_pool_tiles(const mtlc_pool_args *args);
void mtlc_pool_run(const mtlc_pool_args *args, int64_t first, int64_t last);

#endif

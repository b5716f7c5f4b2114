// Convolutions as sums of small matrix products, one per place of the filter. The rows of the left
// factor are pixels, wherever they lie; pixels outside the image are rows of zeros.
#ifndef MTLC_KERNEL_CONVOLUTION_H
#define MTLC_KERNEL_CONVOLUTION_H

#include "convolution_cut.h"
#include "convolution_filter.h"
#include "convolution_micro.h"
#include "../matmul/matmul_pack.h"

enum {
  /// Channels taken at once: a panel of the filter stays in the first-level cache.
  CONV_DEPTH = 64,
};

static const float conv_zeros[CONV_DEPTH];

/// Where the sums of a pixel come from.
typedef struct {
  const float *image;
  int64_t row, column;
} conv_place;

/// The pixels of a tile.
typedef struct {
  int64_t count;
  conv_place places[CONV_PIXELS];
} conv_block;

/// Pixels [first, first + count) of images of `height` × `width`; the row and the column that the
/// filter's first place meets in `from`.
static void conv_block_of(conv_block *block, const mtlc_images *from, int64_t first, int64_t count,
                          int64_t height, int64_t width, int64_t scale, int64_t shift) {
  block->count = count;
  int64_t n = first / (height * width), i = first / width % height, j = first % width;
  for (int64_t p = 0; p < count; p++) {
    block->places[p] = (conv_place){.image = from->data + n * from->image_stride,
                                    .row = scale * i + shift,
                                    .column = scale * j + shift};
    if (++j == width) {
      j = 0;
      if (++i == height) i = 0, n++;
    }
  }
}

/// The pixel that place (a, b) of the filter meets, zeros outside the image.
INLINE const float *conv_pixel(const mtlc_images *from, const conv_place *place, int64_t a,
                               int64_t b) {
  int64_t row = place->row + a, column = place->column + b;
  if ((uint64_t)row >= (uint64_t)from->height || (uint64_t)column >= (uint64_t)from->width)
    return 0;
  return place->image + row * from->row_stride + column * from->pixel_stride;
}

/// The same for the way back: the pixel of the result that adds to this one through (a, b).
INLINE const float *conv_back_pixel(const mtlc_images *from, const conv_place *place, int64_t a,
                                    int64_t b, int64_t stride) {
  int64_t row = place->row - a, column = place->column - b;
  if (row < 0 || column < 0) return 0;
  if (stride != 1) {
    if (row % stride || column % stride) return 0;
    row /= stride, column /= stride;
  }
  if (row >= from->height || column >= from->width) return 0;
  return place->image + row * from->row_stride + column * from->pixel_stride;
}

/// sums (+)= the rows of all pixels times one panel. A tile of which no pixel lies inside is left
/// as it is, once it holds something.
static void conv_panel(const float *const *rows, const uint8_t *inside, int64_t count,
                       const float *b, int64_t ldb, int64_t k, int64_t vectors, float *sums,
                       int32_t resume) {
  for (int64_t r = 0; r < count; r += CONV_ROWS) {
    int64_t tile = min_int(CONV_ROWS, count - r);
    if (resume && inside && !inside[r / CONV_ROWS]) continue;
    conv_rows_kernels[vectors - 1][tile - 1](rows + r, b, ldb, k, sums + r * CONV_COLUMNS, resume);
  }
}

/// Writes the sums of a block to the pixels [first, first + count) of `to`.
static void conv_store(const mtlc_images *to, int64_t first, int64_t count, int64_t column,
                       int64_t columns, const float *sums) {
  int64_t n = first / (to->height * to->width), i = first / to->width % to->height,
          j = first % to->width;
  for (int64_t p = 0; p < count; p++, sums += CONV_COLUMNS) {
    float *pixel = to->data + n * to->image_stride + i * to->row_stride + j * to->pixel_stride;
    for (int64_t c = 0; c < columns; c += VL)
      store_upto(pixel + column + c, load(sums + c), columns - c);
    if (++j == to->width) {
      j = 0;
      if (++i == to->height) i = 0, n++;
    }
  }
}

/// A tile of the result, or of the image when `back` is set.
static void conv_tile(const mtlc_convolution_args *t, int back, int64_t first, int64_t count) {
  conv_block block;
  float sums[CONV_PIXELS * CONV_COLUMNS], packed[CONV_DEPTH * CONV_COLUMNS];
  const float *rows[CONV_PIXELS];
  uint8_t inside[CONV_PIXELS];
  const mtlc_images *from = back ? &t->y : &t->x, *to = back ? &t->x : &t->y;
  conv_block_of(&block, from, first, count, to->height, to->width, back ? 1 : t->stride,
                back ? t->padding : -t->padding);
  for (int64_t j = 0; j < to->channels; j += CONV_COLUMNS) {
    int64_t columns = min_int(CONV_COLUMNS, to->channels - j), vectors = ceil_div(columns, VL);
    int32_t resume = 0;
    for (int64_t a = 0; a < t->filter_height; a++)
      for (int64_t b = 0; b < t->filter_width; b++) {
        const float *matrix =
            t->filter + a * t->filter_row_stride + b * t->filter_column_stride;
        for (int64_t r = 0; r < count; r += CONV_ROWS) inside[r / CONV_ROWS] = 0;
        for (int64_t p = 0; p < count; p++) {
          rows[p] = back ? conv_back_pixel(from, &block.places[p], a, b, t->stride)
                         : conv_pixel(from, &block.places[p], a, b);
          if (rows[p]) inside[p / CONV_ROWS] = 1;
        }
        for (int64_t k = 0; k < from->channels; k += CONV_DEPTH) {
          int64_t depth = min_int(CONV_DEPTH, from->channels - k), ld = CONV_COLUMNS;
          const float *panel = packed;
          if (back) {
            pack_transposed(matrix + j * t->filter_channel_stride + k, t->filter_channel_stride,
                            depth, columns, packed, CONV_COLUMNS);
          } else if (columns % VL) {
            pack_plain(matrix + k * t->filter_channel_stride + j, t->filter_channel_stride, depth,
                       columns, packed, CONV_COLUMNS);
          } else {
            panel = matrix + k * t->filter_channel_stride + j, ld = t->filter_channel_stride;
          }
          const float *at[CONV_PIXELS];
          for (int64_t p = 0; p < count; p++) at[p] = rows[p] ? rows[p] + k : conv_zeros;
          conv_panel(at, inside, count, panel, ld, depth, vectors, sums, resume);
          resume = 1;
        }
      }
    conv_store(to, first, count, j, columns, sums);
  }
}

static void convolution_run(const mtlc_convolution_args *t, int64_t first, int64_t last) {
  if (t->kind == MTLC_CONVOLUTION_FILTER_GRADIENT) {
    conv_filter_run(t, first, last);
    return;
  }
  int back = t->kind == MTLC_CONVOLUTION_INPUT_GRADIENT;
  const mtlc_images *to = back ? &t->x : &t->y;
  int64_t pixels = t->count * to->height * to->width;
  if (!back && conv_gathers(t)) {
    conv_few_run(t, first * CONV_PIXELS, min_int(pixels, last * CONV_PIXELS));
    return;
  }
  for (int64_t tile = first; tile < last; tile++) {
    int64_t start = tile * CONV_PIXELS, count = min_int(CONV_PIXELS, pixels - start);
    conv_tile(t, back, start, count);
  }
}

#endif

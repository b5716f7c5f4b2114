// The filter's gradient on tiles: positions are what is summed over, and the sums lie turned over,
// a row per unit. Tiles take neighbouring positions in pairs, so that the image is there twice:
// in pairs that begin at even and at odd positions. At positions of zeros the cotangent is zero.
#ifndef MTLC_KERNEL_CONVOLUTION_AMX_FILTER_H
#define MTLC_KERNEL_CONVOLUTION_AMX_FILTER_H

#include "convolution_amx_pixels.h"

enum {
  CONV_AMX_STEPS = 4,  // Tiles of positions that are taken at once.
  CONV_AMX_SPAN = CONV_AMX_STEPS * AMX_DEPTH,
  /// Positions of the image that they meet.
  CONV_AMX_MEETS = CONV_AMX_SPAN + 2 * CONV_AMX_REACH,
};

/// The image in parts: for each tile of channels and part a row of pairs per two positions.
static void conv_amx_pairs(const float *const *pixels, int64_t pairs, int64_t channels, vu *to) {
  for (int64_t c = 0; c < channels; c += AMX_SIDE, to += AMX_PARTS * pairs)
    for (int64_t p = 0; p < pairs; p++) {
      const float *x = pixels[2 * p], *y = pixels[2 * p + 1];
      vu cells[AMX_PARTS];
      split_rows(x ? load(x + c) : (vf){0}, y ? load(y + c) : (vf){0}, cells);
#pragma clang loop unroll(full)
      for (int q = 0; q < AMX_PARTS; q++) to[q * pairs + p] = cells[q];
    }
}

/// Some places and channels of the filter's gradient.
typedef struct {
  int64_t place, channel, channels;
} conv_amx_part;

/// The parts that tiles [first, last) of the cut ask for: at most one per place.
static int64_t conv_amx_parts(const mtlc_convolution_args *t, int64_t first, int64_t last,
                              conv_amx_part *parts) {
  int64_t blocks = ceil_div(t->x.channels, CONV_CHANNELS), count = 0;
  while (first < last) {
    int64_t block = first % blocks, stop = min_int(blocks, block + last - first);
    int64_t begin = block * CONV_CHANNELS, end = min_int(t->x.channels, stop * CONV_CHANNELS);
    parts[count++] = (conv_amx_part){first / blocks, begin, end - begin};
    first += stop - block;
  }
  return count;
}

static void conv_amx_filter_run(const mtlc_convolution_args *t, int64_t first, int64_t last) {
  // Tiles of sums, a block of 32 channels and units after the other for each place.
  vf sums[CONV_AMX_NUMBERS / VL];
  vu image[CONV_AMX_DEEP / AMX_SIDE * AMX_PARTS * CONV_AMX_MEETS];
  vu units[CONV_AMX_DEEP / AMX_SIDE * AMX_PARTS * AMX_SIDE * CONV_AMX_STEPS];
  const float *pixels[CONV_AMX_MEETS + 1];
  int64_t along[CONV_AMX_STEPS], across[CONV_AMX_STEPS];
  conv_amx_part parts[CONV_AMX_PLACES];
  int64_t part_count = conv_amx_parts(t, first, last, parts);
  conv_line line = conv_line_of(t);
  int64_t reach = line.padding * (line.pitch + 1), channels = t->x.channels;
  int64_t pairs = CONV_AMX_SPAN / 2 + reach, channel_blocks = channels / CONV_AMX_BLOCK;
  int64_t tile_pairs = AMX_PARTS * pairs, copy = channels / AMX_SIDE * tile_pairs;
  int64_t unit_blocks = t->y.channels / CONV_AMX_BLOCK;
  for (int64_t s = 0; s < CONV_AMX_STEPS; s++)
    along[s] = CONV_AMX_PART * s, across[s] = 2 * CONV_AMX_TRIPLE * s;
  for (int64_t p = 0; p < line.end; p += CONV_AMX_SPAN) {
    int64_t steps = min_int(CONV_AMX_STEPS, ceil_div(line.end - p, AMX_DEPTH));
    conv_line_pixels(&line, &t->x, p - reach, 2 * pairs + 1, pixels);
    conv_amx_pairs(pixels, pairs, channels, image);
    conv_amx_pairs(pixels + 1, pairs, channels, image + copy);
    conv_line_pixels(&line, &t->y, p, CONV_AMX_SPAN, pixels);
    vu *to = units;
    for (int64_t j = 0; j < t->y.channels; j += CONV_AMX_BLOCK)
      for (int64_t s = 0; s < CONV_AMX_STEPS; s++)
        for (int64_t c = 0; c < CONV_AMX_BLOCK; c += AMX_SIDE, to += AMX_PARTS * AMX_SIDE)
          conv_amx_turned(pixels + s * AMX_DEPTH, j + c, to);
    for (int64_t k = 0; k < channel_blocks; k++)
      for (int64_t j = 0; j < unit_blocks; j++)
        for (int64_t i = 0; i < part_count; i++) {
          const conv_amx_part *part = &parts[i];
          if (part->channel >= (k + 1) * CONV_AMX_BLOCK ||
              part->channel + part->channels <= k * CONV_AMX_BLOCK)
            continue;
          int64_t a = part->place / t->filter_width, b = part->place % t->filter_width;
          int64_t from = reach + (a - line.padding) * line.pitch + b - line.padding;
          const vu *image_at = image + from % 2 * copy + 2 * k * tile_pairs + from / 2;
          conv_amx_factor x = {(const char *)image_at, 64 * pairs, 64 * tile_pairs, along};
          conv_amx_factor y = {
              (const char *)units + j * CONV_AMX_STEPS * 2 * CONV_AMX_TRIPLE, CONV_AMX_PART,
              CONV_AMX_TRIPLE, across};
          int64_t at = (part->place * channel_blocks + k) * unit_blocks + j;
          conv_amx_block(&y, &x, steps, sums + 4 * AMX_SIDE * at, p > 0);
        }
  }
  for (int64_t i = 0; i < part_count; i++) {
    const conv_amx_part *part = &parts[i];
    float *to = t->filter + part->place / t->filter_width * t->filter_row_stride +
                part->place % t->filter_width * t->filter_column_stride;
    int64_t begin = part->channel, end = begin + part->channels;
    for (int64_t c = begin / AMX_SIDE * AMX_SIDE; c < end; c += AMX_SIDE)
      for (int64_t j = 0; j < t->y.channels; j += AMX_SIDE) {
        int64_t at = (part->place * channel_blocks + c / CONV_AMX_BLOCK) * unit_blocks +
                     j / CONV_AMX_BLOCK;
        int64_t tile = 2 * (j % CONV_AMX_BLOCK / AMX_SIDE) + c % CONV_AMX_BLOCK / AMX_SIDE;
        vf rows[AMX_SIDE];
        for (int r = 0; r < AMX_SIDE; r++) rows[r] = sums[(4 * at + tile) * AMX_SIDE + r];
        transpose(rows);
        for (int r = 0; r < AMX_SIDE; r++)
          if (c + r >= begin && c + r < end)
            store(to + (c + r) * t->filter_channel_stride + j, rows[r]);
      }
  }
}

#endif

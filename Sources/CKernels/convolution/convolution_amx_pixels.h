// Convolutions on tiles: stride 1, an odd square filter, images that keep their size.
//
// All images lie in one line of positions: rows of `width` pixels and `padding` zeros after them,
// `padding` rows of zeros after each image. The zeros behind a row are also those before the next
// one, so that a place of the filter is a fixed distance along the line, and a tile of pixels is a
// tile of neighbouring positions. Sums at positions of zeros are thrown away.
#ifndef MTLC_KERNEL_CONVOLUTION_AMX_PIXELS_H
#define MTLC_KERNEL_CONVOLUTION_AMX_PIXELS_H

#include "../amx/amx_micro.h"
#include "convolution_cut.h"
#include "mtlc_convolution.h"

enum {
  CONV_AMX_BLOCK = 32,       // Channels, units and positions of a block: two tiles.
  CONV_AMX_NUMBERS = 36864,  // The largest filter: 3 × 3 × 64 × 64. In parts it fills 216 KiB.
  CONV_AMX_PLACES = 25,
  CONV_AMX_DEEP = 128,       // The most channels or units.
  CONV_AMX_REACH = 96,       // The farthest that a place of the filter may lie from its middle.
  CONV_AMX_CHUNK = 256,      // Positions whose sums are computed from one copy in parts.
  CONV_AMX_PART = 64 * AMX_SIDE,  // Bytes of a tile; a triple has three after each other.
  CONV_AMX_TRIPLE = AMX_PARTS * CONV_AMX_PART,
};

/// The line of positions of an image's kind.
typedef struct {
  int64_t count, height, width, padding;
  int64_t pitch, image, end;  // From row to row, from image to image; behind the last pixel.
} conv_line;

static conv_line conv_line_of(const mtlc_convolution_args *t) {
  conv_line l = {t->count, t->x.height, t->x.width, t->padding, 0, 0, 0};
  l.pitch = l.width + l.padding;
  l.image = (l.height + l.padding) * l.pitch;
  l.end = l.count * l.image;
  return l;
}

/// Whether tiles can do it: from the sizes alone.
static int conv_amx_fits(const mtlc_convolution_args *t) {
  int64_t side = t->filter_height, channels = t->x.channels, units = t->y.channels;
  if (t->stride != 1 || t->filter_width != side || 2 * t->padding + 1 != side) return 0;
  if (channels % CONV_AMX_BLOCK || units % CONV_AMX_BLOCK || channels > CONV_AMX_DEEP ||
      units > CONV_AMX_DEEP || side * side > CONV_AMX_PLACES)
    return 0;
  if (side * side * channels * units > CONV_AMX_NUMBERS) return 0;
  if (t->padding * (t->x.width + t->padding + 1) > CONV_AMX_REACH) return 0;
  return t->count * t->x.height * t->x.width >= CONV_AMX_BLOCK;
}

/// The pixels at positions [first, first + count), one after the other; 0 where there are zeros.
static void conv_line_pixels(const conv_line *l, const mtlc_images *from, int64_t first,
                             int64_t count, const float **pixels) {
  int64_t p = first;
  while (p < first + count) {
    if (p < 0 || p >= l->end) {
      *pixels++ = 0, p++;
      continue;
    }
    int64_t n = p / l->image, row = p % l->image / l->pitch, column = p % l->image % l->pitch;
    int64_t stop = min_int(first + count, p - column + l->pitch);
    const float *pixel = from->data + n * from->image_stride + row * from->row_stride;
    for (; p < stop; p++, column++)
      *pixels++ = row < l->height && column < l->width ? pixel + column * from->pixel_stride : 0;
  }
}

/// A factor of a block, two tiles wide: where its tiles lie, their rows one after the other.
typedef struct {
  const char *at;
  int64_t part, tile;      // From part to part, from the first tile to the second; in bytes.
  const int64_t *offsets;  // Of each step.
} conv_amx_factor;

/// sums (+)= A · B, two by two tiles, one after the other.
INLINE void conv_amx_block(const conv_amx_factor *a, const conv_amx_factor *b, int64_t steps,
                           vf *sums, int resume) {
  if (resume) {
    _tile_loadd(0, sums, 64);
    _tile_loadd(1, sums + AMX_SIDE, 64);
    _tile_loadd(2, sums + 2 * AMX_SIDE, 64);
    _tile_loadd(3, sums + 3 * AMX_SIDE, 64);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  for (int64_t s = 0; s < steps; s++) {
    const char *x = a->at + a->offsets[s], *y = b->at + b->offsets[s];
    amx_step(2, 2, (amx_factor){x, a->part, a->tile}, (amx_factor){y, b->part, b->tile}, 0, 0, 0);
  }
  _tile_stored(0, sums, 64);
  _tile_stored(1, sums + AMX_SIDE, 64);
  _tile_stored(2, sums + 2 * AMX_SIDE, 64);
  _tile_stored(3, sums + 3 * AMX_SIDE, 64);
}

/// A triple of tiles whose row r is sixteen numbers of rows 2r and 2r + 1; 0 where there is none.
INLINE void conv_amx_across(const float *const *rows, int64_t at, vu *tiles) {
  for (int64_t r = 0; r < AMX_SIDE; r++) {
    const float *x = rows[2 * r], *y = rows[2 * r + 1];
    vu cells[AMX_PARTS];
    split_rows(x ? load(x + at) : (vf){0}, y ? load(y + at) : (vf){0}, cells);
#pragma clang loop unroll(full)
    for (int q = 0; q < AMX_PARTS; q++) tiles[q * AMX_SIDE + r] = cells[q];
  }
}

/// The same, turned over: its row r holds number r of all rows.
INLINE void conv_amx_turned(const float *const *rows, int64_t at, vu *tiles) {
  conv_amx_across(rows, at, tiles);
  for (int q = 0; q < AMX_PARTS; q++) transpose((vf *)(tiles + q * AMX_SIDE));
}

/// The transpose of sixteen rows of 32 numbers as a triple of tiles across them.
INLINE void conv_amx_rows(const float *from, int64_t ld, vu *tiles) {
  for (int64_t r = 0; r < AMX_SIDE; r++, from += ld) {
    vu cells[AMX_PARTS];
    split_row(load(from), load(from + VL), cells);
#pragma clang loop unroll(full)
    for (int q = 0; q < AMX_PARTS; q++) tiles[q * AMX_SIDE + r] = cells[q];
  }
  for (int q = 0; q < AMX_PARTS; q++) transpose((vf *)(tiles + q * AMX_SIDE));
}

/// The filter in parts: for each block of columns, place and block of channels a pair of triples.
/// On the way back the filter is turned over.
static void conv_amx_filter(const mtlc_convolution_args *t, int back, vu *to) {
  int64_t depth = back ? t->y.channels : t->x.channels;
  int64_t columns = back ? t->x.channels : t->y.channels, ld = t->filter_channel_stride;
  for (int64_t j = 0; j < columns; j += CONV_AMX_BLOCK)
    for (int64_t a = 0; a < t->filter_height; a++)
      for (int64_t b = 0; b < t->filter_width; b++)
        for (int64_t k = 0; k < depth; k += CONV_AMX_BLOCK)
          for (int64_t c = j; c < j + CONV_AMX_BLOCK; c += AMX_SIDE) {
            const float *place =
                t->filter + a * t->filter_row_stride + b * t->filter_column_stride;
            if (back) {
              conv_amx_rows(place + c * ld + k, ld, to);
            } else {
              const float *rows[AMX_DEPTH];
              for (int64_t r = 0; r < AMX_DEPTH; r++) rows[r] = place + (k + r) * ld;
              conv_amx_across(rows, c, to);
            }
            to += AMX_PARTS * AMX_SIDE;
          }
}

/// Positions in parts: for each block of channels and part a row of 32 numbers per position.
static void conv_amx_copy(const float *const *pixels, int64_t count, int64_t channels, vu *to) {
  for (int64_t k = 0; k < channels; k += CONV_AMX_BLOCK, to += AMX_PARTS * count)
    for (int64_t p = 0; p < count; p++) {
      vu cells[AMX_PARTS] = {0};
      if (pixels[p]) split_row(load(pixels[p] + k), load(pixels[p] + k + VL), cells);
#pragma clang loop unroll(full)
      for (int q = 0; q < AMX_PARTS; q++) to[q * count + p] = cells[q];
    }
}

/// Writes those sums of 32 positions that belong to pixels.
static void conv_amx_store(float *const *pixels, const vf *sums, int64_t column) {
  for (int64_t p = 0; p < CONV_AMX_BLOCK; p++) {
    if (!pixels[p]) continue;
    const vf *row = sums + p / AMX_SIDE * 2 * AMX_SIDE + p % AMX_SIDE;
    store(pixels[p] + column, row[0]);
    store(pixels[p] + column + VL, row[AMX_SIDE]);
  }
}

/// Pixels [first, last) of the result, or of the image when `back` is set.
static void conv_amx_pixels(const mtlc_convolution_args *t, int back, int64_t first,
                            int64_t last) {
  enum {
    POSITIONS = CONV_AMX_CHUNK + 2 * CONV_AMX_REACH,
    STEPS = CONV_AMX_NUMBERS / CONV_AMX_BLOCK / CONV_AMX_BLOCK,
  };
  vu filter[CONV_AMX_NUMBERS / 512 * AMX_PARTS * AMX_SIDE];
  vu parts[CONV_AMX_DEEP / CONV_AMX_BLOCK * AMX_PARTS * POSITIONS];
  int64_t offsets[STEPS], along[STEPS];
  const float *pixels[POSITIONS];
  vf sums[4 * AMX_SIDE];
  conv_line line = conv_line_of(t);
  const mtlc_images *from = back ? &t->y : &t->x, *to = back ? &t->x : &t->y;
  int64_t reach = line.padding * (line.pitch + 1), steps = 0;
  int64_t count = CONV_AMX_CHUNK + 2 * reach, area = line.height * line.width;
  conv_amx_filter(t, back, filter);
  for (int64_t a = 0; a < t->filter_height; a++)
    for (int64_t b = 0; b < t->filter_width; b++) {
      int64_t shift = (a - line.padding) * line.pitch + b - line.padding;
      for (int64_t k = 0; k < from->channels; k += CONV_AMX_BLOCK)
        offsets[steps++] = 64 * (k / CONV_AMX_BLOCK * AMX_PARTS * count + reach +
                                 (back ? -shift : shift));
    }
  for (int64_t s = 0; s < steps; s++) along[s] = 2 * CONV_AMX_TRIPLE * s;
  int64_t row = (first / area) * (line.height + line.padding) + first % area / line.width;
  int64_t begin = row * line.pitch + first % line.width;
  row = ((last - 1) / area) * (line.height + line.padding) + (last - 1) % area / line.width;
  int64_t end = row * line.pitch + (last - 1) % line.width + 1;
  for (int64_t chunk = begin; chunk < end; chunk += CONV_AMX_CHUNK) {
    conv_line_pixels(&line, from, chunk - reach, count, pixels);
    conv_amx_copy(pixels, count, from->channels, parts);
    conv_line_pixels(&line, to, chunk, CONV_AMX_CHUNK, pixels);
    for (int64_t p = end - chunk; p < CONV_AMX_CHUNK; p++) pixels[p] = 0;
    int64_t stop = min_int(CONV_AMX_CHUNK, end - chunk);
    for (int64_t j = 0; j < to->channels; j += CONV_AMX_BLOCK)
      for (int64_t p = 0; p < stop; p += CONV_AMX_BLOCK) {
        conv_amx_factor x = {(const char *)(parts + p), 64 * count, CONV_AMX_PART, offsets};
        conv_amx_factor w = {
            (const char *)filter + j / CONV_AMX_BLOCK * steps * 2 * CONV_AMX_TRIPLE,
            CONV_AMX_PART, CONV_AMX_TRIPLE, along};
        conv_amx_block(&x, &w, steps, sums, 0);
        conv_amx_store((float *const *)pixels + p, sums, j);
      }
  }
}

#endif

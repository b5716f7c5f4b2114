#include "support.h"

/// Images with gaps between pixels, rows and images.
static mtlc_images images_of(int64_t count, int64_t height, int64_t width, int64_t channels,
                             int64_t *floats) {
  mtlc_images x = {.height = height, .width = width, .channels = channels};
  x.pixel_stride = channels + random_below(3);
  x.row_stride = width * x.pixel_stride + random_below(3);
  x.image_stride = height * x.row_stride + random_below(3);
  *floats = count * x.image_stride;
  x.data = random_floats(*floats);
  return x;
}

static float *pixel_of(const mtlc_images *x, int64_t n, int64_t i, int64_t j) {
  return x->data + n * x->image_stride + i * x->row_stride + j * x->pixel_stride;
}

typedef struct {
  int64_t count, height, width, channels, units, filter_height, filter_width, stride, padding;
} convolution_case;

static float *filter_of(const mtlc_convolution_args *t, int64_t a, int64_t b, int64_t c) {
  return t->filter + a * t->filter_row_stride + b * t->filter_column_stride +
         c * t->filter_channel_stride;
}

/// Adds up one element of x, filter or y from the other two, as `kind` says.
static double sum_of(const mtlc_convolution_args *t, int64_t n, int64_t i, int64_t j, int64_t k,
                     int64_t l) {
  double sum = 0;
  switch (t->kind) {
    case MTLC_CONVOLUTION_FORWARD:  // y[n, i, j, k]
      for (int64_t a = 0; a < t->filter_height; a++)
        for (int64_t b = 0; b < t->filter_width; b++) {
          int64_t row = t->stride * i + a - t->padding, column = t->stride * j + b - t->padding;
          if (row < 0 || column < 0 || row >= t->x.height || column >= t->x.width) continue;
          for (int64_t c = 0; c < t->x.channels; c++)
            sum += (double)pixel_of(&t->x, n, row, column)[c] * filter_of(t, a, b, c)[k];
        }
      return sum;
    case MTLC_CONVOLUTION_INPUT_GRADIENT:  // x[n, i, j, k]
      for (int64_t p = 0; p < t->y.height; p++)
        for (int64_t q = 0; q < t->y.width; q++) {
          int64_t a = i - t->stride * p + t->padding, b = j - t->stride * q + t->padding;
          if (a < 0 || b < 0 || a >= t->filter_height || b >= t->filter_width) continue;
          for (int64_t o = 0; o < t->y.channels; o++)
            sum += (double)pixel_of(&t->y, n, p, q)[o] * filter_of(t, a, b, k)[o];
        }
      return sum;
    case MTLC_CONVOLUTION_FILTER_GRADIENT:  // filter[i, j, k, l]
      for (int64_t m = 0; m < t->count; m++)
        for (int64_t p = 0; p < t->y.height; p++)
          for (int64_t q = 0; q < t->y.width; q++) {
            int64_t row = t->stride * p + i - t->padding, column = t->stride * q + j - t->padding;
            if (row < 0 || column < 0 || row >= t->x.height || column >= t->x.width) continue;
            sum += (double)pixel_of(&t->x, m, row, column)[k] * pixel_of(&t->y, m, p, q)[l];
          }
      return sum;
  }
  return sum;
}

static void check_convolution(convolution_case c) {
  int64_t x_floats, y_floats;
  mtlc_convolution_args t = {.count = c.count, .stride = c.stride, .padding = c.padding,
                             .filter_height = c.filter_height, .filter_width = c.filter_width};
  t.x = images_of(c.count, c.height, c.width, c.channels, &x_floats);
  t.y = images_of(c.count, (c.height + 2 * c.padding - c.filter_height) / c.stride + 1,
                  (c.width + 2 * c.padding - c.filter_width) / c.stride + 1, c.units, &y_floats);
  t.filter_channel_stride = c.units + random_below(2) * 3;
  t.filter_column_stride = c.channels * t.filter_channel_stride;
  t.filter_row_stride = c.filter_width * t.filter_column_stride;
  int64_t filter_floats = c.filter_height * t.filter_row_stride;
  t.filter = random_floats(filter_floats);
  double scale = sqrt((double)(c.channels * c.filter_height * c.filter_width));

  t.kind = MTLC_CONVOLUTION_FORWARD;
  RUN_IN_PIECES(convolution, &t, 3);
  for (int64_t n = 0; n < c.count; n++)
    for (int64_t i = 0; i < t.y.height; i++)
      for (int64_t j = 0; j < t.y.width; j++)
        for (int64_t o = 0; o < c.units; o++)
          expect_near("convolution", pixel_of(&t.y, n, i, j)[o], sum_of(&t, n, i, j, o, 0),
                      1e-6 * scale);
  float *before = copy_floats(t.y.data, y_floats);
  RUN_IN_PIECES(convolution, &t, 1);
  expect_same("convolution at once", t.y.data, before, y_floats * 4);
  free(before);

  float *x = copy_floats(t.x.data, x_floats);
  t.kind = MTLC_CONVOLUTION_INPUT_GRADIENT;
  RUN_IN_PIECES(convolution, &t, 2);
  for (int64_t n = 0; n < c.count; n++)
    for (int64_t i = 0; i < c.height; i++)
      for (int64_t j = 0; j < c.width; j++)
        for (int64_t k = 0; k < c.channels; k++)
          expect_near("input gradient", pixel_of(&t.x, n, i, j)[k], sum_of(&t, n, i, j, k, 0),
                      1e-5 * scale * sqrt((double)c.units));
  before = copy_floats(t.x.data, x_floats);
  RUN_IN_PIECES(convolution, &t, 1);
  expect_same("input gradient at once", t.x.data, before, x_floats * 4);
  free(before);

  free(t.x.data);
  t.x.data = x;
  t.kind = MTLC_CONVOLUTION_FILTER_GRADIENT;
  RUN_IN_PIECES(convolution, &t, 4);
  for (int64_t a = 0; a < c.filter_height; a++)
    for (int64_t b = 0; b < c.filter_width; b++)
      for (int64_t k = 0; k < c.channels; k++)
        for (int64_t o = 0; o < c.units; o++)
          expect_near("filter gradient", filter_of(&t, a, b, k)[o], sum_of(&t, 0, a, b, k, o),
                      1e-5 * scale * sqrt((double)(c.count * t.y.height * t.y.width)));
  before = copy_floats(t.filter, filter_floats);
  RUN_IN_PIECES(convolution, &t, 1);
  expect_same("filter gradient at once", t.filter, before, filter_floats * 4);
  free(before);
  free(t.x.data);
  free(t.y.data);
  free(t.filter);
}

/// Without an image the filter's gradient is 0, not what was there.
static void check_no_image(int64_t channels) {
  mtlc_convolution_args t = {.kind = MTLC_CONVOLUTION_FILTER_GRADIENT, .count = 0, .stride = 1,
                             .filter_height = 2, .filter_width = 3};
  int64_t x_floats, y_floats, floats = 6 * channels * 5;
  t.x = images_of(1, 4, 6, channels, &x_floats);
  t.y = images_of(1, 3, 4, 5, &y_floats);
  t.filter_channel_stride = 5;
  t.filter_column_stride = channels * 5;
  t.filter_row_stride = 3 * t.filter_column_stride;
  t.filter = random_floats(floats);
  RUN_IN_PIECES(convolution, &t, 2);
  for (int64_t i = 0; i < floats; i++) expect_near("no image", t.filter[i], 0, 0);
  free(t.x.data);
  free(t.y.data);
  free(t.filter);
}

static void check_pool(int64_t count, int64_t size, int64_t channels, int64_t window,
                       int64_t stride) {
  int64_t x_floats, y_floats, side = (size - window) / stride + 1;
  mtlc_pool_args t = {.count = count, .window = window, .stride = stride};
  t.x = images_of(count, size, size + 1, channels, &x_floats);
  t.y = images_of(count, side, (size + 1 - window) / stride + 1, channels, &y_floats);
  // Some elements of a window are equal.
  for (int64_t k = 0; k < x_floats; k++) t.x.data[k] = roundf(4 * t.x.data[k]);
  t.indices = random_ids(y_floats, 0, (int32_t)(window * window));
  t.index_image_stride = t.y.image_stride;
  t.index_row_stride = t.y.row_stride;
  t.index_pixel_stride = t.y.pixel_stride;
  t.kind = MTLC_POOL_INDICES;
  RUN_IN_PIECES(pool, &t, 2);
  float *largest = copy_floats(t.y.data, y_floats);
  for (int64_t k = 0; k < y_floats; k++) t.y.data[k] = NAN;
  t.kind = MTLC_POOL_GATHER;
  RUN_IN_PIECES(pool, &t, 1);
  for (int64_t n = 0; n < count; n++)
    for (int64_t i = 0; i < t.y.height; i++)
      for (int64_t j = 0; j < t.y.width; j++)
        for (int64_t c = 0; c < channels; c++) {
          float best = -INFINITY;
          int64_t place = -1;
          for (int64_t k = 0; k < window * window; k++) {
            float x = pixel_of(&t.x, n, stride * i + k / window, stride * j + k % window)[c];
            if (x > best) best = x, place = k;
          }
          int64_t at = pixel_of(&t.y, n, i, j) + c - t.y.data;
          expect_near("first of the largest", t.indices[at], (double)place, 0);
          expect_near("pool", pixel_of(&t.y, n, i, j)[c], best, 0);
          expect_near("largest", largest[at], best, 0);
        }
  double *sums = calloc((size_t)x_floats, sizeof(double));
  for (int64_t n = 0; n < count; n++)
    for (int64_t i = 0; i < t.y.height; i++)
      for (int64_t j = 0; j < t.y.width; j++)
        for (int64_t c = 0; c < channels; c++) {
          float *y = pixel_of(&t.y, n, i, j) + c;
          int32_t at = t.indices[y - t.y.data];
          sums[pixel_of(&t.x, n, stride * i + at / window, stride * j + at % window) + c -
               t.x.data] += *y;
        }
  t.kind = MTLC_POOL_SCATTER;
  RUN_IN_PIECES(pool, &t, 2);
  for (int64_t n = 0; n < count; n++)
    for (int64_t i = 0; i < t.x.height; i++)
      for (int64_t j = 0; j < t.x.width; j++)
        for (int64_t c = 0; c < channels; c++) {
          float *x = pixel_of(&t.x, n, i, j) + c;
          expect_near("scatter", *x, sums[x - t.x.data], 1e-6);
        }
  free(sums);
  free(largest);
  free(t.indices);
  free(t.x.data);
  free(t.y.data);
}

void selftest_convolution(void) {
  static const convolution_case cases[] = {
      {2, 5, 6, 1, 64, 3, 3, 1, 1},  {3, 7, 7, 64, 64, 3, 3, 1, 1}, {1, 3, 3, 65, 20, 3, 3, 1, 1},
      {2, 9, 8, 3, 7, 3, 2, 2, 1},   {2, 8, 9, 12, 33, 2, 3, 2, 0}, {1, 12, 110, 9, 17, 3, 3, 1, 2},
      {1, 6, 130, 2, 5, 5, 5, 3, 2}, {5, 1, 1, 10, 10, 1, 1, 1, 0}, {1, 4, 4, 7, 1, 4, 4, 1, 3},
      {2, 10, 3, 130, 66, 3, 3, 1, 1},
      {3, 7, 9, 64, 32, 3, 3, 1, 1}, {2, 14, 14, 32, 64, 3, 3, 1, 1}, {3, 11, 5, 32, 32, 5, 5, 1, 2},
      {40, 1, 1, 128, 96, 1, 1, 1, 0}, {21, 6, 5, 64, 64, 3, 3, 1, 1},
  };
  for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) check_convolution(cases[i]);
  check_no_image(64);
  check_no_image(7);
  check_pool(2, 7, 64, 2, 2);
  check_pool(1, 8, 5, 2, 2);
  check_pool(2, 6, 17, 3, 2);
  check_pool(1, 5, 3, 2, 3);
  check_pool(1, 4, 33, 1, 1);
}

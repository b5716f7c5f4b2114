// Pooling: one tile per image.
#ifndef MTLC_KERNEL_POOL_H
#define MTLC_KERNEL_POOL_H

#include "mtlc_convolution.h"
#include "../support/simd.h"

INLINE vi load_int_upto(const int32_t *p, int64_t n) {
  if (n >= VL) return load_int(p);
  vi x = {0};
  for (int i = 0; i < n; i++) x[i] = p[i];
  return x;
}

INLINE void store_int_upto(int32_t *p, vi x, int64_t n) {
  if (n >= VL)
    store_int(p, x);
  else
    for (int i = 0; i < n; i++) p[i] = x[i];
}

/// The largest elements of one window and their places; the first of equal ones.
INLINE void pool_largest(const mtlc_pool_args *t, const float *x, int32_t *indices, float *y) {
  for (int64_t c = 0; c < t->x.channels; c += VL) {
    int64_t n = t->x.channels - c;
    vf best = load_upto(x + c, n);
    vi at = {0};
    for (int64_t a = 0; a < t->window; a++)
      for (int64_t b = 0; b < t->window; b++) {
        vf value = load_upto(x + a * t->x.row_stride + b * t->x.pixel_stride + c, n);
        vi wins = value > best;
        best = choose(wins, value, best);
        at = (wins & splat_int((int32_t)(a * t->window + b))) | (~wins & at);
      }
    store_int_upto(indices + c, at, n);
    if (y) store_upto(y + c, best, n);
  }
}

INLINE void pool_gathered(const mtlc_pool_args *t, const float *x, const int32_t *indices,
                          float *y) {
  for (int64_t c = 0; c < t->x.channels; c += VL) {
    int64_t n = t->x.channels - c;
    vi at = load_int_upto(indices + c, n);
    vf value = load_upto(x + c, n);
    for (int64_t a = 0; a < t->window; a++)
      for (int64_t b = 0; b < t->window; b++)
        value = choose(at == (int32_t)(a * t->window + b),
                       load_upto(x + a * t->x.row_stride + b * t->x.pixel_stride + c, n), value);
    store_upto(y + c, value, n);
  }
}

/// Windows that do not meet write all of their elements; others add to what is there.
INLINE void pool_scattered(const mtlc_pool_args *t, const float *y, const int32_t *indices,
                           float *x, const int adds) {
  vi limit = splat_int((int32_t)(t->window * t->window));
  for (int64_t c = 0; c < t->x.channels; c += VL) {
    int64_t n = t->x.channels - c;
    vi at = load_int_upto(indices + c, n);
    at &= (at >= 0) & (at < limit);
    vf value = load_upto(y + c, n);
    for (int64_t a = 0; a < t->window; a++)
      for (int64_t b = 0; b < t->window; b++) {
        float *to = x + a * t->x.row_stride + b * t->x.pixel_stride + c;
        vf part = choose(at == (int32_t)(a * t->window + b), value, (vf){0});
        store_upto(to, adds ? load_upto(to, n) + part : part, n);
      }
  }
}

static void pool_clear(const mtlc_images *x, int64_t image, int64_t row0, int64_t row1,
                       int64_t column0) {
  for (int64_t i = row0; i < row1; i++)
    for (int64_t j = column0; j < x->width; j++) {
      float *pixel = x->data + image * x->image_stride + i * x->row_stride + j * x->pixel_stride;
      for (int64_t c = 0; c < x->channels; c += VL)
        store_upto(pixel + c, (vf){0}, x->channels - c);
    }
}

static void pool_run(const mtlc_pool_args *t, int64_t first, int64_t last) {
  int apart = t->window == t->stride;
  for (int64_t n = first; n < last; n++) {
    if (t->kind == MTLC_POOL_SCATTER) {
      // What no window covers is zero.
      int64_t rows = apart ? t->y.height * t->stride : 0;
      int64_t columns = apart ? t->y.width * t->stride : 0;
      pool_clear(&t->x, n, 0, rows, columns);
      pool_clear(&t->x, n, rows, t->x.height, 0);
    }
    for (int64_t i = 0; i < t->y.height; i++)
      for (int64_t j = 0; j < t->y.width; j++) {
        float *x = t->x.data + n * t->x.image_stride + i * t->stride * t->x.row_stride +
                   j * t->stride * t->x.pixel_stride;
        int32_t *indices = t->indices + n * t->index_image_stride + i * t->index_row_stride +
                           j * t->index_pixel_stride;
        float *y = t->y.data ? t->y.data + n * t->y.image_stride + i * t->y.row_stride +
                                   j * t->y.pixel_stride
                             : 0;
        if (t->kind == MTLC_POOL_INDICES)
          pool_largest(t, x, indices, y);
        else if (t->kind == MTLC_POOL_GATHER)
          pool_gathered(t, x, indices, y);
        else if (apart)
          pool_scattered(t, y, indices, x, 0);
        else
          pool_scattered(t, y, indices, x, 1);
      }
  }
}

#endif

// Convolutions on tiles, where they fit; else those of the vectors.
#ifndef MTLC_KERNEL_CONVOLUTION_AMX_H
#define MTLC_KERNEL_CONVOLUTION_AMX_H

#include "convolution.h"
#include "convolution_amx_filter.h"
#include "convolution_amx_pixels.h"

static void convolution_amx_run(const mtlc_convolution_args *t, int64_t first, int64_t last) {
  if (first >= last) return;
  if (!conv_amx_fits(t)) {
    convolution_run(t, first, last);
    return;
  }
  int64_t pixels = t->count * t->x.height * t->x.width;
  amx_begin();
  if (t->kind == MTLC_CONVOLUTION_FILTER_GRADIENT)
    conv_amx_filter_run(t, first, last);
  else
    conv_amx_pixels(t, t->kind == MTLC_CONVOLUTION_INPUT_GRADIENT, first * CONV_PIXELS,
                    min_int(pixels, last * CONV_PIXELS));
  amx_end();
}

#endif

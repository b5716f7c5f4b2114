// Products of runs of pixels: a run is a stretch of a row of the image beside one of the result.
#ifndef MTLC_KERNEL_CONVOLUTION_RUNS_H
#define MTLC_KERNEL_CONVOLUTION_RUNS_H

#include "convolution_micro.h"

/// to[channels, units] (+)= what the runs give.
static void conv_runs_product(const conv_run *runs, int64_t count, int64_t channel,
                              int64_t channels, int64_t x_stride, int64_t units, int64_t y_stride,
                              float *to, int64_t ld, int32_t resume) {
  for (int64_t j = 0; j < units; j += CONV_COLUMNS) {
    int64_t columns = min_int(CONV_COLUMNS, units - j), vectors = columns / VL;
    for (int64_t c = 0; c < channels; c += CONV_ROWS) {
      int64_t rows = min_int(CONV_ROWS, channels - c);
      float *sums = to + c * ld + j;
      if (vectors)
        conv_runs_kernels[vectors - 1][rows - 1](runs, count, channel + c, x_stride, j, y_stride,
                                                 sums, ld, resume);
      // Columns that do not fill a vector.
      int64_t rest = columns - vectors * VL;
      if (!rest) continue;
      for (int64_t i = 0; i < rows; i++) {
        float *at = sums + i * ld + vectors * VL;
        vf sum = resume ? load_n(at, rest) : (vf){0};
        for (int64_t r = 0; r < count; r++) {
          const float *x = runs[r].x + channel + c + i, *y = runs[r].y + j + vectors * VL;
          for (int64_t p = 0; p < runs[r].count; p++)
            sum += splat(x[p * x_stride]) * load_n(y + p * y_stride, rest);
        }
        store_n(at, sum, rest);
      }
    }
  }
}

#endif

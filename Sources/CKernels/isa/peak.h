// As many independent multiply-adds as the processor can take, in registers.
#ifndef MTLC_KERNEL_PEAK_H
#define MTLC_KERNEL_PEAK_H

#include "../support/simd.h"

enum { PEAK_CHAINS = 12 };

static int64_t fma_peak_run(int64_t iterations, float *sink) {
  vf sum[PEAK_CHAINS];
  vf factor = splat(*sink * 0.0f + 0.999f), term = splat(*sink * 0.0f + 0.5f);
  for (int j = 0; j < PEAK_CHAINS; j++) sum[j] = splat((float)j);
  for (int64_t i = 0; i < iterations; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < PEAK_CHAINS; j++) sum[j] = sum[j] * factor + term;
  for (int j = 0; j < PEAK_CHAINS; j++) *sink += sum_lanes(sum[j]);
  return iterations * PEAK_CHAINS * VL * 2;
}

#endif

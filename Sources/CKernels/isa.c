#include "mtlc_isa.h"

#include <stddef.h>
#include <string.h>

const char *mtlc_kernels_isa(void) { return "generic"; }

int32_t mtlc_kernels_force_isa(const char *name) {
  return name == NULL || strcmp(name, "generic") == 0 ? 0 : -1;
}

int64_t mtlc_fma_peak_run(int64_t iterations, float *sink) {
  float acc[64] = {0};
  for (int64_t i = 0; i < iterations; i++)
    for (int j = 0; j < 64; j++) acc[j] = acc[j] * 0.999f + 0.5f;
  for (int j = 0; j < 64; j++) *sink += acc[j];
  return iterations * 128;
}

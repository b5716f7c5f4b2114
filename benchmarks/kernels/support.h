// Shared by selftest.c and bench.c.
#ifndef SUPPORT_H
#define SUPPORT_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mtlc_kernels.h"

static uint64_t random_state = 1;

static inline uint32_t random_bits(void) {
  random_state = random_state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(random_state >> 33);
}
static inline int64_t random_below(int64_t n) { return (int64_t)(random_bits() % (uint64_t)n); }
static inline float random_float(void) { return (float)random_bits() / (float)(1u << 30) - 1.0f; }

/// Exactly as many bytes as asked for, so that an address sanitiser sees reads beyond the end.
static inline float *random_floats(int64_t n) {
  float *p = malloc((size_t)(n > 0 ? n : 1) * sizeof(float));
  for (int64_t i = 0; i < n; i++) p[i] = random_float();
  return p;
}
static inline float *copy_floats(const float *p, int64_t n) {
  float *q = malloc((size_t)(n > 0 ? n : 1) * sizeof(float));
  memcpy(q, p, (size_t)n * sizeof(float));
  return q;
}
static inline double seconds(void) {
  struct timespec t;
  timespec_get(&t, TIME_UTC);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#endif

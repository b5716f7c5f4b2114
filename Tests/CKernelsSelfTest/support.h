#ifndef SELFTEST_SUPPORT_H
#define SELFTEST_SUPPORT_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mtlc_kernels.h"
#include "selftest.h"

/// |actual - expected| <= tolerance * max(1, |expected|), or both NaN, or equal.
void expect_near(const char *what, double actual, double expected, double tolerance);
/// Within `ulp` units in the last place of the float nearest to `expected`.
void expect_ulp(const char *what, double input, float actual, double expected, double ulp);
void expect_same(const char *what, const void *actual, const void *expected, int64_t bytes);

/// One parameter, by the formulas of mtlc_optimizer.h.
double step_of(mtlc_optimizer_kind kind, const mtlc_optimizer_hyper *h, double l2, double g,
               double p, double *s1, double *s2);
/// Numbers for every rule.
mtlc_optimizer_hyper optimizer_hyper_of(float rate);
double activation_of(mtlc_activation kind, double x);
double slope_of(mtlc_activation kind, double y);

int64_t random_below(int64_t n);
float random_float(void);  ///< In [-1, 1].

/// Exactly as many bytes as asked for, so that an address sanitiser sees reads beyond the end.
float *random_floats(int64_t n);
int32_t *random_ids(int64_t n, int32_t low, int32_t high);
float *copy_floats(const float *p, int64_t n);

/// Runs the kernel in `pieces` calls, the last tiles first; half of the time with results of any size stored
/// past the caches, as far as the kernel can.
#define RUN_IN_PIECES(kernel, args, pieces)                                    \
  do {                                                                         \
    int64_t tiles_ = mtlc_##kernel##_tiles(args);                              \
    mtlc_kernels_force_streamed_bytes(random_below(2));                        \
    for (int64_t p_ = (pieces); p_-- > 0;)                                     \
      mtlc_##kernel##_run(args, tiles_ *p_ / (pieces), tiles_ *(p_ + 1) / (pieces)); \
    mtlc_kernels_force_streamed_bytes(0);                                      \
  } while (0)

#endif

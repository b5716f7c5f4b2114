#ifndef SELFTEST_H
#define SELFTEST_H

#include "support.h"

/// |actual - expected| <= tolerance * max(1, |expected|), or both NaN, or equal.
void expect_near(const char *what, double actual, double expected, double tolerance);
void expect_same(const char *what, const float *actual, const float *expected, int64_t n);

double step_of(int32_t kind, const mtlc_optimizer_hyper *h, double l2, double g, double p,
               double *s1, double *s2);

void selftest_matmul(void);
void selftest_optimizer(void);

#endif

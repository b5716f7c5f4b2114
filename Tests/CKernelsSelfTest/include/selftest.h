#ifndef SELFTEST_H
#define SELFTEST_H

#include <stdint.h>

// Checks of the kernels against plain loops in double, written in C so that they also run where
// Swift is not at hand (see benchmarks/kernels). Each runs in the variant that
// mtlc_kernels_force_isa has chosen for the calling thread.

void selftest_convolution(void);
void selftest_elementwise(void);
void selftest_embedding(void);
void selftest_group(void);
void selftest_matmul(void);
void selftest_mixture(void);
void selftest_onehot(void);
void selftest_optimizer(void);
void selftest_random(void);
void selftest_reduce(void);
void selftest_softmax(void);
void selftest_sparse(void);

/// What the calling thread's checks have found since the last call of selftest_begin.
void selftest_begin(void);
int64_t selftest_checks(void);
int64_t selftest_failures(void);
/// The first failure in words, or "".
const char *selftest_message(void);

#endif

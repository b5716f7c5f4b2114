// The entry points of a variant; isa.c picks the table.
#ifndef MTLC_TABLE_H
#define MTLC_TABLE_H

#include "mtlc_kernels.h"

#define RUN(name) void (*name)(const mtlc_##name##_args *args, int64_t first, int64_t last)

typedef struct {
  const char *name;
  int64_t (*fma_peak)(int64_t iterations, float *sink);
  RUN(convolution);
  RUN(elementwise);
  RUN(gather);
  RUN(gradient_norm);
  RUN(matmul);
  RUN(mixture);
  RUN(mixture_gradient);
  RUN(onehot_gradient);
  RUN(onehot_linear);
  RUN(optimizer);
  RUN(pool);
  RUN(random);
  RUN(reduce);
  RUN(scatter_add);
  RUN(softmax);
  RUN(softmax_gradient);
} mtlc_kernel_table;

#undef RUN

extern const mtlc_kernel_table mtlc_table_generic;
#if defined(__x86_64__)
extern const mtlc_kernel_table mtlc_table_avx2;
extern const mtlc_kernel_table mtlc_table_avx512;
#endif

/// The table in use.
const mtlc_kernel_table *mtlc_table(void);

#endif

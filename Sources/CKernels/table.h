// The entry points of a variant; isa.c picks the table.
#ifndef MTLC_TABLE_H
#define MTLC_TABLE_H

#include "mtlc_kernels.h"

typedef struct {
  const char *name;
  int64_t (*fma_peak)(int64_t, float *);
  void (*matmul)(const mtlc_matmul_args *, int64_t, int64_t);
  void (*optimizer)(const mtlc_optimizer_args *, int64_t, int64_t);
  void (*gradient_norm)(const mtlc_gradient_norm_args *, int64_t, int64_t);
} mtlc_kernel_table;

extern const mtlc_kernel_table mtlc_table_generic;
#if defined(__x86_64__)
extern const mtlc_kernel_table mtlc_table_avx2;
extern const mtlc_kernel_table mtlc_table_avx512;
#endif

/// The table in use.
const mtlc_kernel_table *mtlc_table(void);

#endif

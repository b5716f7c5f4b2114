// The entry points of a variant; isa.c picks the table.
#ifndef MTLC_KERNEL_KERNEL_TABLE_H
#define MTLC_KERNEL_KERNEL_TABLE_H

#include "mtlc_kernels.h"
#include "mtlc_sparse.h"
#include "mtlc_start_values.h"
#include "mtlc_text.h"

#define RUN(name) void (*name)(const mtlc_##name##_args *args, int64_t first, int64_t last)

typedef struct {
  const char *name;
  int64_t (*fma_peak)(int64_t iterations, float *sink);
  RUN(convolution);
  RUN(elementwise);
  RUN(gather);
  RUN(gradient_norm);
  RUN(gradient_sum);
  RUN(group);
  RUN(group_pairs);
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
  void (*sparse_route)(const mtlc_sparse_args *args, int64_t first, int64_t last);
  void (*sparse_group)(const mtlc_sparse_args *args, int64_t first, int64_t last);
  void (*sparse_update)(const mtlc_sparse_args *args, int64_t first, int64_t last);
  void (*uniform_values)(const mtlc_start_values_args *args);
  int64_t (*normal_values)(const mtlc_start_values_args *args);
  void (*text_scan)(mtlc_text_scan_args *args);
  int64_t (*text_tokens)(mtlc_text_tokens_args *args, int64_t first, int64_t last);
  int64_t (*text_numbers)(mtlc_text_numbers_args *args, int64_t first, int64_t last);
  void (*text_moments)(const double *values, int64_t count, mtlc_text_moments *moments);
  void (*text_normalize)(const double *values, int64_t count, double offset, double scale,
                         float missing, float *cells, int64_t stride);
  void (*text_rescale)(float *cells, int64_t count, const mtlc_text_scales *scales);
} mtlc_kernel_table;

#undef RUN

extern const mtlc_kernel_table mtlc_table_generic;
#if defined(__x86_64__)
extern const mtlc_kernel_table mtlc_table_avx2;
extern const mtlc_kernel_table mtlc_table_avx512;
#if defined(__linux__)
extern const mtlc_kernel_table mtlc_table_amx;
#endif
#endif

/// The table in use.
const mtlc_kernel_table *mtlc_table(void);

#endif

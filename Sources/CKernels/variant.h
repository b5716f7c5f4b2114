// All kernels of one variant. Included once by avx512.c, avx2.c and generic.c each, which say
// what vectors to use and how the table of entry points is called.
#pragma clang fp contract(fast)

#include "convolution.h"
#include "elementwise.h"
#include "embedding.h"
#include "matmul_block.h"
#include "mixture.h"
#include "mixture_gradient.h"
#include "onehot.h"
#include "optimizer.h"
#include "peak.h"
#include "pool.h"
#include "random.h"
#include "reduce.h"
#include "softmax.h"
#include "sparse_update.h"
#include "start_values.h"
#include "table.h"
#include "text_numbers.h"
#include "text_scan.h"
#include "text_tokens.h"

/// The entry points, with a name, a matrix product and a convolution to choose.
#define MTLC_ENTRIES(name_, matmul_, convolution_) {                                              \
    .name = name_,                                                                                 \
    .fma_peak = fma_peak_run,                                                                      \
    .convolution = convolution_,                                                                   \
    .elementwise = elementwise_run,                                                                \
    .gather = gather_run,                                                                          \
    .gradient_norm = gradient_norm_run,                                                            \
    .matmul = matmul_,                                                                             \
    .mixture = mixture_run,                                                                        \
    .mixture_gradient = mixture_gradient_run,                                                      \
    .onehot_gradient = onehot_gradient_run,                                                        \
    .onehot_linear = onehot_linear_run,                                                            \
    .optimizer = optimizer_run,                                                                    \
    .pool = pool_run,                                                                              \
    .random = random_run,                                                                          \
    .reduce = reduce_run,                                                                          \
    .scatter_add = scatter_add_run,                                                                \
    .softmax = softmax_run,                                                                        \
    .softmax_gradient = softmax_gradient_run,                                                      \
    .sparse_route = sparse_route,                                                                  \
    .sparse_group = sparse_group,                                                                  \
    .sparse_update = sparse_update,                                                                \
    .uniform_values = uniform_values,                                                              \
    .normal_values = normal_values,                                                                \
    .text_scan = text_scan_run,                                                                    \
    .text_tokens = text_tokens_run,                                                                \
    .text_numbers = text_numbers_run,                                                              \
    .text_moments = text_moments_run,                                                              \
    .text_normalize = text_normalize_run,                                                          \
    .text_rescale = text_rescale_run,                                                              \
}

const mtlc_kernel_table MTLC_TABLE = MTLC_ENTRIES(MTLC_NAME, matmul_run, convolution_run);

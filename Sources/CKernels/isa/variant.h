// All kernels of one variant. Included once by avx512.c, avx2.c and generic.c each, which say
// what vectors to use and how the table of entry points is called.
#pragma clang fp contract(fast)

#include "../convolution/convolution.h"
#include "../elementwise/elementwise.h"
#include "../embedding/embedding.h"
#include "../group/group.h"
#include "../group/group_pairs.h"
#include "../matmul/matmul_block.h"
#include "../mixture/mixture.h"
#include "../mixture/mixture_gradient.h"
#include "../onehot/onehot.h"
#include "../optimizer/gradient_sum.h"
#include "../optimizer/optimizer.h"
#include "peak.h"
#include "../convolution/pool.h"
#include "../random/random.h"
#include "../reduce/reduce.h"
#include "../reduce/softmax.h"
#include "../table_update/sparse_update.h"
#include "../random/start_values.h"
#include "kernel_table.h"
#include "../text/text_numbers.h"
#include "../text/text_scan.h"
#include "../text/text_tokens.h"

/// The entry points, with a name, a matrix product and a convolution to choose.
#define MTLC_ENTRIES(name_, matmul_, convolution_) {                                              \
    .name = name_,                                                                                 \
    .fma_peak = fma_peak_run,                                                                      \
    .convolution = convolution_,                                                                   \
    .elementwise = elementwise_run,                                                                \
    .gather = gather_run,                                                                          \
    .gradient_norm = gradient_norm_run,                                                            \
    .gradient_sum = gradient_sum_run,                                                              \
    .group = group_run,                                                                            \
    .group_pairs = group_pairs_run,                                                                \
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

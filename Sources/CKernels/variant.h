// All kernels of one variant. Included once by avx512.c, avx2.c and generic.c each, which say
// what vectors to use and how the table of entry points is called.
#pragma clang fp contract(fast)

#include "table.h"

#include "matmul_block.h"
#include "optimizer.h"
#include "peak.h"

const mtlc_kernel_table MTLC_TABLE = {
    .name = MTLC_NAME,
    .fma_peak = fma_peak_run,
    .matmul = matmul_run,
    .optimizer = optimizer_run,
    .gradient_norm = gradient_norm_run,
};

#if defined(__x86_64__)

#include <immintrin.h>

#include "mtlc_kernels.h"

#define MTLC_TABLE mtlc_table_avx512
#define MTLC_NAME "avx512"
#define MTLC_VECTOR_BYTES 64
#define MTLC_AVX512 1

// An attribute on each function rather than -march or target_clones: those tune for 256-bit
// registers or fall back to a slower clone, and packages cannot pass flags.
#pragma clang attribute push(                                                              \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,bmi,bmi2,popcnt,prfchw"))), \
    apply_to = function)
#include "variant.h"

#if defined(__linux__)
void mtlc_matmul_amx(const mtlc_matmul_args *args, int64_t first, int64_t last);
void mtlc_convolution_amx(const mtlc_convolution_args *args, int64_t first, int64_t last);
const mtlc_kernel_table mtlc_table_amx =
    MTLC_ENTRIES("amx", mtlc_matmul_amx, mtlc_convolution_amx);
#endif
#pragma clang attribute pop

#endif

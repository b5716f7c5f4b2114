#if defined(__x86_64__) && defined(__linux__)

#include <immintrin.h>

#include "mtlc_kernels.h"

#define MTLC_VECTOR_BYTES 64
#define MTLC_AVX512 1
#define MTLC_AMX_PARTS 3

#pragma clang attribute push(                                                                     \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,bmi,bmi2,popcnt,prfchw,"   \
                          "amx-tile,amx-bf16"))),                                                 \
    apply_to = function)
#pragma clang fp contract(fast)
#include "../convolution/convolution_amx.h"
#include "../matmul/matmul_amx.h"

void mtlc_matmul_amx_high(const mtlc_matmul_args *args, int64_t first, int64_t last);
void mtlc_matmul_amx_medium(const mtlc_matmul_args *args, int64_t first, int64_t last);

void mtlc_matmul_amx(const mtlc_matmul_args *args, int64_t first, int64_t last) {
  switch (args->precision) {
    case MTLC_PRECISION_MEDIUM: mtlc_matmul_amx_medium(args, first, last); break;
    case MTLC_PRECISION_HIGH: mtlc_matmul_amx_high(args, first, last); break;
    case MTLC_PRECISION_HIGHEST: matmul_amx_run(args, first, last); break;
  }
}

void mtlc_convolution_amx(const mtlc_convolution_args *args, int64_t first, int64_t last) {
  convolution_amx_run(args, first, last);
}
#pragma clang attribute pop

#endif

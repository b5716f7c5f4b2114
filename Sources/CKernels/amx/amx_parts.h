// A matrix product on tiles. The including file defines MTLC_AMX_PARTS, how many parts of a number are
// multiplied, and MTLC_AMX_NAME, what the product is called.
#if defined(__x86_64__) && defined(__linux__)

#include <immintrin.h>

#include "mtlc_kernels.h"

#define MTLC_VECTOR_BYTES 64
#define MTLC_AVX512 1

#pragma clang attribute push(                                                                     \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,bmi,bmi2,popcnt,prfchw,"   \
                          "amx-tile,amx-bf16"))),                                                 \
    apply_to = function)
#pragma clang fp contract(fast)
#include "../matmul/matmul_amx.h"

void MTLC_AMX_NAME(const mtlc_matmul_args *args, int64_t first, int64_t last) {
  matmul_amx_run(args, first, last);
}
#pragma clang attribute pop

#endif

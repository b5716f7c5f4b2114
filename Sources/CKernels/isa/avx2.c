#if defined(__x86_64__)

#include <immintrin.h>

#include "mtlc_kernels.h"

#define MTLC_TABLE mtlc_table_avx2
#define MTLC_NAME "avx2"
#define MTLC_VECTOR_BYTES 32
#define MTLC_AVX2 1

#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2,popcnt"))), \
                             apply_to = function)
#include "variant.h"
#pragma clang attribute pop

#endif

#ifndef MTLC_ISA_H
#define MTLC_ISA_H

#include <stdint.h>

/// Which variant of the kernels runs: "amx" (avx512 with tiles for large products),
/// "avx512", "avx2" or "generic".
const char *mtlc_kernels_isa(void);

/// For tests: kernels that the calling thread runs use another variant from now on (NULL: the best
/// one again). Returns 0, or -1 when this machine or build has no such variant.
int32_t mtlc_kernels_force_isa(const char *name);

/// The same for all threads of the process that have not chosen one of their own; NULL: the best one.
int32_t mtlc_kernels_use_isa(const char *name);

/// Runs `iterations` rounds of independent fused multiply-adds in registers and returns how many
/// floating-point operations that was; the caller takes the time. `sink` keeps the loop alive.
int64_t mtlc_fma_peak_run(int64_t iterations, float *sink);

#endif

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

/// From so many bytes on a result is stored past the caches: it has left the second-level cache before it is
/// read again, and much of a core's share of the third. A line that is stored whole need not be read first: past
/// the caches, storing such a result takes a third of the time. Smaller ones may still be found in a large
/// third-level cache.
int64_t mtlc_kernels_streamed_bytes(void);

/// For tests: kernels that the calling thread runs store results past the caches from `bytes` on; 0: from the
/// usual size on again. The values are the same.
void mtlc_kernels_force_streamed_bytes(int64_t bytes);

/// Runs `iterations` rounds of independent fused multiply-adds in registers and returns how many
/// floating-point operations that was; the caller takes the time. `sink` keeps the loop alive.
int64_t mtlc_fma_peak_run(int64_t iterations, float *sink);

#endif

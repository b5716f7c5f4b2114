#define _GNU_SOURCE
#include "mtlc_isa.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "kernel_table.h"

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

static _Atomic(const mtlc_kernel_table *) best;

/// For tests, which run beside others that must not notice.
static _Thread_local const mtlc_kernel_table *forced;

#if defined(__x86_64__)
static int has_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("fma");
}

static int has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#endif

#if defined(__x86_64__) && defined(__linux__)
/// Whether there are tiles of bfloat16 and the system lets this process use them: their registers
/// are so large that it wants to be asked.
static int has_amx(void) {
  enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18, AMX_BF16 = 1 << 22, AMX_TILE = 1 << 24 };
  unsigned a, b, c, d;
  if (!has_avx512() || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
  if ((d & (AMX_BF16 | AMX_TILE)) != (AMX_BF16 | AMX_TILE)) return 0;
  return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}
#endif

/// The variant of that name, or the best one for NULL; NULL when this machine lacks it.
static const mtlc_kernel_table *table_named(const char *name) {
#if defined(__x86_64__)
  __builtin_cpu_init();
#if defined(__linux__)
  if ((!name || strcmp(name, "amx") == 0) && has_amx()) return &mtlc_table_amx;
#endif
  if ((!name || strcmp(name, "avx512") == 0) && has_avx512()) return &mtlc_table_avx512;
  if ((!name || strcmp(name, "avx2") == 0) && has_avx2()) return &mtlc_table_avx2;
#endif
  return !name || strcmp(name, "generic") == 0 ? &mtlc_table_generic : NULL;
}

const mtlc_kernel_table *mtlc_table(void) {
  if (forced) return forced;
  const mtlc_kernel_table *table = atomic_load_explicit(&best, memory_order_relaxed);
  if (table) return table;
  // Threads that come here together all find the same answer.
  table = table_named(NULL);
  atomic_store_explicit(&best, table, memory_order_relaxed);
  return table;
}

const char *mtlc_kernels_isa(void) { return mtlc_table()->name; }

int32_t mtlc_kernels_force_isa(const char *name) {
  const mtlc_kernel_table *table = table_named(name);
  if (!table) return -1;
  forced = name ? table : NULL;
  return 0;
}

int32_t mtlc_kernels_use_isa(const char *name) {
  const mtlc_kernel_table *table = table_named(name);
  if (!table) return -1;
  atomic_store_explicit(&best, table, memory_order_relaxed);
  return 0;
}

enum { STREAMED_BYTES = 16 << 20 };
static _Thread_local int64_t forced_streamed_bytes;

int64_t mtlc_kernels_streamed_bytes(void) {
  return forced_streamed_bytes ? forced_streamed_bytes : STREAMED_BYTES;
}

void mtlc_kernels_force_streamed_bytes(int64_t bytes) { forced_streamed_bytes = bytes; }

int64_t mtlc_fma_peak_run(int64_t iterations, float *sink) {
  return mtlc_table()->fma_peak(iterations, sink);
}

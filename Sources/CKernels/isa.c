#include "mtlc_isa.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "table.h"

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

/// The variant of that name, or the best one for NULL; NULL when this machine lacks it.
static const mtlc_kernel_table *table_named(const char *name) {
#if defined(__x86_64__)
  __builtin_cpu_init();
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

int64_t mtlc_fma_peak_run(int64_t iterations, float *sink) {
  return mtlc_table()->fma_peak(iterations, sink);
}

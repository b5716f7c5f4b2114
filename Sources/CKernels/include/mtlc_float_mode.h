#ifndef MTLC_FLOAT_MODE_H
#define MTLC_FLOAT_MODE_H

#include <stdint.h>

// Subnormal numbers cost about a hundred cycles each on many cores, and optimizers make them by the
// million: the moments of a weight that gets no gradient decay towards zero for ever.

/// Lets the calling thread treat subnormal operands and results as zero, and returns what
/// mtlc_float_mode_restore takes to undo that. Does nothing on other processors.
static inline uint64_t mtlc_float_mode_flush(void) {
#if defined(__x86_64__)
  uint32_t mode = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(mode | 0x8040);  // flush to zero, denormals are zero
  return mode;
#elif defined(__aarch64__)
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  __asm__ volatile("msr fpcr, %0" : : "r"(mode | (UINT64_C(1) << 24)));
  return mode;
#else
  return 0;
#endif
}

static inline void mtlc_float_mode_restore(uint64_t mode) {
#if defined(__x86_64__)
  __builtin_ia32_ldmxcsr((uint32_t)mode);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" : : "r"(mode));
#else
  (void)mode;
#endif
}

#endif

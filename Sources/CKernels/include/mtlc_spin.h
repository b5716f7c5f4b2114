#ifndef MTLC_SPIN_H
#define MTLC_SPIN_H

/// Tells the core that this is a spin loop: saves power and leaves the pipeline to a sibling thread.
static inline void mtlc_spin_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory");
#endif
}

#endif

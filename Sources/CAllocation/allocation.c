#include "allocation.h"

#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZER_ALLOCATES 1
#endif
#endif

#if defined(__linux__) && defined(__GLIBC__) && !defined(SANITIZER_ALLOCATES)

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <sys/resource.h>

// glibc lets a program define the entry points of the allocator, for its shared libraries too, and keeps its
// own under these names.
extern void *__libc_malloc(size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

enum { page = 4096 };

static void (*_Atomic on_shortage)(size_t);

static void *given(void *block, size_t size) {
  if (block == NULL) {
    void (*handler)(size_t) = atomic_load_explicit(&on_shortage, memory_order_acquire);
    if (handler != NULL) handler(size);
  }
  return block;
}

// Weak, so that a program of tests can count allocations in place of it.
__attribute__((weak)) void *malloc(size_t size) { return given(__libc_malloc(size), size); }

__attribute__((weak)) int posix_memalign(void **result, size_t alignment, size_t size) {
  if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) return EINVAL;
  int before = errno;
  void *block = __libc_memalign(alignment, size);
  if (alignment < page) block = given(block, size);
  if (block == NULL) {
    errno = before;
    return ENOMEM;
  }
  *result = block;
  return 0;
}

// The stack grows when it is touched, and a stack that cannot ends the program with a signal. The products of
// large matrices take 1.5 MiB of it.
__attribute__((noinline)) static void grow_stack(void) {
  size_t bytes = 4 << 20;
  struct rlimit limit;
  if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur / 2 < bytes) bytes = limit.rlim_cur / 2;
  volatile char *stack = __builtin_alloca(bytes);
  for (size_t i = bytes; i >= page; i -= page) stack[i - 1] = 0;
}

void mtlc_allocation_on_shortage(void (*handler)(size_t bytes)) {
  struct rlimit space;
  if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY) {
    mallopt(M_ARENA_MAX, 1);
    grow_stack();
  }
  atomic_store_explicit(&on_shortage, handler, memory_order_release);
}

#else

void mtlc_allocation_on_shortage(void (*handler)(size_t bytes)) { (void)handler; }

#endif

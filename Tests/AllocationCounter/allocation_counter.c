#include "allocation_counter.h"

#include <stdatomic.h>
#include <stddef.h>

// glibc lets a program define the allocator's entry points itself, for its shared libraries too,
// and keeps its own under other names. The wrappers count and pass on. A sanitizer has an allocator of its
// own in their place.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZER_ALLOCATES 1
#endif
#endif

#if defined(__linux__) && defined(__GLIBC__) && !defined(SANITIZER_ALLOCATES)

#include <errno.h>

static _Atomic int64_t count;
static _Thread_local int watched;

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t number, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static void note(void) {
  if (watched) atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
}

void *malloc(size_t size) {
  note();
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  note();
  return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size) {
  note();
  return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
  note();
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  note();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
  note();
  void *block = __libc_memalign(alignment, size);
  if (block == NULL) return ENOMEM;
  *result = block;
  return 0;
}

void allocation_watch(int on) { watched = on; }
int64_t allocation_count(void) { return atomic_load(&count); }

#else

void allocation_watch(int on) { (void)on; }
int64_t allocation_count(void) { return -1; }

#endif

#ifndef MTLC_KERNEL_RANDOM_CUT_H
#define MTLC_KERNEL_RANDOM_CUT_H

#include <stdint.h>

/// Elements per tile: at least 1024, at most 32 tiles, and a whole number of blocks of vectors.
static inline int64_t random_tile(int64_t count) {
  int64_t tile = (count / 32 + 1023) / 1024 * 1024;
  return tile > 1024 ? tile : 1024;
}

#endif

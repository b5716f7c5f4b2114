#ifndef MTLC_RANDOM_H
#define MTLC_RANDOM_H

#include <stdint.h>

/// Counter-based uniform numbers in [0, 1): element i depends on (seed, stream, step, i) alone, where a run may
/// be a part of a batch and i counts from *first_row * row_elements on.
///
/// Philox4x32-10 with key (low, high half of seed) and counter (low, high half of i / 4,
/// low half of *step, stream); of its four output words element i takes word i mod 4 and becomes
/// (word >> 8) * 2^-24. One Philox round maps (c0, c1, c2, c3) with key (k0, k1) to
///   (hi(0xCD9E8D57 * c2) ^ c1 ^ k0, lo(0xCD9E8D57 * c2),
///    hi(0xD2511F53 * c0) ^ c3 ^ k1, lo(0xD2511F53 * c0));
/// ten rounds, and between two rounds k0 += 0x9E3779B9, k1 += 0xBB67AE85 (modulo 2^32).
typedef struct mtlc_random_args {
  int64_t count;  ///< Extent.
  uint64_t seed;
  uint32_t stream;
  uint32_t reserved;
  const int64_t *step;  ///< Read at run time; NULL: 0.
  const int64_t *first_row;  ///< Read at run time; NULL: 0.
  int64_t row_elements;
  float *out;           ///< [count / columns, columns] with rows ld apart.
  int64_t columns, ld;  ///< Equal where the rows follow each other without gaps.
} mtlc_random_args;

int64_t mtlc_random_tiles(const mtlc_random_args *args);
void mtlc_random_run(const mtlc_random_args *args, int64_t first, int64_t last);

#endif

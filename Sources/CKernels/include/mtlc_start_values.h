#ifndef MTLC_START_VALUES_H
#define MTLC_START_VALUES_H

#include <stdint.h>

/// Start values of parameters: element i depends on (key, i) alone.
///
/// Each element has one block of Philox4x32-10 (see mtlc_random.h), with the counter (low, high
/// half of i, 0, 2^32 - 1); of its words w, u = (w0 2^32 + w1) >> 11 and v = (w2 2^32 + w3) >> 11,
/// both times 2^-53. All else is computed in double and rounded to float once:
///   uniform   (2u - 1) scale
///   normal    scale sqrt(-2 log(1 - u)) cos(2 pi v)
typedef struct mtlc_start_values_args {
  uint64_t key;
  uint64_t first;     ///< The number of the first element.
  int64_t count;
  double scale;
  float *out;         ///< [count], contiguous.
  int32_t *doubtful;  ///< [count], of normal values: places in out, see below.
} mtlc_start_values_args;

/// The bits are those of the formula.
void mtlc_uniform_values(const mtlc_start_values_args *args);

/// The logarithm and the cosine are good to a few units in the last place of a double. Where that
/// could decide how the result is rounded to float, for some elements in a million, the place
/// is told in `doubtful` and the caller has to work out the element more exactly. So all bits are
/// those that a correctly rounded library would give. Returns how many places these are.
int64_t mtlc_normal_values(const mtlc_start_values_args *args);

#endif

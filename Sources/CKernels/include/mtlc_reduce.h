#ifndef MTLC_REDUCE_H
#define MTLC_REDUCE_H

#include <stdint.h>

#include "mtlc_enum.h"

typedef enum mtlc_reduction {
  MTLC_REDUCE_SUM = 0,
  MTLC_REDUCE_MAX = 1,
  MTLC_REDUCE_MIN = 2,
} mtlc_reduction;

enum { MTLC_REDUCE_COUNT = MTLC_REDUCE_MIN + 1 };

/// output[kept indices] = reduction of input over the dims with reduced[d] != 0.
/// The reduction of nothing is 0, -infinity or +infinity; NaN wins over every number.
typedef struct mtlc_reduce_args {
  int64_t dims[4];  ///< Extents, outermost first; unused leading ones are 1.
  int32_t reduced[4];
  mtlc_reduction kind;
  int32_t reserved;
  const float *input;
  int64_t input_stride[4];
  float *output;
  int64_t output_stride[4];  ///< Ignored for reduced dims.
} mtlc_reduce_args;

int64_t mtlc_reduce_tiles(const mtlc_reduce_args *args);
void mtlc_reduce_run(const mtlc_reduce_args *args, int64_t first, int64_t last);

#endif

// How a mixture is cut into rows.
#ifndef MTLC_KERNEL_MIXTURE_CUT_H
#define MTLC_KERNEL_MIXTURE_CUT_H

#include "mtlc_mixture.h"
#include "../support/row_cut.h"

static inline int64_t all_picks(const int64_t *gate_sizes, int64_t gates) {
  int64_t picks = 0;
  for (int64_t g = 0; g < gates; g++) picks += gate_sizes[g];
  return picks;
}

static inline row_cut mixture_cut(int64_t rows, const int64_t *gate_sizes, int64_t gates,
                                  int64_t width) {
  return row_cut_of(rows, all_picks(gate_sizes, gates) * (width + 8));
}

#endif

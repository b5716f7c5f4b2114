#include "mtlc_gradient_sum.h"

#include "gradient_sum_cut.h"
#include "../isa/kernel_table.h"

int64_t mtlc_gradient_sum_tiles(const mtlc_gradient_sum_args *args) {
  return (args->count + GRADIENT_SUM_TILE - 1) / GRADIENT_SUM_TILE;
}

void mtlc_gradient_sum_run(const mtlc_gradient_sum_args *args, int64_t first, int64_t last) {
  mtlc_table()->gradient_sum(args, first, last);
}

#include "mtlc_reduce.h"

#include "reduce_cut.h"
#include "../isa/kernel_table.h"

int64_t mtlc_reduce_tiles(const mtlc_reduce_args *args) {
  reduce_cut cut;
  reduce_cut_of(args, &cut);
  return cut.tiles;
}

void mtlc_reduce_run(const mtlc_reduce_args *args, int64_t first, int64_t last) {
  mtlc_table()->reduce(args, first, last);
}

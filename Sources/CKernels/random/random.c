#include "mtlc_random.h"

#include "random_cut.h"
#include "../isa/kernel_table.h"

int64_t mtlc_random_tiles(const mtlc_random_args *args) {
  int64_t tile = random_tile(args->count);
  return (args->count + tile - 1) / tile;
}

void mtlc_random_run(const mtlc_random_args *args, int64_t first, int64_t last) {
  mtlc_table()->random(args, first, last);
}

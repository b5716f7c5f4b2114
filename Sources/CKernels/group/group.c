#include "mtlc_group.h"

#include "group_cut.h"
#include "../isa/kernel_table.h"

int64_t mtlc_group_tiles(const mtlc_group_args *args) {
  return args->cols > 0 ? group_cut_of(args).tiles : 0;
}

void mtlc_group_run(const mtlc_group_args *args, int64_t first, int64_t last) {
  if (args->cols > 0) mtlc_table()->group(args, first, last);
}

int64_t mtlc_group_pairs_tiles(const mtlc_group_pairs_args *args) {
  return group_pairs_cut_of(args).tiles;
}

void mtlc_group_pairs_run(const mtlc_group_pairs_args *args, int64_t first, int64_t last) {
  mtlc_table()->group_pairs(args, first, last);
}

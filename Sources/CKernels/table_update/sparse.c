#include "mtlc_sparse.h"

#include "sparse_cut.h"
#include "../isa/kernel_table.h"

int64_t mtlc_sparse_route_tiles(const mtlc_sparse_args *args) {
  return args->source_count > 0 ? sparse_cut_of(args).chunks : 0;
}

void mtlc_sparse_route_run(const mtlc_sparse_args *args, int64_t first, int64_t last) {
  mtlc_table()->sparse_route(args, first, last);
}

int64_t mtlc_sparse_group_tiles(const mtlc_sparse_args *args) {
  return args->source_count > 0 ? sparse_cut_of(args).parts : 0;
}

void mtlc_sparse_group_run(const mtlc_sparse_args *args, int64_t first, int64_t last) {
  mtlc_table()->sparse_group(args, first, last);
}

int64_t mtlc_sparse_update_tiles(const mtlc_sparse_args *args) {
  return args->source_count > 0 ? sparse_cut_of(args).chunks * SPARSE_PIECES : 0;
}

void mtlc_sparse_update_run(const mtlc_sparse_args *args, int64_t first, int64_t last) {
  mtlc_table()->sparse_update(args, first, last);
}

#include "mtlc_sparse.h"

#include "table.h"

int64_t mtlc_sparse_route_tiles(const mtlc_sparse_args *args) {
  return args->source_count > 0 ? 1 : 0;
}

void mtlc_sparse_route_run(const mtlc_sparse_args *args, int64_t first, int64_t last) {
  if (first < last) mtlc_table()->sparse_route(args);
}

int64_t mtlc_sparse_update_tiles(const mtlc_sparse_args *args) {
  return args->source_count > 0 ? MTLC_SPARSE_PARTS : 0;
}

void mtlc_sparse_update_run(const mtlc_sparse_args *args, int64_t first, int64_t last) {
  mtlc_table()->sparse_update(args, first, last);
}

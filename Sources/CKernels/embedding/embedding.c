#include "mtlc_embedding.h"

#include "embedding_cut.h"
#include "../isa/kernel_table.h"

int64_t mtlc_gather_tiles(const mtlc_gather_args *args) {
  return args->feature_count > 0 ? gather_cut(args).tiles : 0;
}

void mtlc_gather_run(const mtlc_gather_args *args, int64_t first, int64_t last) {
  mtlc_table()->gather(args, first, last);
}

int64_t mtlc_scatter_add_tiles(const mtlc_scatter_add_args *args) {
  return args->rows > 0 && args->feature_count > 0 ? scatter_parts(args) : 0;
}

void mtlc_scatter_add_run(const mtlc_scatter_add_args *args, int64_t first, int64_t last) {
  mtlc_table()->scatter_add(args, first, last);
}

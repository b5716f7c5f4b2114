#include "mtlc_optimizer.h"

#include "optimizer_tiles.h"
#include "table.h"

int64_t mtlc_optimizer_tiles(const mtlc_optimizer_args *args) {
  return all_segment_tiles(args->segments, args->segment_count);
}

void mtlc_optimizer_run(const mtlc_optimizer_args *args, int64_t first, int64_t last) {
  mtlc_table()->optimizer(args, first, last);
}

int64_t mtlc_gradient_norm_tiles(const mtlc_gradient_norm_args *args) {
  return all_segment_tiles(args->segments, args->segment_count);
}

void mtlc_gradient_norm_run(const mtlc_gradient_norm_args *args, int64_t first, int64_t last) {
  mtlc_table()->gradient_norm(args, first, last);
}

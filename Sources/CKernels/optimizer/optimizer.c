#include "mtlc_optimizer.h"

#include <math.h>

#include "optimizer_cut.h"
#include "../isa/kernel_table.h"

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

void mtlc_clip_run(const mtlc_clip_args *args) {
  double sum = 0;
  for (int64_t i = 0; i < args->count; i++) sum += args->partials[i];
  double norm = sqrt(sum);
  args->hyper->gradient_scale =
      norm > args->maximum_norm ? (float)(args->maximum_norm / norm) : 1.0f;
}

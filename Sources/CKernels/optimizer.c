#include "mtlc_optimizer.h"

#include "update.h"

int64_t mtlc_optimizer_tiles(const mtlc_optimizer_args *t) { return t->segment_count; }

void mtlc_optimizer_run(const mtlc_optimizer_args *t, int64_t first, int64_t last) {
  for (int64_t i = first; i < last; i++) {
    const mtlc_optimizer_segment *s = t->segments + i;
    for (int64_t j = 0; j < s->count; j++) {
      update_one(t->kind, t->hyper, s->l2, s->gradient[j], s->parameter + j, s->state1 + j,
                 s->state2 + j);
      if (s->clear_gradient) s->gradient[j] = 0;
    }
  }
}

int64_t mtlc_gradient_norm_tiles(const mtlc_gradient_norm_args *t) { return t->segment_count; }

void mtlc_gradient_norm_run(const mtlc_gradient_norm_args *t, int64_t first, int64_t last) {
  for (int64_t i = first; i < last; i++) {
    double sum = 0;
    for (int64_t j = 0; j < t->segments[i].count; j++)
      sum += (double)t->segments[i].gradient[j] * t->segments[i].gradient[j];
    t->partials[i] = sum;
  }
}

// The dense optimizer over segments, and the gradient norm.
#ifndef MTLC_KERNEL_OPTIMIZER_H
#define MTLC_KERNEL_OPTIMIZER_H

#include "optimizer_cut.h"
#include "optimizer_rules.h"

INLINE void step_part_as(const mtlc_optimizer_kind kind, const int given,
                         const mtlc_optimizer_hyper *hyper, const segment_part *part) {
  const mtlc_optimizer_segment *s = part->segment;
  step_constants constants = step_constants_of(hyper, s->l2);
  float *p = s->parameter + part->start, *g = s->gradient + part->start;
  float *s1 = s->state1 + part->start, *s2 = s->state2 + part->start;
  int64_t i = 0, n = part->count;
  const int clear = s->clear_gradient;
  for (; i + VL <= n; i += VL) {
    step(kind, given, &constants, load(g + i), p + i, s1 + i, s2 + i, STEP_WHOLE, VL);
    if (clear) store(g + i, (vf){0});
  }
  if (i < n) {
    step(kind, given, &constants, load_n(g + i, n - i), p + i, s1 + i, s2 + i, STEP_SOME, n - i);
    if (clear) store_n(g + i, (vf){0}, n - i);
  }
}

static void step_part(mtlc_optimizer_kind kind, const mtlc_optimizer_hyper *hyper,
                      const segment_part *part) {
  step_constants constants = step_constants_of(hyper, part->segment->l2);
  if (is_plain(kind, &constants)) {
    step_part_as(MTLC_OPTIMIZER_ADAM, STEP_PLAIN, hyper, part);
    return;
  }
#define CASE(name) \
  case MTLC_OPTIMIZER_##name:                                          \
    step_part_as(MTLC_OPTIMIZER_##name, STEP_GRADIENT, hyper, part); \
    break;
  switch (kind) { MTLC_OPTIMIZERS(CASE) }
#undef CASE
}

static void optimizer_run(const mtlc_optimizer_args *t, int64_t first, int64_t last) {
  const mtlc_optimizer_segment *segment = t->segments;
  int64_t base = 0;
  while (first < last) {
    segment_part part = next_part(&segment, &base, first, last);
    step_part(t->kind, t->hyper, &part);
    first += part.tiles;
  }
}

/// One partial sum per tile, so that the total does not depend on who summed what.
static void gradient_norm_run(const mtlc_gradient_norm_args *t, int64_t first, int64_t last) {
  const mtlc_optimizer_segment *segment = t->segments;
  int64_t base = 0;
  for (; first < last; first++) {
    segment_part part = next_part(&segment, &base, first, first + 1);
    const float *g = part.segment->gradient + part.start;
    vf even = {0}, odd = {0};
    int64_t i = 0, n = part.count;
    for (; i + 2 * VL <= n; i += 2 * VL) {
      vf x = load(g + i), y = load(g + i + VL);
      even += x * x;
      odd += y * y;
    }
    for (; i < n; i += VL) {
      vf x = load_upto(g + i, n - i);
      even += x * x;
    }
    double sum = 0;
    vf both = even + odd;
    for (int l = 0; l < VL; l++) sum += (double)both[l];
    t->partials[first] = sum;
  }
}

#endif

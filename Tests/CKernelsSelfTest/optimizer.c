#include "support.h"

static void check_optimizer(mtlc_optimizer_kind kind, int64_t pieces) {
  enum { SEGMENTS = 5 };
  static const int64_t counts[SEGMENTS] = {3, 0, 4096, 9001, 17};
  mtlc_optimizer_segment segments[SEGMENTS];
  float *p[SEGMENTS], *g[SEGMENTS], *s1[SEGMENTS], *s2[SEGMENTS];
  float *p0[SEGMENTS], *g0[SEGMENTS], *a0[SEGMENTS], *b0[SEGMENTS];
  for (int i = 0; i < SEGMENTS; i++) {
    int64_t n = counts[i];
    p[i] = random_floats(n), g[i] = random_floats(n), s1[i] = random_floats(n);
    s2[i] = random_floats(n);
    for (int64_t j = 0; j < n; j++) s1[i][j] = fabsf(s1[i][j]), s2[i][j] = fabsf(s2[i][j]);
    if (n > 2) g[i][1] = 0, s1[i][1] = 0, s2[i][1] = 0;
    p0[i] = copy_floats(p[i], n), g0[i] = copy_floats(g[i], n);
    a0[i] = copy_floats(s1[i], n), b0[i] = copy_floats(s2[i], n);
    segments[i] = (mtlc_optimizer_segment){.count = n, .parameter = p[i], .gradient = g[i],
                                           .state1 = s1[i], .state2 = s2[i],
                                           .l2 = i == 3 ? 0.1f : 0, .clear_gradient = i == 2};
  }
  mtlc_optimizer_hyper h = optimizer_hyper_of(0.01f);
  mtlc_gradient_norm_args norm = {.segment_count = SEGMENTS, .segments = segments};
  int64_t tiles = mtlc_gradient_norm_tiles(&norm);
  double *partials = malloc((size_t)tiles * sizeof(double)), total = 0, expected = 0;
  norm.partials = partials;
  for (int64_t q = pieces; q-- > 0;)
    mtlc_gradient_norm_run(&norm, tiles * q / pieces, tiles * (q + 1) / pieces);
  for (int64_t i = 0; i < tiles; i++) total += partials[i];
  for (int i = 0; i < SEGMENTS; i++)
    for (int64_t j = 0; j < counts[i]; j++) expected += (double)g[i][j] * g[i][j];
  expect_near("gradient norm", total, expected, 1e-6);

  mtlc_optimizer_args t = {.kind = kind, .segment_count = SEGMENTS, .segments = segments,
                           .hyper = &h};
  tiles = mtlc_optimizer_tiles(&t);
  for (int64_t q = pieces; q-- > 0;)
    mtlc_optimizer_run(&t, tiles * q / pieces, tiles * (q + 1) / pieces);
  for (int i = 0; i < SEGMENTS; i++)
    for (int64_t j = 0; j < counts[i]; j++) {
      double a = a0[i][j], b = b0[i][j];
      double e = step_of(kind, &h, segments[i].l2, g0[i][j], p0[i][j], &a, &b);
      expect_near("parameter", p[i][j], e, 1e-6);
      expect_near("state 1", s1[i][j], a, 1e-6);
      expect_near("state 2", s2[i][j], b, 1e-6);
      expect_near("gradient", g[i][j], segments[i].clear_gradient ? 0 : g0[i][j], 0);
    }
  for (int i = 0; i < SEGMENTS; i++) {
    float *all[] = {p[i], g[i], s1[i], s2[i], p0[i], g0[i], a0[i], b0[i]};
    for (int j = 0; j < 8; j++) free(all[j]);
  }
  free(partials);
}

/// scale * x and three terms, each sum rounded; in place too.
static void check_gradient_sum(int64_t n, int32_t terms, float scale, int in_place) {
  float *x = random_floats(n), *own = copy_floats(x, n);
  float *out = in_place ? x : random_floats(n);
  mtlc_gradient_sum_args t = {.count = n, .x = x, .scale = scale, .term_count = terms, .out = out};
  float *term[3];
  for (int k = 0; k < 3; k++) t.terms[k] = term[k] = random_floats(n);
  int64_t tiles = mtlc_gradient_sum_tiles(&t);
  for (int64_t q = 3; q-- > 0;)
    mtlc_gradient_sum_run(&t, tiles * q / 3, tiles * (q + 1) / 3);
  for (int64_t i = 0; i < n; i++) {
    // Without a fused multiply-add.
    volatile float sum = own[i] * scale;
    for (int k = 0; k < terms; k++) sum = term[k][i] + sum;
    expect_near("gradient sum", out[i], sum, 0);
  }
  if (!in_place) free(out);
  free(x), free(own);
  for (int k = 0; k < 3; k++) free(term[k]);
}

void selftest_optimizer(void) {
  for (int32_t terms = 0; terms < 4; terms++)
    for (int in_place = 0; in_place < 2; in_place++) {
      check_gradient_sum(3, terms, 0.37f, in_place);
      check_gradient_sum(9001, terms, 1.0f / 3, in_place);
    }
  for (mtlc_optimizer_kind kind = 0; kind < MTLC_OPTIMIZER_COUNT; kind++)
    for (int64_t pieces = 1; pieces < 4; pieces++) check_optimizer(kind, pieces);
}

#include "support.h"

/// Steps a copy of `weight` whose gradient is `gradient`: at once; first the rows that the batch
/// lacks, then the others; and every second feature by itself.
static void check_update(mtlc_optimizer_kind kind, float rate, mtlc_onehot_gradient_args t,
                         const float *gradient, const float *weight, int64_t size) {
  if (t.rows > MTLC_ONEHOT_UPDATE_BATCH) abort();
  mtlc_optimizer_hyper h = optimizer_hyper_of(rate);
  h.gradient_scale = 1;
  float *m = random_floats(size), *v = random_floats(size);
  if (kind == MTLC_OPTIMIZER_ADAGRAD)
    for (int64_t i = 0; i < size; i++) m[i] = fabsf(m[i]) + 0.1f;
  for (int64_t i = 0; i < size; i++) v[i] = fabsf(v[i]);
  float *p[3], *s1[3], *s2[3];
  int64_t offsets[256], counts[256], columns[256];
  if (t.feature_count > 256) abort();
  for (int way = 0; way < 3; way++) {
    p[way] = copy_floats(weight, size), s1[way] = copy_floats(m, size);
    s2[way] = copy_floats(v, size);
    mtlc_optimizer_update update = {.kind = kind, .parameter = p[way], .state1 = s1[way],
                                    .state2 = s2[way], .ld = t.ld_d_weight, .hyper = &h};
    mtlc_onehot_gradient_args u = t;
    u.update = &update, u.d_weight = 0;
    if (way == 0) {
      RUN_IN_PIECES(onehot_gradient, &u, 2);
    } else if (way == 1) {
      u.update_rows = MTLC_ROWS_ABSENT, u.d_out = 0;
      RUN_IN_PIECES(onehot_gradient, &u, 3);
      u.update_rows = MTLC_ROWS_PRESENT, u.d_out = t.d_out;
      RUN_IN_PIECES(onehot_gradient, &u, 2);
    } else {
      u.row_offsets = offsets, u.row_counts = counts, u.id_columns = columns;
      for (int64_t odd = 0; odd < 2; odd++) {
        u.feature_count = 0;
        for (int64_t f = odd; f < t.feature_count; f += 2, u.feature_count++) {
          offsets[u.feature_count] = t.row_offsets[f], counts[u.feature_count] = t.row_counts[f];
          columns[u.feature_count] = t.id_columns[f];
        }
        if (u.feature_count > 0) RUN_IN_PIECES(onehot_gradient, &u, 2);
      }
    }
  }
  for (int64_t i = 0; i < size; i++) {
    double state1 = m[i], state2 = v[i];
    double e = step_of(kind, &h, 0, gradient[i], weight[i], &state1, &state2);
    expect_near("onehot update", p[0][i], i % t.ld_d_weight < t.n ? e : weight[i], 1e-5);
  }
  for (int way = 1; way < 3; way++) {
    expect_same("onehot update in two turns", p[way], p[0], size * 4);
    expect_same("onehot states in two turns", s1[way], s1[0], size * 4);
    expect_same("onehot states in two turns", s2[way], s2[0], size * 4);
  }
  for (int way = 0; way < 3; way++) free(p[way]), free(s1[way]), free(s2[way]);
  free(m), free(v);
}

static void check_onehot(int64_t rows, int64_t n, int64_t features) {
  int64_t *id_columns = malloc((size_t)features * 8), *offsets = malloc((size_t)features * 8);
  int64_t *counts = malloc((size_t)features * 8), weight_rows = 0, ldw = n + random_below(3);
  for (int64_t f = 0; f < features; f++) {
    id_columns[f] = features - f, offsets[f] = weight_rows, counts[f] = 1 + random_below(20);
    weight_rows += counts[f];
  }
  int64_t ld = n + random_below(4), size = weight_rows * ldw;
  int32_t *ids = random_ids(rows * (features + 1), -1, 22);
  float *w = random_floats(size), *bias = random_floats(n), *out = random_floats(rows * ld);
  float *d = random_floats(rows * ld), *dw = random_floats(size), *db = random_floats(n);
  float *before = copy_floats(out, rows * ld), *dw0 = copy_floats(dw, size);
  mtlc_onehot_linear_args t = {.rows = rows, .n = n, .feature_count = features,
                               .id_columns = id_columns, .row_offsets = offsets,
                               .row_counts = counts, .ids = ids, .ld_ids = features + 1,
                               .weight = w, .ld_weight = ldw, .bias = bias, .out = out,
                               .ld_out = ld, .accumulate = random_below(2),
                               .activation = (mtlc_activation)random_below(MTLC_ACTIVATION_COUNT),
                               .activation_begin = random_below(n)};
  RUN_IN_PIECES(onehot_linear, &t, 1);
  double *sums = malloc((size_t)n * 8), *g = malloc((size_t)size * 8);
  double *column = calloc((size_t)n, 8);
  for (int64_t i = 0; i < size; i++) g[i] = dw[i];
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < n; j++) {
      sums[j] = (double)bias[j] + (t.accumulate ? before[i * ld + j] : 0);
      column[j] += d[i * ld + j];
    }
    for (int64_t f = 0; f < features; f++) {
      int32_t id = ids[i * (features + 1) + id_columns[f]];
      if (id < 0) continue;
      int64_t row = offsets[f] + (id < counts[f] ? id : 0);
      for (int64_t j = 0; j < n; j++) {
        sums[j] += w[row * ldw + j];
        g[row * ldw + j] += d[i * ld + j];
      }
    }
    for (int64_t j = 0; j < n; j++)
      expect_near("onehot_linear", out[i * ld + j],
                  j >= t.activation_begin ? activation_of(t.activation, sums[j]) : sums[j], 1e-5);
  }
  float *out1 = copy_floats(out, rows * ld);
  memcpy(out, before, (size_t)(rows * ld) * 4);
  RUN_IN_PIECES(onehot_linear, &t, 3);
  expect_same("onehot_linear in pieces", out, out1, rows * ld * 4);

  mtlc_onehot_gradient_args u = {.rows = rows, .n = n, .feature_count = features,
                                 .id_columns = id_columns, .row_offsets = offsets,
                                 .row_counts = counts, .ids = ids, .ld_ids = features + 1,
                                 .d_out = d, .ld_d_out = ld, .d_weight = dw, .ld_d_weight = ldw,
                                 .d_bias = db};
  RUN_IN_PIECES(onehot_gradient, &u, 1);
  // Most ids are beyond the smaller counts, so that row 0 sums up most rows of the batch.
  double tolerance = 1e-5 + 3e-8 * (double)rows;
  for (int64_t i = 0; i < size; i++) expect_near("onehot_gradient", dw[i], g[i], tolerance);
  for (int64_t j = 0; j < n; j++) expect_near("onehot bias", db[j], column[j], tolerance);
  float *dw1 = copy_floats(dw, size);
  memcpy(dw, dw0, (size_t)size * 4);
  RUN_IN_PIECES(onehot_gradient, &u, 3);
  expect_same("onehot_gradient in pieces", dw, dw1, size * 4);

  // The sums step a parameter at once; gradients from zero.
  memset(dw, 0, (size_t)size * 4);
  RUN_IN_PIECES(onehot_gradient, &u, 1);
  u.d_bias = 0;
  for (mtlc_optimizer_kind kind = 0; kind < MTLC_OPTIMIZER_COUNT; kind++)
    check_update(kind, 0.1f, u, dw, w, size);
  check_update(MTLC_OPTIMIZER_ADAM, 1e-20f, u, dw, w, size);
  check_update(MTLC_OPTIMIZER_ADAM, 0, u, dw, w, size);
  void *all[] = {id_columns, offsets, counts, ids, w, bias, out, d, dw, db, before, dw0, sums, g,
                 column, out1, dw1};
  for (int i = 0; i < 17; i++) free(all[i]);
}

void selftest_onehot(void) {
  static const int64_t widths[] = {1, 7, 8, 16, 31, 144, 200};
  for (int i = 0; i < 7; i++) {
    check_onehot(1, widths[i], 3);
    check_onehot(33, widths[i], 1 + random_below(12));
  }
  check_onehot(600, 20, 5);
  // More features than are stepped together.
  check_onehot(5, 16, 200);
  check_onehot(1024, 3, 12);
}

#include "support.h"

static void check_one(int64_t m, int64_t n, int64_t k, int64_t groups) {
  int64_t pad = random_below(3) * 3;
  mtlc_matmul_args t = {.m = m, .n = n, .k = k, .groups = groups};
  t.transpose_a = random_below(2), t.transpose_b = random_below(2);
  t.accumulate = random_below(4) == 0;
  t.lda = (t.transpose_a ? m : k) + pad, t.ldb = (t.transpose_b ? k : n) + pad, t.ldc = n + pad;
  t.ldy = n + random_below(3);
  int64_t a_size = (t.transpose_a ? k : m) * t.lda, b_size = (t.transpose_b ? n : k) * t.ldb;
  int64_t c_size = m * t.ldc;
  t.a_group_stride = a_size, t.b_group_stride = b_size, t.c_group_stride = c_size;
  t.bias_group_stride = n, t.y_group_stride = m * t.ldy, t.colsum_group_stride = n;
  float *a = random_floats(a_size * groups), *b = random_floats(b_size * groups);
  float *c = random_floats(c_size * groups), *bias = random_floats(n * groups);
  float *y = random_floats(m * t.ldy * groups), *colsum = random_floats(n * groups);
  float *before = copy_floats(c, c_size * groups), *sums = copy_floats(colsum, n * groups);
  t.a = a, t.b = b, t.c = c;
  if (random_below(2)) t.bias = bias;
  if (random_below(2)) t.activation = (int32_t)random_below(4);
  if (random_below(3) == 0) t.y = y, t.activation_gradient = 1 + (int32_t)random_below(3);
  if (random_below(3) == 0 && n > 1) {
    t.activation_begin = random_below(n - 1);
    t.activation_end = t.activation_begin + 1 + random_below(n - t.activation_begin);
  }
  if (random_below(2)) t.colsum = colsum, t.colsum_accumulate = random_below(2);
  mtlc_optimizer_hyper h = {.learning_rate = 0.01f, .beta1 = 0.9f, .beta2 = 0.999f,
                            .epsilon = 1e-8f, .weight_decay = 0.1f, .momentum = 0.8f,
                            .bias_correction1 = 0.3f, .bias_correction2 = 0.02f,
                            .gradient_scale = 0.5f};
  mtlc_optimizer_update u = {.kind = (int32_t)random_below(5), .l2 = 0.01f, .ld = t.ldc,
                             .group_stride = c_size, .hyper = &h};
  mtlc_optimizer_update v = u;
  v.group_stride = n;
  float *p = random_floats(c_size * groups), *s1 = random_floats(c_size * groups);
  float *s2 = random_floats(c_size * groups), *q = random_floats(n * groups);
  float *q1 = random_floats(n * groups), *q2 = random_floats(n * groups);
  for (int64_t i = 0; i < c_size * groups; i++) s1[i] = fabsf(s1[i]), s2[i] = fabsf(s2[i]);
  for (int64_t i = 0; i < n * groups; i++) q1[i] = fabsf(q1[i]), q2[i] = fabsf(q2[i]);
  float *p0 = copy_floats(p, c_size * groups), *s10 = copy_floats(s1, c_size * groups);
  float *s20 = copy_floats(s2, c_size * groups), *q0 = copy_floats(q, n * groups);
  float *q10 = copy_floats(q1, n * groups), *q20 = copy_floats(q2, n * groups);
  u.parameter = p, u.state1 = s1, u.state2 = s2;
  v.parameter = q, v.state1 = q1, v.state2 = q2;
  if (random_below(3) == 0) t.update = &u;
  if (t.colsum && random_below(3) == 0) t.colsum_update = &v;

  RUN_IN_PIECES(matmul, &t, 1);

  int64_t end = t.activation_end ? t.activation_end : n;
  int64_t ai = t.transpose_a ? 1 : t.lda, ak = t.transpose_a ? t.lda : 1;
  int64_t bk = t.transpose_b ? 1 : t.ldb, bj = t.transpose_b ? t.ldb : 1;
  double tolerance = 2e-6 * sqrt((double)k + 4);
  for (int64_t g = 0; g < groups; g++) {
    for (int64_t i = 0; i < m; i++)
      for (int64_t j = 0; j < n; j++) {
        double x = 0;
        for (int64_t l = 0; l < k; l++)
          x += (double)a[g * a_size + i * ai + l * ak] * b[g * b_size + l * bk + j * bj];
        int64_t at = g * c_size + i * t.ldc + j;
        if (t.accumulate) x += before[at];
        if (t.bias) x += bias[g * n + j];
        if (j >= t.activation_begin && j < end) {
          // Near the kink of relu the rounding of x decides nothing but its own size.
          x = activation_of(t.activation, x);
          x *= slope_of(t.activation_gradient, y[g * t.y_group_stride + i * t.ldy + j]);
        }
        if (t.update) {
          double e1 = s10[at], e2 = s20[at];
          double e = step_of(u.kind, &h, u.l2, x, p0[at], &e1, &e2);
          expect_near("update", p[at], e, tolerance);
          expect_near("state", s1[at], e1, tolerance * (1 + fabs(x)));
        } else {
          expect_near("matmul", c[at], x, tolerance);
        }
      }
    for (int64_t j = 0; j < n && t.colsum; j++) {
      double x = t.colsum_accumulate ? sums[g * n + j] : 0;
      for (int64_t l = 0; l < k; l++) x += b[g * b_size + l * bk + j * bj];
      double e1 = q10[g * n + j], e2 = q20[g * n + j];
      if (t.colsum_update)
        expect_near("bias update", q[g * n + j],
                    step_of(v.kind, &h, v.l2, x, q0[g * n + j], &e1, &e2), tolerance);
      else
        expect_near("colsum", colsum[g * n + j], x, tolerance);
    }
  }
  // The same in pieces must give the same bits, padding included.
  float *c1 = copy_floats(c, c_size * groups), *p1 = copy_floats(p, c_size * groups);
  float *k1 = copy_floats(colsum, n * groups), *r1 = copy_floats(q, n * groups);
  for (int64_t pieces = 2; pieces <= 7; pieces += 5) {
    memcpy(c, before, (size_t)(c_size * groups) * 4);
    memcpy(colsum, sums, (size_t)(n * groups) * 4);
    memcpy(p, p0, (size_t)(c_size * groups) * 4), memcpy(s1, s10, (size_t)(c_size * groups) * 4);
    memcpy(s2, s20, (size_t)(c_size * groups) * 4), memcpy(q, q0, (size_t)(n * groups) * 4);
    memcpy(q1, q10, (size_t)(n * groups) * 4), memcpy(q2, q20, (size_t)(n * groups) * 4);
    RUN_IN_PIECES(matmul, &t, pieces);
    expect_same("matmul in pieces", c, c1, (c_size * groups) * 4);
    expect_same("update in pieces", p, p1, (c_size * groups) * 4);
    expect_same("colsum in pieces", colsum, k1, (n * groups) * 4);
    expect_same("bias in pieces", q, r1, (n * groups) * 4);
  }
  float *all[] = {a, b, c, bias, y, colsum, before, sums, p, s1, s2, q, q1, q2, p0, s10, s20, q0,
                  q10, q20, c1, p1, k1, r1};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) free(all[i]);
}

void selftest_matmul(void) {
  for (int64_t i = 0; i < 300; i++)
    check_one(random_below(40), random_below(70), random_below(60), 1 + random_below(3));
  for (int64_t i = 0; i < 20; i++) check_one(1, 1 + random_below(400), random_below(700), 1);
  static const int64_t shapes[][3] = {
      {32, 144, 499},  {499, 144, 32}, {499, 144, 600}, {600, 144, 70},  {520, 17, 33},
      {33, 65, 1100},  {140, 200, 300}, {513, 1, 8},    {5, 300, 1030},  {300, 290, 530},
      {700, 40, 1100}, {97, 66, 65},   {256, 144, 499}, {70, 1, 64},
      {61, 3, 77},     {39, 4, 512},    {130, 1, 300},  {90, 2, 129},   {200, 100, 1},
      {77, 300, 3},    {300, 530, 700}};
  for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
    for (int64_t r = 0; r < 4; r++) check_one(shapes[i][0], shapes[i][1], shapes[i][2], 1);
}

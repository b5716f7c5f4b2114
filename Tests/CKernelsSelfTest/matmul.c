#include "support.h"

/// The nearest bfloat16; of two, the one farther from zero.
static float nearest_bfloat(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  bits = (bits + 0x8000u) & 0xffff0000u;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/// Numbers as a product takes them: so many bfloat16 each, or floats where `parts` is 0. `first` is
/// the first part alone.
typedef struct {
  double *whole, *first;
} taken_numbers;

static taken_numbers take(const float *from, int64_t rows, int64_t columns, int64_t row_stride,
                          int64_t column_stride, int parts) {
  size_t bytes = (size_t)(rows * columns + 1) * sizeof(double);
  taken_numbers t = {malloc(bytes), malloc(bytes)};
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j++) {
      float x = from[i * row_stride + j * column_stride], first = parts ? nearest_bfloat(x) : x;
      t.first[i * columns + j] = first;
      t.whole[i * columns + j] = first + (parts > 1 ? (double)nearest_bfloat(x - first) : 0);
    }
  return t;
}

static void free_taken(taken_numbers t) { free(t.whole), free(t.first); }

/// Row i of op(A) · op(B) in double, less the products of second parts.
static void row_of_product(const taken_numbers *a, const taken_numbers *b, int64_t i, int64_t n,
                           int64_t k, double *row) {
  for (int64_t j = 0; j < n; j++) row[j] = 0;
  for (int64_t l = 0; l < k; l++) {
    double x = a->first[i * k + l], rest = a->whole[i * k + l] - x;
    for (int64_t j = 0; j < n; j++) row[j] += x * b->whole[l * n + j];
    if (rest == 0) continue;
    for (int64_t j = 0; j < n; j++) row[j] += rest * b->first[l * n + j];
  }
}

/// A product of all-equal matrices without an epilogue: the first of its results.
static float product_of_equals(int64_t m, int64_t n, int64_t k, mtlc_precision precision, float x,
                               float y) {
  float *a = malloc((size_t)(m * k + 1) * 4), *b = malloc((size_t)(k * n + 1) * 4);
  float *c = malloc((size_t)(m * n + 1) * 4);
  for (int64_t i = 0; i < m * k; i++) a[i] = x;
  for (int64_t i = 0; i < k * n; i++) b[i] = y;
  mtlc_matmul_args t = {.m = m, .n = n, .k = k, .groups = 1, .precision = precision};
  t.a = a, t.b = b, t.c = c, t.lda = k, t.ldb = n, t.ldc = n;
  mtlc_matmul_run(&t, 0, mtlc_matmul_tiles(&t));
  float result = c[0];
  free(a), free(b), free(c);
  return result;
}

/// How many bfloat16 a product of this size takes for a number, 0 for floats: by what becomes of a
/// number that needs one more.
static int parts_of(int64_t m, int64_t n, int64_t k, mtlc_precision precision) {
  if (precision == MTLC_PRECISION_HIGHEST || m * n * k == 0) return 0;
  int parts = precision == MTLC_PRECISION_MEDIUM ? 1 : 2;
  float kept = parts == 1 ? 1 : 1 + 0x1p-9f, lost = parts == 1 ? 0x1p-9f : 0x1p-18f;
  return product_of_equals(m, n, k, precision, kept + lost, 1) == (float)k * kept ? parts : 0;
}

/// A product with random steps after it: among them that of optimizer `kind`, unless that is NULL.
static void check_with(int64_t m, int64_t n, int64_t k, int64_t groups, mtlc_precision precision,
                       const mtlc_optimizer_kind *kind) {
  int64_t pad = random_below(3) * 3;
  mtlc_matmul_args t = {.m = m, .n = n, .k = k, .groups = groups, .precision = precision};
  t.transpose_a = random_below(2), t.transpose_b = random_below(2);
  t.lda = (t.transpose_a ? m : k) + pad, t.ldb = (t.transpose_b ? k : n) + pad, t.ldc = n + pad;
  t.ldy = n + random_below(3);
  int64_t a_size = (t.transpose_a ? k : m) * t.lda, b_size = (t.transpose_b ? n : k) * t.ldb;
  int64_t c_size = m * t.ldc;
  t.a_group_stride = a_size, t.b_group_stride = b_size, t.c_group_stride = c_size;
  t.bias_group_stride = n, t.y_group_stride = m * t.ldy, t.colsum_group_stride = n;
  float *a = random_floats(a_size * groups), *b = random_floats(b_size * groups);
  float *c = random_floats(c_size * groups), *bias = random_floats(n * groups);
  float *y = random_floats(m * t.ldy * groups), *colsum = random_floats(n * groups);
  float *addend = random_floats(m * t.ldy * groups), *factor = random_floats(c_size);
  float *residual = random_floats(c_size), *crossed = random_floats(c_size);
  float *before = copy_floats(c, c_size * groups), *sums = copy_floats(colsum, n * groups);
  t.a = a, t.b = b, t.c = c;
  // Added to the result that is there, or to a matrix of its own.
  int accumulates = random_below(4) == 0;
  if (accumulates || random_below(4) == 0) {
    t.addend = accumulates ? c : addend, t.ldadd = accumulates ? t.ldc : t.ldy;
    t.addend_group_stride = accumulates ? c_size : m * t.ldy;
  }
  if (random_below(2)) t.bias = bias;
  if (random_below(2)) t.activation = (mtlc_activation)random_below(MTLC_ACTIVATION_COUNT);
  if (random_below(3) == 0) t.y = y, t.activation_gradient = 1 + (mtlc_activation)random_below(MTLC_ACTIVATION_COUNT - 1);
  if (random_below(3) == 0 && n > 1) {
    t.activation_begin = random_below(n - 1);
    t.activation_end = t.activation_begin + 1 + random_below(n - t.activation_begin);
  }
  if (random_below(2)) t.colsum = colsum;
  mtlc_optimizer_hyper h = optimizer_hyper_of(0.01f);
  mtlc_optimizer_update u = {.kind = (mtlc_optimizer_kind)random_below(MTLC_OPTIMIZER_COUNT), .l2 = 0.01f, .ld = t.ldc,
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
  if (kind) u.kind = v.kind = *kind;
  if (kind || random_below(3) == 0) t.update = &u;
  if (!t.update && groups == 1 && random_below(2)) {
    t.factor = factor, t.crossed = crossed, t.ldf = t.ldx = t.ldc;
    if (random_below(2)) t.residual = residual, t.ldr = t.ldc;
    // In place of what it reads.
    if (random_below(4) == 0) t.crossed = random_below(2) && t.residual ? residual : factor;
  }
  float *factor0 = copy_floats(factor, c_size), *residual0 = copy_floats(residual, c_size);
  float *crossed0 = copy_floats(crossed, c_size);
  if ((t.update || t.factor) && !accumulates && random_below(2)) t.c = NULL;
  if (t.colsum && random_below(3) == 0) t.colsum_update = &v;

  RUN_IN_PIECES(matmul, &t, 1);

  int64_t end = t.activation_end ? t.activation_end : n;
  int64_t ai = t.transpose_a ? 1 : t.lda, ak = t.transpose_a ? t.lda : 1;
  int64_t bk = t.transpose_b ? 1 : t.ldb, bj = t.transpose_b ? t.ldb : 1;
  double tolerance = 2e-6 * sqrt((double)k + 4);
  int parts = parts_of(m, n, k, precision);
  double *row = malloc((size_t)(n + 1) * sizeof(double));
  for (int64_t g = 0; g < groups; g++) {
    taken_numbers left = take(a + g * a_size, m, k, ai, ak, parts);
    taken_numbers right = take(b + g * b_size, k, n, bk, bj, parts);
    for (int64_t i = 0; i < m; i++) {
      row_of_product(&left, &right, i, n, k, row);
      for (int64_t j = 0; j < n; j++) {
        double x = row[j];
        int64_t at = g * c_size + i * t.ldc + j;
        if (accumulates)
          x += before[at];
        else if (t.addend)
          x += addend[g * t.addend_group_stride + i * t.ldadd + j];
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
          continue;
        }
        if (t.c) expect_near("matmul", c[at], x, tolerance);
        if (t.factor)
          expect_near("crossed", t.crossed[at], x * factor0[at] + (t.residual ? residual0[at] : 0),
                      tolerance);
      }
    }
    free_taken(left), free_taken(right);
    // Column sums are of the floats.
    for (int64_t j = 0; j < n && t.colsum; j++) {
      double x = 0;
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
  float *x1 = copy_floats(t.crossed ? t.crossed : crossed, c_size);
  float *k1 = copy_floats(colsum, n * groups), *r1 = copy_floats(q, n * groups);
  for (int64_t pieces = 2; pieces <= 7; pieces += 5) {
    memcpy(c, before, (size_t)(c_size * groups) * 4);
    memcpy(colsum, sums, (size_t)(n * groups) * 4);
    memcpy(p, p0, (size_t)(c_size * groups) * 4), memcpy(s1, s10, (size_t)(c_size * groups) * 4);
    memcpy(s2, s20, (size_t)(c_size * groups) * 4), memcpy(q, q0, (size_t)(n * groups) * 4);
    memcpy(q1, q10, (size_t)(n * groups) * 4), memcpy(q2, q20, (size_t)(n * groups) * 4);
    memcpy(factor, factor0, (size_t)c_size * 4), memcpy(residual, residual0, (size_t)c_size * 4);
    memcpy(crossed, crossed0, (size_t)c_size * 4);
    RUN_IN_PIECES(matmul, &t, pieces);
    expect_same("crossed in pieces", t.crossed ? t.crossed : crossed, x1, c_size * 4);
    expect_same("matmul in pieces", c, c1, (c_size * groups) * 4);
    expect_same("update in pieces", p, p1, (c_size * groups) * 4);
    expect_same("colsum in pieces", colsum, k1, (n * groups) * 4);
    expect_same("bias in pieces", q, r1, (n * groups) * 4);
  }
  free(row);
  float *all[] = {a, b, c, bias, y, colsum, before, sums, p, s1, s2, q, q1, q2, p0, s10, s20, q0,
                  q10, q20, c1, p1, k1, r1, addend, factor, residual, crossed, factor0, residual0, crossed0,
                  x1};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) free(all[i]);
}

static void check_one(int64_t m, int64_t n, int64_t k, int64_t groups, mtlc_precision precision) {
  check_with(m, n, k, groups, precision, NULL);
}

/// The result lies as near to that of exact numbers as the rounding of the operands allows: each is
/// off by `unit` of itself at most, and of two second parts the product is left out.
static void check_bound(int64_t m, int64_t n, int64_t k, mtlc_precision precision) {
  static const double units[] = {[MTLC_PRECISION_HIGHEST] = 0,
                                 [MTLC_PRECISION_HIGH] = 0x1p-17,
                                 [MTLC_PRECISION_MEDIUM] = 0x1p-8};
  double unit = units[precision], left_out = precision == MTLC_PRECISION_HIGH ? 0x1p-16 : 0;
  float *a = random_floats(m * k), *b = random_floats(k * n), *c = random_floats(m * n);
  mtlc_matmul_args t = {.m = m, .n = n, .k = k, .groups = 1, .precision = precision};
  t.a = a, t.b = b, t.c = c, t.lda = k, t.ldb = n, t.ldc = n;
  RUN_IN_PIECES(matmul, &t, 3);
  double *row = malloc((size_t)n * 2 * sizeof(double)), *size = row + n;
  for (int64_t i = 0; i < m; i++) {
    for (int64_t j = 0; j < n; j++) row[j] = size[j] = 0;
    for (int64_t l = 0; l < k; l++)
      for (int64_t j = 0; j < n; j++) {
        double x = (double)a[i * k + l] * b[l * n + j];
        row[j] += x, size[j] += fabs(x);
      }
    for (int64_t j = 0; j < n; j++) {
      double bound = size[j] * (2 * unit + unit * unit + left_out + 5e-7);
      expect_near("distance from exact numbers", c[i * n + j], row[j],
                  bound / fmax(1, fabs(row[j])));
    }
  }
  free(a), free(b), free(c), free(row);
}

/// Tiles take the parts that the precision allows; every other product takes floats.
static void check_parts(void) {
  int tiles = strcmp(mtlc_kernels_isa(), "amx") == 0;
  static const int64_t large[][3] = {{256, 256, 256}, {512, 64, 128}, {499, 144, 600}};
  for (size_t i = 0; i < sizeof large / sizeof large[0]; i++) {
    const int64_t *s = large[i];
    expect_near("parts of medium", parts_of(s[0], s[1], s[2], MTLC_PRECISION_MEDIUM), tiles, 0);
    expect_near("parts of high", parts_of(s[0], s[1], s[2], MTLC_PRECISION_HIGH), 2 * tiles, 0);
    // Thirteen bits are whole in two parts.
    float x = 1 + 0x1p-12f;
    expect_near("high", product_of_equals(s[0], s[1], s[2], MTLC_PRECISION_HIGH, x, 1),
                (float)s[2] * x, 0);
  }
  expect_near("parts of a small batch", parts_of(32, 256, 256, MTLC_PRECISION_MEDIUM), 0, 0);
  expect_near("parts of a thin product", parts_of(256, 1, 256, MTLC_PRECISION_MEDIUM), 0, 0);
}

/// Zeros stay zeros, and what is not finite neither vanishes nor leaves its row.
static void check_special(mtlc_precision precision) {
  enum { M = 96, N = 64, K = 96, ROW = 7 };
  static const uint32_t specials[] = {0,          0x80000000, 0x7f800000, 0xff800000, 0x7fc00000,
                                      0xffc00000, 0x7fffffff, 0xffffffff, 0x7f800001};
  // On the stack: the variants are tested at the same time.
  float a[M * K], b[K * N], c[M * N];
  for (size_t s = 0; s < sizeof specials / sizeof specials[0]; s++)
    for (int transpose = 0; transpose < 2; transpose++)
      for (int right = 0; right < 2; right++) {
        for (int i = 0; i < M * K; i++) a[i] = 0.5f;
        for (int i = 0; i < K * N; i++) b[i] = 0.25f;
        float special;
        memcpy(&special, &specials[s], 4);
        // A row of A or a column of B, in one place or (zeros) in all.
        for (int l = 0; l < K; l++) {
          if (special != 0 && l != 5) continue;
          if (right)
            b[transpose ? ROW * K + l : l * N + ROW] = special;
          else
            a[transpose ? l * M + ROW : ROW * K + l] = special;
        }
        mtlc_matmul_args t = {.m = M, .n = N, .k = K, .groups = 1, .precision = precision};
        t.a = a, t.b = b, t.c = c, t.ldc = N;
        t.transpose_a = !right && transpose, t.transpose_b = right && transpose;
        t.lda = t.transpose_a ? M : K, t.ldb = t.transpose_b ? K : N;
        RUN_IN_PIECES(matmul, &t, 2);
        for (int i = 0; i < M; i++)
          for (int j = 0; j < N; j++) {
            float x = c[i * N + j];
            if ((right ? j : i) != ROW)
              expect_near("beside a special number", x, K * 0.125, 0);
            else if (special == 0)
              expect_near("product of zeros", x, 0, 0);
            else
              expect_near("product of a special number is finite", isfinite(x) != 0, 0, 0);
          }
      }
}

void selftest_matmul(void) {
  for (int64_t i = 0; i < 300; i++)
    check_one(random_below(40), random_below(70), random_below(60), 1 + random_below(3), (mtlc_precision)(i % MTLC_PRECISION_COUNT));
  for (int64_t i = 0; i < 20; i++)
    check_one(1, 1 + random_below(400), random_below(700), 1, (mtlc_precision)(i % MTLC_PRECISION_COUNT));
  static const int64_t shapes[][3] = {
      {32, 144, 499},  {499, 144, 32}, {499, 144, 600}, {600, 144, 70},  {520, 17, 33},
      {33, 65, 1100},  {140, 200, 300}, {513, 1, 8},    {5, 300, 1030},  {300, 290, 530},
      {700, 40, 1100}, {97, 66, 65},   {256, 144, 499}, {70, 1, 64},
      {61, 3, 77},     {39, 4, 512},    {130, 1, 300},  {90, 2, 129},   {200, 100, 1},
      {77, 300, 3},    {300, 530, 700}, {70, 1000, 520}};
  for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
    for (int64_t r = 0; r < 3 * MTLC_PRECISION_COUNT; r++)
      check_one(shapes[i][0], shapes[i][1], shapes[i][2], 1, (mtlc_precision)(r % MTLC_PRECISION_COUNT));
  for (mtlc_optimizer_kind kind = 0; kind < MTLC_OPTIMIZER_COUNT; kind++)
    for (int64_t r = 0; r < 4; r++) check_with(33, 50, 17, 2, MTLC_PRECISION_HIGHEST, &kind);
  // Groups of a large batch.
  for (mtlc_precision precision = 0; precision < MTLC_PRECISION_COUNT; precision++) {
    check_one(200, 24, 40, 3, precision);
    check_one(300, 70, 96, 2, precision);
    check_one(129, 300, 64, 4, precision);
  }
  check_parts();
  for (mtlc_precision precision = 0; precision < MTLC_PRECISION_COUNT; precision++) {
    check_bound(160, 96, 640, precision);
    check_bound(65, 33, 40, precision);
    check_special(precision);
  }
}

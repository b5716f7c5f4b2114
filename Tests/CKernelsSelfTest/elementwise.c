#include "support.h"

#define OP(code, r, x, y, z, value) \
  (mtlc_elementwise_op) { code, r, x, y, z, value }

/// How many registers an opcode reads; -1 for those that move or reduce, which check_strided has.
static int operands_of(mtlc_opcode code) {
  switch (code) {
    case MTLC_OP_LOAD:
    case MTLC_OP_STORE:
    case MTLC_OP_SUM_ALL:
    case MTLC_OP_MAX_ALL:
    case MTLC_OP_SUM_COLUMNS:
    case MTLC_OP_MAX_COLUMNS:
    case MTLC_OP_SUM_INNER:
    case MTLC_OP_MAX_INNER: return -1;
    case MTLC_OP_CONSTANT: return 0;
    case MTLC_OP_NEG:
    case MTLC_OP_ABS:
    case MTLC_OP_SIGN:
    case MTLC_OP_EXP:
    case MTLC_OP_LOG:
    case MTLC_OP_LOG1P:
    case MTLC_OP_SQRT:
    case MTLC_OP_RSQRT:
    case MTLC_OP_RECIPROCAL:
    case MTLC_OP_SQUARE:
    case MTLC_OP_RELU:
    case MTLC_OP_STEP:
    case MTLC_OP_SIGMOID:
    case MTLC_OP_TANH:
    case MTLC_OP_SOFTPLUS:
    case MTLC_OP_SIN:
    case MTLC_OP_COS:
    case MTLC_OP_IS_NONNEGATIVE: return 1;
    case MTLC_OP_ADD:
    case MTLC_OP_SUB:
    case MTLC_OP_MUL:
    case MTLC_OP_DIV:
    case MTLC_OP_MAX:
    case MTLC_OP_MIN:
    case MTLC_OP_EQ:
    case MTLC_OP_NE:
    case MTLC_OP_LT:
    case MTLC_OP_LE:
    case MTLC_OP_GT:
    case MTLC_OP_GE:
    case MTLC_OP_ADD_CONSTANT:
    case MTLC_OP_MUL_CONSTANT:
    case MTLC_OP_MAX_CONSTANT:
    case MTLC_OP_MIN_CONSTANT:
    case MTLC_OP_RSUB_CONSTANT: return 2;
    case MTLC_OP_SELECT: return 3;
  }
  return -1;
}

/// The value of an opcode; k is the constant.
static double exact(mtlc_opcode code, double x, double y, double z, double k) {
  switch (code) {
    case MTLC_OP_LOAD:
    case MTLC_OP_STORE:
    case MTLC_OP_SUM_ALL:
    case MTLC_OP_MAX_ALL:
    case MTLC_OP_SUM_COLUMNS:
    case MTLC_OP_MAX_COLUMNS:
    case MTLC_OP_SUM_INNER:
    case MTLC_OP_MAX_INNER: return NAN;
    case MTLC_OP_CONSTANT: return k;
    case MTLC_OP_NEG: return -x;
    case MTLC_OP_ABS: return fabs(x);
    case MTLC_OP_SIGN: return x > 0 ? 1 : x < 0 ? -1 : x;
    case MTLC_OP_EXP: return exp(x);
    case MTLC_OP_LOG: return log(x);
    case MTLC_OP_LOG1P: return log1p(x);
    case MTLC_OP_SQRT: return sqrt(x);
    case MTLC_OP_RSQRT: return 1 / sqrt(x);
    case MTLC_OP_RECIPROCAL: return 1 / x;
    case MTLC_OP_SQUARE: return x * x;
    case MTLC_OP_RELU: return x < 0 ? 0 : x;
    case MTLC_OP_STEP: return x > 0;
    case MTLC_OP_SIGMOID: return 1 / (1 + exp(-x));
    case MTLC_OP_TANH: return tanh(x);
    case MTLC_OP_SOFTPLUS: return x > 700 ? x : log1p(exp(x));
    case MTLC_OP_SIN: return sin(x);
    case MTLC_OP_COS: return cos(x);
    case MTLC_OP_IS_NONNEGATIVE: return x >= 0;
    case MTLC_OP_ADD: return x + y;
    case MTLC_OP_SUB: return x - y;
    case MTLC_OP_MUL: return x * y;
    case MTLC_OP_DIV: return x / y;
    case MTLC_OP_MAX: return isnan(x) || isnan(y) ? NAN : fmax(x, y);
    case MTLC_OP_MIN: return isnan(x) || isnan(y) ? NAN : fmin(x, y);
    case MTLC_OP_EQ: return x == y;
    case MTLC_OP_NE: return x != y;
    case MTLC_OP_LT: return x < y;
    case MTLC_OP_LE: return x <= y;
    case MTLC_OP_GT: return x > y;
    case MTLC_OP_GE: return x >= y;
    case MTLC_OP_SELECT: return x != 0 ? y : z;
    case MTLC_OP_ADD_CONSTANT: return x + k;
    case MTLC_OP_MUL_CONSTANT: return x * k;
    case MTLC_OP_MAX_CONSTANT: return isnan(x) ? NAN : fmax(x, k);
    case MTLC_OP_MIN_CONSTANT: return isnan(x) ? NAN : fmin(x, k);
    case MTLC_OP_RSUB_CONSTANT: return k - x;
  }
  return NAN;
}

/// Runs `ops` over n contiguous values; operand 0 is x, 1 is y, 2 the result.
static void run_flat(const mtlc_elementwise_op *ops, int64_t op_count, int64_t n, float *x,
                     float *y, float *r) {
  mtlc_elementwise_operand operands[3] = {{x, {0, 0, 0, 1}, MTLC_TYPE_F32, 0},
                                          {y, {0, 0, 0, 1}, MTLC_TYPE_F32, 0},
                                          {r, {0, 0, 0, 1}, MTLC_TYPE_F32, 0}};
  mtlc_elementwise_args t = {.dims = {1, 1, 1, n}, .operand_count = 3, .op_count = op_count,
                             .operands = operands, .ops = ops};
  RUN_IN_PIECES(elementwise, &t, 2);
}

static void check_arithmetic(void) {
  enum { N = 6007 };
  static const float special[] = {0, -0.0f, 1, -1, INFINITY, -INFINITY, NAN, 1e-38f, 1e-42f,
                                  3e38f, -3e38f, 88.7f, 89.5f, -87, -100, -104, 1e-8f, -1e-8f,
                                  0.5f, -0.99999994f, 2, 16777216, 0x1p-24f, 0x1p-25f};
  enum { SPECIAL = sizeof special / sizeof special[0] };
  float *x = random_floats(N), *y = random_floats(N), *r = random_floats(N);
  for (int i = 0; i < N; i++) {
    static const float scales[] = {1, 20, 1e-3f, 90, 1e-6f, 1e10f};
    x[i] *= scales[i % 6];
    y[i] = i % 7 == 0 ? x[i] : y[i];
    if (i < SPECIAL * SPECIAL) x[i] = special[i % SPECIAL], y[i] = special[i / SPECIAL];
  }
  for (mtlc_opcode code = 0; code < MTLC_OP_COUNT; code++) {
    const int operands = operands_of(code);
    if (operands < 0) continue;
    mtlc_elementwise_op ops[] = {OP(MTLC_OP_LOAD, 5, 0, 0, 0, 0), OP(MTLC_OP_LOAD, 7, 1, 0, 0, 0),
                                 OP(code, 6, 5, 7, 5, 0.75f), OP(MTLC_OP_STORE, 0, 6, 2, 0, 0)};
    run_flat(ops, 4, N, x, y, r);
    char what[16] = "op ";
    what[3] = (char)('0' + code / 10), what[4] = (char)('0' + code % 10);
    for (int i = 0; i < N; i++) {
      double e = exact(code, x[i], y[i], x[i], 0.75);
      // Results of functions below the normal range may lose their last digits.
      if (operands == 1 && fabs(e) < 1.2e-38 && fabs(r[i] - e) < 1e-40) continue;
      expect_ulp(what, x[i], r[i], e, operands == 1 ? 2.5 : 0.51);
    }
  }
  // In place, with the loaded value used again after the store; constants.
  float *z = copy_floats(x, N);
  mtlc_elementwise_op ops[] = {
      OP(MTLC_OP_LOAD, 0, 0, 0, 0, 0),          OP(MTLC_OP_LOAD, 1, 1, 0, 0, 0),
      OP(MTLC_OP_GT, 2, 0, 1, 0, 0),            OP(MTLC_OP_SELECT, 3, 2, 0, 1, 0),
      OP(MTLC_OP_STORE, 0, 3, 0, 0, 0),         OP(MTLC_OP_CONSTANT, 4, 0, 0, 0, 3),
      OP(MTLC_OP_MUL, 4, 0, 4, 0, 0),           OP(MTLC_OP_ADD, 4, 4, 1, 0, 0),
      OP(MTLC_OP_ADD_CONSTANT, 4, 4, 0, 0, 1),
      OP(MTLC_OP_MUL_CONSTANT, 4, 4, 0, 0, 2),  OP(MTLC_OP_RSUB_CONSTANT, 4, 4, 0, 0, 5),
      OP(MTLC_OP_MAX_CONSTANT, 4, 4, 0, 0, -9), OP(MTLC_OP_MIN_CONSTANT, 4, 4, 0, 0, 9),
      OP(MTLC_OP_STORE, 0, 4, 2, 0, 0)};
  run_flat(ops, 14, N, z, y, r);
  for (int i = 0; i < N; i++) {
    expect_near("select in place", z[i], x[i] > y[i] ? x[i] : y[i], 0);
    if (i < SPECIAL * SPECIAL) continue;
    double v = 5 - 2 * ((double)x[i] * 3 + y[i] + 1);
    expect_near("chain", r[i], fmin(9, fmax(-9, v)), 4e-6);
  }
  free(x), free(y), free(z), free(r);
}

/// Sine and cosine to 2.5 ulp and 1e-7 at most, beside multiples of π/2, where both have their zeros, and
/// as far out as floats go.
static void check_sines(void) {
  enum { MULTIPLES = 9000, N = 5 * MULTIPLES };
  float *x = random_floats(N), *y = random_floats(N), *r = random_floats(N);
  for (int i = 0; i < MULTIPLES; i++) {
    float nearest = (float)(i * 1.57079632679489661923);
    x[5 * i] = nearest, x[5 * i + 1] = nextafterf(-nearest, INFINITY);
    x[5 * i + 2] = nextafterf(nearest, INFINITY), x[5 * i + 3] *= 1e4f;
    x[5 * i + 4] = ldexpf(x[5 * i + 4], i % 128);
  }
  for (int cosine = 0; cosine < 2; cosine++) {
    const mtlc_opcode code = cosine ? MTLC_OP_COS : MTLC_OP_SIN;
    mtlc_elementwise_op ops[] = {OP(MTLC_OP_LOAD, 0, 0, 0, 0, 0), OP(code, 1, 0, 0, 0, 0),
                                 OP(MTLC_OP_STORE, 0, 1, 2, 0, 0)};
    run_flat(ops, 3, N, x, y, r);
    for (int i = 0; i < N; i++) {
      double e = cosine ? cos(x[i]) : sin(x[i]);
      expect_ulp(cosine ? "cosine" : "sine", x[i], r[i], e, 2.5);
      expect_near(cosine ? "cosine" : "sine", r[i], e, 1e-7);
    }
  }
  free(x), free(y), free(r);
}

static void copy_dims(int64_t *to, const int64_t *from) { memcpy(to, from, 4 * sizeof(int64_t)); }

/// out = x * y + ids with strides at will, and every reduction of it.
static void check_strided(const int64_t dims[4]) {
  int64_t n = dims[0] * dims[1] * dims[2] * dims[3], columns = dims[3], inner = n / columns;
  int64_t dense[4] = {dims[1] * dims[2] * dims[3], dims[2] * dims[3], dims[3], 1};
  int64_t padded[4] = {dims[1] * dims[2] * (columns + 2), dims[2] * (columns + 2), columns + 2, 1};
  int64_t turned[4] = {1, dims[0], dims[0] * dims[1], dims[0] * dims[1] * dims[2]};
  int64_t per_row[4] = {dims[1] * dims[2], dims[2], 1, 0}, per_column[4] = {0, 0, 0, 1};
  int64_t *choices[] = {dense, padded, turned, per_row, per_column};
  int64_t x_stride[4], y_stride[4], i_stride[4], o_stride[4];
  copy_dims(x_stride, choices[random_below(5)]), copy_dims(y_stride, choices[random_below(5)]);
  copy_dims(i_stride, choices[random_below(5)]), copy_dims(o_stride, choices[random_below(3)]);
  int64_t room = dims[0] * dims[1] * dims[2] * (columns + 2);
  float *x = random_floats(room), *y = random_floats(room), *o = random_floats(room);
  float *before = copy_floats(o, room), results[2], *by_column = random_floats(2 * columns);
  float *by_row = random_floats(2 * inner);
  int32_t *ids = random_ids(room, -5, 5);
  mtlc_elementwise_operand operands[10] = {{.data = x}, {.data = y}, {.data = ids, .type = MTLC_TYPE_I32},
                                          {.data = o}, {.data = results}, {.data = results + 1},
                                          {.data = by_column, .stride = {0, 0, 0, 2}},
                                          {.data = by_row}, {.data = by_row + inner},
                                          {.data = by_column + 1, .stride = {0, 0, 0, 2}}};
  copy_dims(operands[0].stride, x_stride), copy_dims(operands[1].stride, y_stride);
  copy_dims(operands[2].stride, i_stride), copy_dims(operands[3].stride, o_stride);
  copy_dims(operands[7].stride, per_row), copy_dims(operands[8].stride, per_row);
  mtlc_elementwise_op ops[] = {
      OP(MTLC_OP_LOAD, 0, 0, 0, 0, 0),        OP(MTLC_OP_LOAD, 1, 1, 0, 0, 0),
      OP(MTLC_OP_LOAD, 2, 2, 0, 0, 0),        OP(MTLC_OP_MUL, 3, 0, 1, 0, 0),
      OP(MTLC_OP_ADD, 3, 3, 2, 0, 0),         OP(MTLC_OP_STORE, 0, 3, 3, 0, 0),
      OP(MTLC_OP_SUM_ALL, 0, 3, 4, 0, 0),     OP(MTLC_OP_MAX_ALL, 0, 3, 5, 0, 0),
      OP(MTLC_OP_SUM_COLUMNS, 0, 3, 6, 0, 0), OP(MTLC_OP_SUM_INNER, 0, 3, 7, 0, 0),
      OP(MTLC_OP_MAX_INNER, 0, 3, 8, 0, 0),   OP(MTLC_OP_MAX_COLUMNS, 0, 3, 9, 0, 0)};
  int64_t op_count = 6 + random_below(7);
  mtlc_elementwise_args t = {.operand_count = 10, .op_count = op_count, .operands = operands,
                             .ops = ops};
  copy_dims(t.dims, dims);
  int64_t counter = 0;
  float *scratch = NULL;
  if (random_below(2) || columns > MTLC_ELEMENTWISE_LOCAL_COLUMNS) {
    scratch = random_floats(mtlc_elementwise_scratch(&t));
    t.scratch = scratch, t.counter = &counter;
  }
  RUN_IN_PIECES(elementwise, &t, 1);
  double all = 0, max = -INFINITY, *sums = calloc((size_t)columns, 8);
  double *maxima = malloc((size_t)columns * 8);
  for (int64_t j = 0; j < columns; j++) maxima[j] = -INFINITY;
  int64_t i[4], row = 0;
  for (i[0] = 0; i[0] < dims[0]; i[0]++)
    for (i[1] = 0; i[1] < dims[1]; i[1]++)
      for (i[2] = 0; i[2] < dims[2]; i[2]++, row++) {
        double row_sum = 0, row_max = -INFINITY;
        for (i[3] = 0; i[3] < columns; i[3]++) {
          int64_t a = 0, b = 0, c = 0, at = 0;
          for (int d = 0; d < 4; d++) {
            a += i[d] * x_stride[d], b += i[d] * y_stride[d];
            c += i[d] * i_stride[d], at += i[d] * o_stride[d];
          }
          double v = (double)x[a] * y[b] + ids[c];
          expect_near("strided", o[at], v, 1e-6);
          all += v, row_sum += v, sums[i[3]] += v;
          maxima[i[3]] = fmax(maxima[i[3]], v);
          row_max = fmax(row_max, v), max = fmax(max, v);
        }
        if (op_count > 9) expect_near("sum_inner", by_row[row], row_sum, 1e-6 * sqrt((double)columns) + 1e-5);
        if (op_count > 10) expect_near("max_inner", by_row[inner + row], row_max, 1e-6);
      }
  double tolerance = 1e-6 * sqrt((double)n) + 1e-6;
  if (op_count > 6) expect_near("sum_all", results[0], all, 4 * tolerance);
  if (op_count > 7) expect_near("max_all", results[1], max, 1e-6);
  for (int64_t j = 0; j < columns && op_count > 8; j++)
    expect_near("sum_columns", by_column[2 * j], sums[j], tolerance);
  for (int64_t j = 0; j < columns && op_count > 11; j++)
    expect_near("max_columns", by_column[2 * j + 1], maxima[j], 1e-6);
  float *once = copy_floats(o, room), total[2] = {results[0], results[1]};
  float *columns_once = copy_floats(by_column, 2 * columns);
  memcpy(o, before, (size_t)room * 4);
  RUN_IN_PIECES(elementwise, &t, 3);
  expect_same("elementwise in pieces", o, once, room * 4);
  if (op_count > 7) expect_same("reductions in pieces", results, total, 8);
  expect_same("column sums in pieces", by_column, columns_once, columns * 8);
  expect_near("counter", (double)counter, 0, 0);
  void *everything[] = {x, y, o, before, by_column, by_row, ids, scratch, sums, maxima, once,
                        columns_once};
  for (int k = 0; k < 12; k++) free(everything[k]);
}

/// Sums of two to four operands with rows as far apart as they like, and blocks of rows too; in place
/// and not.
static void check_sums(int64_t blocks, int64_t rows, int64_t columns) {
  int64_t count = 2 + random_below(3), relu = random_below(2), in_place = random_below(2);
  mtlc_elementwise_operand operands[5] = {0};
  mtlc_elementwise_op ops[9];
  float *data[5];
  int64_t pitch[5], space[5], used = 0;
  for (int64_t o = 0; o <= count; o++) {
    pitch[o] = columns + random_below(3) * 5;
    space[o] = rows * pitch[o] + random_below(2) * 7;
    data[o] = random_floats(blocks * space[o] + 1);
    operands[o].data = data[o];
    operands[o].stride[1] = space[o], operands[o].stride[2] = pitch[o];
    operands[o].stride[3] = 1;
  }
  if (in_place) operands[count] = operands[count - 1];
  int64_t room = blocks * (in_place ? space[count - 1] : space[count]);
  float *result = operands[count].data, *expected = copy_floats(result, room);
  for (int64_t b = 0; b < blocks; b++)
    for (int64_t i = 0; i < rows; i++)
      for (int64_t j = 0; j < columns; j++) {
        float sum = data[0][b * space[0] + i * pitch[0] + j];
        for (int64_t o = 1; o < count; o++) sum += data[o][b * space[o] + i * pitch[o] + j];
        const int64_t *stride = operands[count].stride;
        expected[b * stride[1] + i * stride[2] + j] = relu && sum < 0 ? 0 : sum;
      }
  for (int32_t o = 0; o < count; o++) {
    ops[used++] = (mtlc_elementwise_op)OP(MTLC_OP_LOAD, o, o, 0, 0, 0);
    if (o > 0) ops[used++] = (mtlc_elementwise_op)OP(MTLC_OP_ADD, 0, 0, o, 0, 0);
  }
  if (relu) ops[used++] = (mtlc_elementwise_op)OP(MTLC_OP_RELU, 0, 0, 0, 0, 0);
  ops[used++] = (mtlc_elementwise_op)OP(MTLC_OP_STORE, 0, 0, (int32_t)count, 0, 0);
  mtlc_elementwise_args t = {.dims = {1, blocks, rows, columns}, .operand_count = count + 1,
                             .op_count = used, .operands = operands, .ops = ops};
  int64_t pieces = 1 + random_below(3);
  RUN_IN_PIECES(elementwise, &t, pieces);
  expect_same("sum of operands", result, expected, room * 4);
  for (int64_t o = 0; o <= count; o++) free(data[o]);
  free(expected);
}

static void check_nothing(void) {
  float sum = 7, max = 7;
  mtlc_elementwise_operand operands[] = {{.data = &sum, .stride = {0, 0, 0, 1}},
                                         {.data = &sum}, {.data = &max}};
  mtlc_elementwise_op ops[] = {OP(MTLC_OP_LOAD, 0, 0, 0, 0, 0),
                               OP(MTLC_OP_SUM_ALL, 0, 0, 1, 0, 0),
                               OP(MTLC_OP_MAX_ALL, 0, 0, 2, 0, 0)};
  mtlc_elementwise_args t = {.dims = {1, 1, 0, 3}, .operand_count = 3, .op_count = 3,
                             .operands = operands, .ops = ops};
  RUN_IN_PIECES(elementwise, &t, 1);
  expect_near("sum of nothing", sum, 0, 0);
  expect_near("maximum of nothing", max, -INFINITY, 0);
}

void selftest_elementwise(void) {
  for (int i = 0; i < 60; i++) check_sums(1, 1 + random_below(70), 1 + random_below(400));
  for (int i = 0; i < 20; i++)
    check_sums(2 + random_below(4), 1 + random_below(9), 1 + random_below(60));
  check_arithmetic();
  check_sines();
  check_nothing();
  static const int64_t shapes[][4] = {{1, 1, 1, 1},   {1, 1, 33, 2},    {1, 1, 5, 144},
                                      {1, 1, 700, 8}, {1, 1, 3, 1000},  {2, 3, 4, 5},
                                      {3, 1, 7, 300}, {1, 40, 1, 17},   {5, 4, 3, 1},
                                      {1, 1, 1, 9000}, {1, 1, 2000, 3}, {2, 1, 1, 256}};
  for (int s = 0; s < 12; s++)
    for (int r = 0; r < 12; r++) check_strided(shapes[s]);
}

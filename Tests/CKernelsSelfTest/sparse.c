#include "support.h"

/// The widest row that is checked.
enum { MOST_DIM = 40 };

/// A table with its states and what a step must make of them, in double.
typedef struct {
  int64_t rows, dim, ld;
  float *p, *s1, *s2, *p0, *a0, *b0;
  double *sums;  ///< [rows, dim], of the gradients.
  float *exact;  ///< The same as the kernel adds them up: a sum of zero leaves the row as it is.
} checked_table;

static checked_table table_of(mtlc_sparse_kind kind, int64_t rows, int64_t dim, float initial) {
  const int64_t ld = dim + dim % 3, size = rows * ld;
  checked_table t = {.rows = rows, .dim = dim, .ld = ld, .p = random_floats(size)};
  t.s1 = random_floats(size), t.s2 = random_floats(size);
  for (int64_t i = 0; i < size; i++) {
    t.s2[i] = fabsf(t.s2[i]) + 0.1f;
    if (kind != MTLC_SPARSE_FTRL && kind != MTLC_SPARSE_ADAM) t.s1[i] = fabsf(t.s1[i]);
    // Every second row of FTRL has not been stepped yet, and has weights of either sign and of zero.
    if (kind == MTLC_SPARSE_FTRL && i / ld % 2 == 0) t.s1[i] = 0, t.s2[i] = initial;
    if (i % 7 == 3) t.p[i] = 0;
  }
  t.p0 = copy_floats(t.p, size), t.a0 = copy_floats(t.s1, size), t.b0 = copy_floats(t.s2, size);
  t.sums = calloc((size_t)(rows * dim), 8), t.exact = calloc((size_t)(rows * dim), 4);
  return t;
}

static void free_table(checked_table *t) {
  float *all[] = {t->p, t->s1, t->s2, t->p0, t->a0, t->b0, t->exact};
  for (int i = 0; i < 7; i++) free(all[i]);
  free(t->sums);
}

static double ftrl_of(const mtlc_optimizer_hyper *h, double g, double p, double *z, double *n) {
  const double rate = h->learning_rate;
  if (*z == 0 && (float)*n == h->initial_accumulator) {
    *z = -p * ((h->ftrl_beta + sqrt(*n)) / rate + h->ftrl_l2);
    if (p != 0) *z -= p > 0 ? h->l1 : -h->l1;
  }
  const double sum = *n + g * g;
  *z += g - p * (sqrt(sum) - sqrt(*n)) / rate;
  *n = sum;
  if (fabs(*z) <= h->l1) return 0;
  return ((*z > 0 ? h->l1 : -h->l1) - *z) / ((h->ftrl_beta + sqrt(sum)) / rate + h->ftrl_l2);
}

/// One row by the formulas of mtlc_sparse.h, compared with what the kernel made of it.
static void check_row(mtlc_sparse_kind kind, const mtlc_optimizer_hyper *h, float l2,
                      const checked_table *t, int64_t row) {
  static const mtlc_optimizer_kind dense[] = {MTLC_OPTIMIZER_SGD, MTLC_OPTIMIZER_ADAM,
                                              MTLC_OPTIMIZER_ADAGRAD};
  int touched = 0;
  for (int64_t j = 0; j < t->dim; j++) touched |= t->exact[row * t->dim + j] != 0;
  double row_state = t->a0[row];
  for (int64_t j = 0; j < t->dim && kind == MTLC_SPARSE_ROWWISE_ADAGRAD && touched; j++) {
    const double p = t->p0[row * t->ld + j];
    const double g = t->sums[row * t->dim + j] * h->gradient_scale + l2 * p;
    row_state += g * g / (double)t->dim;
  }
  if (kind == MTLC_SPARSE_ROWWISE_ADAGRAD)
    expect_near("state of a row", t->s1[row], row_state, 1e-5);
  for (int64_t j = 0; j < t->ld; j++) {
    const int64_t i = row * t->ld + j;
    double p = t->p0[i], s1 = t->a0[i], s2 = t->b0[i];
    const int still = !touched || j >= t->dim || (kind == MTLC_SPARSE_FTRL && h->learning_rate == 0);
    if (!still) {
      const double sum = t->sums[row * t->dim + j], g = sum * h->gradient_scale + l2 * p;
      if (kind == MTLC_SPARSE_FTRL)
        p = ftrl_of(h, g, p, &s1, &s2);
      else if (kind == MTLC_SPARSE_ROWWISE_ADAGRAD)
        p -= h->learning_rate * g / (sqrt(row_state) + h->epsilon);
      else
        p = step_of(dense[kind], h, l2, sum, p, &s1, &s2);
    }
    // Sums of more than a thousand gradients are less exact.
    const double tolerance = still ? 0 : t->rows < 4 ? 1e-4 : 1e-5;
    expect_near("weight of a row", t->p[i], p, tolerance);
    if (kind == MTLC_SPARSE_ROWWISE_ADAGRAD) continue;
    expect_near("first state of a row", t->s1[i], s1, tolerance * 10);
    expect_near("second state of a row", t->s2[i], s2, tolerance);
  }
}

typedef struct {
  mtlc_sparse_kind kind;
  int64_t rows, table_rows, dim, wide;  ///< `wide`: the length of one more source, or 0.
  float rate, l2;
  int plain;  ///< One source of one id a row, without means.
} sparse_case;

/// Lookups of one table: single ids, lists of each pooling, neighbours in memory and not, rows that
/// are ids themselves, another number of rows, another stride of gradients.
static int64_t sources_of(const sparse_case *c, mtlc_sparse_source s[], int32_t *ids,
                          int64_t ld_ids, const float *d, int64_t ld) {
  const int64_t dim = c->dim, few = c->rows / 3 + 1;
  int64_t count = 0;
  s[count++] = (mtlc_sparse_source){c->rows, ids, ld_ids, 1, d + 1, ld, MTLC_POOLING_SUM, 0};
  if (c->plain) return count;
  s[count++] = (mtlc_sparse_source){
      c->rows, ids + 1, ld_ids, 3, d + 1 + dim, ld, MTLC_POOLING_MEAN, 0};
  s[count++] = (mtlc_sparse_source){
      c->rows, ids + 6, ld_ids, 2, d + 1 + 2 * dim, ld, MTLC_POOLING_CONCAT, 0};
  s[count++] = (mtlc_sparse_source){
      few, ids + 4, ld_ids, 2, d + 1 + 4 * dim, ld, MTLC_POOLING_SUM, 0};
  s[count++] = (mtlc_sparse_source){few, 0, 0, 1, d + 1 + 5 * dim, ld, MTLC_POOLING_SUM, 0};
  if (c->wide > 0)
    s[count++] = (mtlc_sparse_source){
        c->rows, ids + 8, ld_ids, c->wide, d + 1 + 6 * dim, ld, MTLC_POOLING_MEAN, 0};
  return count;
}

static void add_up(const sparse_case *c, const mtlc_sparse_source s[], int64_t count,
                   checked_table *t) {
  // The order of additions is that of chunks of rows; within a chunk sources with equal rows go row by
  // row. Only sums of zero are looked at in f32, and those of this test do not depend on the order.
  for (int64_t k = 0; k < count; k++)
    for (int64_t r = 0; r < s[k].rows; r++) {
      int64_t present = 0;
      for (int64_t l = 0; l < s[k].length && s[k].ids; l++) {
        const int32_t id = s[k].ids[r * s[k].ld_ids + l];
        present += id >= 0 || id == MTLC_ROW_ELSEWHERE;
      }
      const int mean = s[k].pooling == MTLC_POOLING_MEAN && present > 1;
      for (int64_t l = 0; l < s[k].length; l++) {
        int64_t row = s[k].ids ? s[k].ids[r * s[k].ld_ids + l] : r;
        if (row < 0) continue;
        if (row >= c->table_rows) row = 0;
        const float *d = s[k].d_out + r * s[k].ld_d_out;
        if (s[k].pooling == MTLC_POOLING_CONCAT) d += l * c->dim;
        for (int64_t j = 0; j < c->dim; j++) {
          t->sums[row * c->dim + j] += mean ? (double)d[j] / (double)present : d[j];
          t->exact[row * c->dim + j] += mean ? d[j] * (1.0f / (float)present) : d[j];
        }
      }
    }
}

static void check_sparse(sparse_case c, int64_t pieces) {
  if (c.dim > MOST_DIM) abort();
  mtlc_optimizer_hyper h = optimizer_hyper_of(c.rate);
  h.l1 = 0.3f, h.ftrl_l2 = 0.7f, h.ftrl_beta = 1.3f, h.initial_accumulator = 0.1f;
  checked_table t = table_of(c.kind, c.table_rows, c.dim, h.initial_accumulator);
  const int64_t ld_ids = 8 + c.wide, ld = 7 * c.dim + 3;
  int32_t *ids = random_ids(c.rows * ld_ids, -2, (int32_t)c.table_rows + 2);
  for (int64_t i = 0; i < c.rows * ld_ids; i++)
    if (random_below(9) == 0) ids[i] = MTLC_ROW_ELSEWHERE;
  float *d = random_floats(c.rows * ld);
  // Gradients of zero, in whole rows and in single elements.
  for (int64_t r = 0; r < c.rows; r++)
    for (int64_t i = 0; i < ld; i++)
      if (r % 5 == 4 || i % 11 == 5) d[r * ld + i] = r % 2 ? -0.0f : 0;
  if (c.plain && c.rows > 2) {
    // Two gradients that cancel each other.
    for (int64_t r = 0; r < c.rows; r++)
      if (ids[r * ld_ids] == 1) ids[r * ld_ids] = 2;
    ids[0] = ids[ld_ids] = 1;
    for (int64_t j = 0; j < c.dim; j++) d[ld + 1 + j] = -d[1 + j];
  }
  mtlc_sparse_source sources[8];
  const int64_t count = sources_of(&c, sources, ids, ld_ids, d, ld);
  add_up(&c, sources, count, &t);

  int64_t capacity = 0;
  for (int64_t k = 0; k < count; k++) capacity += sources[k].rows * sources[k].length;
  const size_t n = (size_t)capacity;
  mtlc_sparse_scratch scratch = {
      .records = malloc(n * sizeof(mtlc_sparse_record)), .links = malloc(n * 4),
      .scales = c.plain ? 0 : malloc(n * 4),
      .starts = malloc((size_t)MTLC_SPARSE_CHUNKS * (MTLC_SPARSE_MOST_PARTS + 1) * 4),
      .addends = malloc((3 * n / 2 + 1) * sizeof(mtlc_sparse_addend)), .slots = malloc(8 * n * 4),
      .several = malloc(n * 4)};
  mtlc_sparse_args a = {.kind = c.kind, .l2 = c.l2, .source_count = count, .sources = sources,
                        .table = t.p, .table_rows = c.table_rows, .dim = c.dim, .ld_table = t.ld,
                        .state1 = t.s1, .state2 = t.s2, .hyper = &h, .scratch = &scratch};
  RUN_IN_PIECES(sparse_route, &a, pieces);
  RUN_IN_PIECES(sparse_group, &a, pieces);
  RUN_IN_PIECES(sparse_update, &a, pieces);
  for (int64_t row = 0; row < c.table_rows; row++) check_row(c.kind, &h, c.l2, &t, row);
  void *all[] = {scratch.records, scratch.links, scratch.scales, scratch.starts, scratch.addends,
                 scratch.slots, scratch.several, ids, d};
  for (int i = 0; i < 9; i++) free(all[i]);
  free_table(&t);
}

void selftest_sparse(void) {
  for (mtlc_sparse_kind kind = 0; kind < MTLC_SPARSE_COUNT; kind++) {
    static const int64_t dims[] = {1, 3, 8, 16, 17, MOST_DIM};
    for (int i = 0; i < 6; i++) {
      check_sparse((sparse_case){kind, 1, 4, dims[i], 0, 0.1f, 0, 0}, 1);
      check_sparse((sparse_case){kind, 37, 50, dims[i], 0, 0.1f, 0.2f, 0}, 2);
      check_sparse((sparse_case){kind, 90, 120, dims[i], 0, 0.1f, 0, 1}, 3);
    }
    // Several chunks; parts with more occurrences than a part holds on the stack; blocks of ids.
    check_sparse((sparse_case){kind, 700, 900, 16, 0, 0.1f, 0, 0}, 5);
    check_sparse((sparse_case){kind, 1500, 3, 8, 0, 0.1f, 0, 0}, 3);
    check_sparse((sparse_case){kind, 2600, 4000, 3, 0, 0.1f, 0.2f, 1}, 3);
    check_sparse((sparse_case){kind, 3, 60, 3, 1030, 0.1f, 0, 0}, 2);
  }
  check_sparse((sparse_case){MTLC_SPARSE_FTRL, 37, 50, 8, 0, 0, 0, 0}, 1);
  check_sparse((sparse_case){MTLC_SPARSE_FTRL, 37, 50, 17, 0, 0, 0, 0}, 1);
}

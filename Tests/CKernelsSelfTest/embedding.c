#include "support.h"

static void check_embedding(int64_t rows) {
  enum { FEATURES = 6 };
  static const int64_t table_rows[] = {7, 50, 7, 1, 1000, 30}, dims[] = {4, 16, 4, 3, 17, 8};
  static const int64_t lengths[] = {1, 1, 5, 2, 3, 4};
  static const mtlc_pooling poolings[] = {0, 1, 2, 1, 0, 2};
  mtlc_embedding_feature f[FEATURES];
  float *tables[FEATURES], *gradients[FEATURES];
  double *expected[FEATURES];
  int64_t id_column = 0, out_column = 1;
  for (int i = 0; i < FEATURES; i++) {
    int64_t ld = dims[i] + i % 3, size = table_rows[i] * ld;
    // The third feature shares the first one's table.
    tables[i] = i == 2 ? tables[0] : random_floats(size);
    gradients[i] = i == 2 ? gradients[0] : random_floats(size);
    expected[i] = i == 2 ? expected[0] : malloc((size_t)size * 8);
    if (i == 2) ld = dims[0];
    for (int64_t j = 0; j < size && i != 2; j++) expected[i][j] = gradients[i][j];
    f[i] = (mtlc_embedding_feature){.table = tables[i], .gradient = gradients[i],
                                    .table_rows = table_rows[i], .dim = dims[i], .ld_table = ld,
                                    .id_column = id_column, .length = lengths[i],
                                    .out_column = out_column, .pooling = poolings[i]};
    id_column += lengths[i];
    out_column += (poolings[i] ? 1 : lengths[i]) * dims[i];
  }
  int64_t ld_ids = id_column + 1, ld = out_column + 2;
  int32_t *ids = random_ids(rows * ld_ids, -3, 60);
  float *out = random_floats(rows * ld), *d = random_floats(rows * ld);
  float *before = copy_floats(out, rows * ld);
  mtlc_gather_args t = {.rows = rows, .feature_count = FEATURES, .features = f, .ids = ids,
                        .ld_ids = ld_ids, .out = out, .ld_out = ld};
  mtlc_scatter_add_args u = {.rows = rows, .feature_count = FEATURES, .features = f, .ids = ids,
                             .ld_ids = ld_ids, .d_out = d, .ld_d_out = ld};
  RUN_IN_PIECES(gather, &t, 3);
  for (int64_t i = 0; i < rows; i++) {
    expect_near("padding", out[i * ld], before[i * ld], 0);
    for (int k = 0; k < FEATURES; k++) {
      double sums[64] = {0};
      int64_t count = 0, columns = (poolings[k] ? 1 : lengths[k]) * dims[k];
      const int32_t *id = ids + i * ld_ids + f[k].id_column;
      for (int64_t l = 0; l < lengths[k]; l++) count += id[l] >= 0;
      double scale = poolings[k] == MTLC_POOLING_MEAN && count > 1 ? 1.0 / (double)count : 1;
      for (int64_t l = 0; l < lengths[k]; l++)
        for (int64_t j = 0; j < dims[k] && id[l] >= 0; j++) {
          int64_t row = id[l] < table_rows[k] ? id[l] : 0;
          int64_t column = j + (poolings[k] ? 0 : l * dims[k]);
          sums[column] += scale * tables[k][row * f[k].ld_table + j];
          expected[k][row * f[k].ld_table + j] += scale * d[i * ld + f[k].out_column + column];
        }
      for (int64_t j = 0; j < columns; j++)
        expect_near("gather", out[i * ld + f[k].out_column + j], sums[j], 1e-6);
    }
  }
  float *out1 = copy_floats(out, rows * ld);
  RUN_IN_PIECES(gather, &t, 1);
  expect_same("gather at once", out, out1, rows * ld * 4);
  float *start = copy_floats(gradients[4], 1000 * f[4].ld_table);
  RUN_IN_PIECES(scatter_add, &u, 1);
  for (int k = 0; k < FEATURES; k++)
    for (int64_t j = 0; j < table_rows[k] * f[k].ld_table; j++)
      expect_near("scatter_add", gradients[k][j], expected[k][j], 1e-5);
  float *once = copy_floats(gradients[4], 1000 * f[4].ld_table);
  memcpy(gradients[4], start, (size_t)(1000 * f[4].ld_table) * 4);
  RUN_IN_PIECES(scatter_add, &u, 5);
  expect_same("scatter_add in pieces", gradients[4], once, 1000 * f[4].ld_table * 4);
  for (int k = 0; k < FEATURES; k++)
    if (k != 2) free(tables[k]), free(gradients[k]), free(expected[k]);
  free(ids), free(out), free(d), free(before), free(out1), free(start), free(once);
}

void selftest_embedding(void) {
  check_embedding(1);
  check_embedding(37);
  check_embedding(200);
}

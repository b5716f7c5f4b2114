#include "support.h"

/// Groups of up to `most` rows, some of them rows without a group.
static int32_t *random_groups(int64_t rows, int64_t ld, int64_t most) {
  // One time of two the memory behind the rows goes on with the last group.
  const int64_t more = random_below(2);
  int32_t *groups = random_ids((rows + more) * ld, 0, 9);
  int64_t left = 0;
  int32_t low = 0, high = 0;
  for (int64_t i = 0; i < rows; i++) {
    if (left-- == 0) {
      left = random_below(most);
      // Neighbours differ in one half alone, and either half may be 0.
      int32_t kind = (int32_t)random_below(4);
      if (kind == 0) low = high = 0;
      if (kind == 1) low++;
      if (kind == 2) high++;
      if (kind == 3) low = ++high % 2;
    }
    groups[i * ld] = low;
    groups[i * ld + 1] = high;
  }
  if (more) memcpy(groups + rows * ld, groups + (rows - 1) * ld, (size_t)ld * 4);
  return groups;
}

/// Whether rows i and i + 1 are of one group.
static int together(const int32_t *groups, int64_t ld, int64_t i) {
  const int32_t *one = groups + i * ld, *next = one + ld;
  return one[0] == next[0] && one[1] == next[1] && (one[0] != 0 || one[1] != 0);
}

/// The first row of the group of row i, and the row behind its last one.
static int64_t group_start(const int32_t *groups, int64_t ld, int64_t i) {
  while (i > 0 && together(groups, ld, i - 1)) i--;
  return i;
}

static int64_t group_end(const int32_t *groups, int64_t ld, int64_t i, int64_t rows) {
  while (i + 1 < rows && together(groups, ld, i)) i++;
  return i + 1;
}

static void check_group(int64_t rows, int64_t cols, int64_t most) {
  int64_t ldx = cols + random_below(3), ldy = cols + random_below(3), ldg = 2 + random_below(2);
  float *x = random_floats(rows * ldx), *y = random_floats(rows * ldy);
  float *before = copy_floats(y, rows * ldy);
  int32_t *groups = random_groups(rows, ldg, most);
  for (int kind = 0; kind < MTLC_GROUP_COUNT; kind++) {
    mtlc_group_args t = {.rows = rows, .cols = cols, .kind = (mtlc_group_kind)kind, .x = x,
                         .ldx = ldx, .groups = groups, .ld_groups = ldg, .y = y, .ldy = ldy};
    RUN_IN_PIECES(group, &t, 3);
    for (int64_t i = 0; i < rows; i++) {
      int64_t start = group_start(groups, ldg, i), end = group_end(groups, ldg, i, rows);
      for (int64_t c = 0; c < cols; c++) {
        double sum = 0, max = -INFINITY;
        for (int64_t j = start; j < end; j++) {
          sum += x[j * ldx + c];
          max = fmax(max, x[j * ldx + c]);
        }
        expect_near("group", y[i * ldy + c], kind == MTLC_GROUP_SUM ? sum : max, 1e-4);
      }
      for (int64_t c = cols; c < ldy; c++)
        expect_near("padding", y[i * ldy + c], before[i * ldy + c], 0);
    }
    float *pieces = copy_floats(y, rows * ldy);
    RUN_IN_PIECES(group, &t, 1);
    expect_same("group at once", y, pieces, rows * ldy * 4);
    free(pieces);
  }
  free(x), free(y), free(before), free(groups);
}

static double pair_value(int function, double d) {
  switch (function) {
    case MTLC_PAIR_ONE: return 1;
    case MTLC_PAIR_LOGISTIC: return log1p(exp(-fabs(d))) + fmax(-d, 0);
    case MTLC_PAIR_SLOPE: return -1 / (1 + exp(d));
    default: return 1 / ((1 + exp(d)) * (1 + exp(-d)));
  }
}

static void check_pairs(int64_t rows, int64_t most, int64_t labels, float scale) {
  int64_t ld = 1 + random_below(3), ldl = 1 + random_below(3), ldg = 2 + random_below(2);
  float *a = random_floats(rows * ld), *z = random_floats(rows * ld), *out = random_floats(rows * ld);
  float *y = random_floats(rows * ldl), *before = copy_floats(out, rows * ld);
  int32_t *groups = random_groups(rows, ldg, most);
  for (int64_t i = 0; i < rows * ld; i++) z[i] *= scale;
  for (int64_t i = 0; i < rows * ldl; i++)
    if (labels) y[i] = (float)random_below(labels);
  for (int function = 0; function < MTLC_PAIR_FUNCTION_COUNT; function++)
    for (int side = 0; side < MTLC_PAIR_SIDE_COUNT; side++) {
      mtlc_group_pairs_args t = {
          .rows = rows, .function = (mtlc_pair_function)function, .side = (mtlc_pair_side)side,
          .factors = a, .ld_factors = ld, .scores = z, .ld_scores = ld, .labels = y,
          .ld_labels = ldl, .groups = groups, .ld_groups = ldg, .out = out, .ld_out = ld};
      RUN_IN_PIECES(group_pairs, &t, 3);
      for (int64_t i = 0; i < rows; i++) {
        double sum = 0, size = 1;
        int64_t start = group_start(groups, ldg, i), end = group_end(groups, ldg, i, rows);
        for (int64_t j = start; j < end; j++) {
          int64_t upper = side == MTLC_PAIR_LOWER ? i : j, lower = i + j - upper;
          if (!(y[upper * ldl] > y[lower * ldl])) continue;
          double term = a[j * ld] * pair_value(function, (double)z[upper * ld] - z[lower * ld]);
          sum += term;
          size += fabs(term);
        }
        expect_near("pairs", (out[i * ld] - sum) / size, 0, 2e-6);
        for (int64_t c = 1; c < ld && i + 1 < rows; c++)
          expect_near("padding", out[i * ld + c], before[i * ld + c], 0);
      }
      float *pieces = copy_floats(out, rows * ld);
      RUN_IN_PIECES(group_pairs, &t, 1);
      expect_same("pairs at once", out, pieces, rows * ld * 4);
      free(pieces);
    }
  free(a), free(z), free(out), free(y), free(before), free(groups);
}

void selftest_group(void) {
  static const int64_t rows[] = {1, 2, 15, 16, 17, 33, 129, 700};
  for (int i = 0; i < 8; i++) {
    static const int64_t cols[] = {1, 2, 3, 15, 16, 17, 40};
    for (int j = 0; j < 7; j++) check_group(rows[i], cols[j], rows[i] > 200 ? 90 : 9);
    check_group(rows[i], 2, 1);
    check_group(rows[i], 2, 10 * rows[i]);
    check_pairs(rows[i], 9, 2, 1);
    check_pairs(rows[i], 9, 3, 1);
    check_pairs(rows[i], 20, 0, 4);
    // Differences beyond the range of the exponential.
    check_pairs(rows[i], 9, 2, 200);
    check_pairs(rows[i], 10 * rows[i], 2, 1);
  }
}

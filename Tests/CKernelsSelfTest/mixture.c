#include "support.h"

static void check_mixture(int64_t rows, int64_t width, int64_t experts, int64_t gates, int all) {
  int64_t sizes[8], logit_columns[8], out_columns[8], *picks, *expert_columns, total = 0;
  picks = malloc((size_t)(experts * gates) * 8), expert_columns = malloc((size_t)experts * 8);
  for (int64_t e = 0; e < experts; e++) expert_columns[e] = (experts - 1 - e) * (width + 1);
  int64_t columns = experts * (width + 1);
  for (int64_t g = 0; g < gates; g++) {
    sizes[g] = all ? experts : 1 + random_below(experts);
    int64_t from = random_below(experts);
    for (int64_t e = 0; e < sizes[g]; e++) picks[total + e] = (from + e) % experts;
    logit_columns[g] = columns, out_columns[g] = (gates - 1 - g) * (width + 2);
    columns += sizes[g] + 1;
    total += sizes[g];
  }
  int64_t ldz = columns + 3, ldw = total + 1, ldo = gates * (width + 2);
  float *z = random_floats(rows * ldz), *w = random_floats(rows * ldw);
  float *o = random_floats(rows * ldo), *d = random_floats(rows * ldo);
  float *dz = random_floats(rows * ldz), *padding = copy_floats(dz, rows * ldz);
  mtlc_mixture_args t = {.rows = rows, .width = width, .expert_count = experts,
                         .gate_count = gates, .expert_columns = expert_columns,
                         .gate_sizes = sizes, .picks = picks, .logit_columns = logit_columns,
                         .out_columns = out_columns, .experts = z, .ld_experts = ldz,
                         .logits = z, .ld_logits = ldz, .weights = w, .ld_weights = ldw,
                         .out = o, .ld_out = ldo};
  RUN_IN_PIECES(mixture, &t, 3);
  mtlc_activation activation = (mtlc_activation)random_below(MTLC_ACTIVATION_COUNT);
  mtlc_mixture_gradient_args u = {.rows = rows, .width = width, .expert_count = experts,
                                  .gate_count = gates, .expert_columns = expert_columns,
                                  .gate_sizes = sizes, .picks = picks,
                                  .logit_columns = logit_columns, .out_columns = out_columns,
                                  .experts = z, .ld_experts = ldz, .weights = w,
                                  .ld_weights = ldw, .d_out = d, .ld_d_out = ldo,
                                  .d_experts = dz, .ld_d_experts = ldz, .d_logits = dz,
                                  .ld_d_logits = ldz, .activation_gradient = activation};
  RUN_IN_PIECES(mixture_gradient, &u, 3);
  double *dots = malloc((size_t)total * 8), *de = malloc((size_t)(experts * width) * 8);
  for (int64_t i = 0; i < rows; i++) {
    int64_t start = 0;
    memset(de, 0, (size_t)(experts * width) * 8);
    for (int64_t g = 0; g < gates; start += sizes[g], g++) {
      double max = -INFINITY, sum = 0, mean = 0;
      const float *logits = z + i * ldz + logit_columns[g];
      for (int64_t e = 0; e < sizes[g]; e++) max = fmax(max, logits[e]);
      for (int64_t e = 0; e < sizes[g]; e++) sum += exp(logits[e] - max);
      for (int64_t e = 0; e < sizes[g]; e++) {
        float *weight = w + i * ldw + start + e;
        expect_near("mixture weight", *weight, exp(logits[e] - max) / sum, 1e-6);
        const float *x = z + i * ldz + expert_columns[picks[start + e]];
        dots[e] = 0;
        for (int64_t h = 0; h < width; h++) {
          double dy = d[i * ldo + out_columns[g] + h];
          dots[e] += dy * x[h];
          de[picks[start + e] * width + h] += *weight * dy;
        }
        mean += *weight * dots[e];
      }
      for (int64_t e = 0; e < sizes[g]; e++)
        expect_near("d_logits", dz[i * ldz + logit_columns[g] + e],
                    w[i * ldw + start + e] * (dots[e] - mean), 4e-6);
      for (int64_t h = 0; h < width; h++) {
        double out = 0;
        for (int64_t e = 0; e < sizes[g]; e++)
          out += (double)w[i * ldw + start + e] *
                 z[i * ldz + expert_columns[picks[start + e]] + h];
        expect_near("mixture", o[i * ldo + out_columns[g] + h], out, 1e-6);
      }
    }
    for (int64_t e = 0; e < experts; e++) {
      for (int64_t h = 0; h < width; h++) {
        int64_t at = i * ldz + expert_columns[e] + h;
        expect_near("d_experts", dz[at], de[e * width + h] * slope_of(activation, z[at]), 2e-6);
      }
      int64_t after = i * ldz + expert_columns[e] + width;
      expect_near("padding", dz[after], padding[after], 0);
    }
  }
  float *o1 = copy_floats(o, rows * ldo), *w1 = copy_floats(w, rows * ldw);
  float *dz1 = copy_floats(dz, rows * ldz);
  RUN_IN_PIECES(mixture, &t, 1);
  RUN_IN_PIECES(mixture_gradient, &u, 1);
  expect_same("mixture at once", o, o1, rows * ldo * 4);
  expect_same("mixture weights at once", w, w1, rows * ldw * 4);
  expect_same("mixture gradient at once", dz, dz1, rows * ldz * 4);
  if (total <= MTLC_MIXTURE_LOCAL_PICKS) t.weights = NULL;
  RUN_IN_PIECES(mixture, &t, 2);
  expect_same("mixture without weights", o, o1, rows * ldo * 4);
  // The gradient in place of the experts and logits.
  u.d_experts = z, u.d_logits = z;
  RUN_IN_PIECES(mixture_gradient, &u, 2);
  for (int64_t i = 0; i < rows; i++)
    for (int64_t e = 0; e < experts; e++)
      expect_same("mixture gradient in place", z + i * ldz + expert_columns[e],
                  dz + i * ldz + expert_columns[e], width * 4);
  void *everything[] = {picks, expert_columns, z, w, o, d, dz, padding, dots, de, o1, w1, dz1};
  for (int i = 0; i < 13; i++) free(everything[i]);
}

void selftest_mixture(void) {
  static const int64_t widths[] = {1, 3, 8, 16, 17, 40};
  static const int64_t rows[] = {1, 3, 16, 19, 33};
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 5; j++) {
      check_mixture(rows[j], widths[i], 8, 2, 1);
      check_mixture(rows[j], widths[i], 1 + random_below(9), 1 + random_below(4), 0);
    }
  check_mixture(5, 16, 70, 8, 1);
  check_mixture(18, 5, 300, 2, 1);
}

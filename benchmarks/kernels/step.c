// One training step of the mmoe-dense shape (499 inputs, 8 experts of 16, 2 gates, towers of 8) as
// a plain sequence of kernels on one thread: where its time goes, kernel by kernel.
//   step [batch]
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "mtlc_kernels.h"

enum { INPUTS = 499, EXPERTS = 8, WIDTH = 16, GATES = 2, TOWER = 8 };
enum { COLUMNS = EXPERTS * WIDTH + GATES * EXPERTS };

static double seconds(void) { return (double)clock() / CLOCKS_PER_SEC; }

static float *floats(int64_t n, float scale) {
  float *p = aligned_alloc(64, ((size_t)n * sizeof(float) + 63) / 64 * 64);
  for (int64_t i = 0; i < n; i++) p[i] = scale * ((float)((i * 7919 + 13) % 2001) / 1000.0f - 1.0f);
  return p;
}

static mtlc_optimizer_hyper hyper = {.learning_rate = 0.001f, .beta1 = 0.9f, .beta2 = 0.999f,
                                     .epsilon = 1e-8f, .bias_correction1 = 0.5f,
                                     .bias_correction2 = 0.5f, .gradient_scale = 1};

static mtlc_optimizer_update *adam(float *parameter, int64_t n, int64_t ld, int64_t group) {
  mtlc_optimizer_update *u = calloc(1, sizeof *u);
  float *s1 = floats(n, 0), *s2 = floats(n, 0);
  *u = (mtlc_optimizer_update){.kind = MTLC_OPTIMIZER_ADAM, .parameter = parameter, .state1 = s1,
                               .state2 = s2, .ld = ld, .group_stride = group, .hyper = &hyper};
  return u;
}

#define TIME(what, kernel, args)                                                             \
  do {                                                                                       \
    int64_t tiles_ = mtlc_##kernel##_tiles(args), rounds_ = 1;                               \
    double best_ = 1e9;                                                                      \
    for (int r_ = 0; r_ < 12; r_++) {                                                        \
      double start_ = seconds();                                                             \
      for (int64_t i_ = 0; i_ < rounds_; i_++) mtlc_##kernel##_run(args, 0, tiles_);         \
      double took_ = seconds() - start_;                                                     \
      if (took_ > 1e-3 && took_ / (double)rounds_ < best_) best_ = took_ / (double)rounds_;  \
      rounds_ = took_ < 2e-3 ? rounds_ * 4 : rounds_;                                        \
    }                                                                                        \
    printf("%-26s %9.3f us  tiles %lld\n", what, best_ * 1e6, (long long)tiles_);            \
    total += best_;                                                                          \
  } while (0)

int main(int argc, char **argv) {
  int64_t batch = argc > 1 ? atoll(argv[1]) : 32;
  double total = 0;
  float *x = floats(batch * INPUTS, 1), *w = floats(INPUTS * COLUMNS, 0.05f);
  float *bias = floats(COLUMNS, 0), *z = floats(batch * COLUMNS, 1);
  float *dz = floats(batch * COLUMNS, 1), *weights = floats(batch * GATES * EXPERTS, 1);
  float *mixed = floats(batch * GATES * WIDTH, 1), *d_mixed = floats(batch * GATES * WIDTH, 1);
  float *tw = floats(GATES * WIDTH * TOWER, 0.2f), *tb = floats(GATES * TOWER, 0);
  float *h = floats(batch * GATES * TOWER, 1), *dh = floats(batch * GATES * TOWER, 1);
  float *ow = floats(GATES * TOWER, 0.3f), *ob = floats(GATES, 0);
  float *logit = floats(batch * GATES, 1), *label = floats(batch * GATES, 1);
  float *d_logit = floats(batch * GATES, 1);

  mtlc_matmul_args forward = {.m = batch, .n = COLUMNS, .k = INPUTS, .groups = 1, .a = x,
                              .lda = INPUTS, .b = w, .ldb = COLUMNS, .c = z, .ldc = COLUMNS,
                              .bias = bias, .activation = MTLC_ACTIVATION_RELU,
                              .activation_end = EXPERTS * WIDTH};
  int64_t expert_columns[EXPERTS], sizes[GATES], picks[GATES * EXPERTS], logit_columns[GATES];
  int64_t out_columns[GATES];
  for (int e = 0; e < EXPERTS; e++) expert_columns[e] = e * WIDTH;
  for (int g = 0; g < GATES; g++) {
    sizes[g] = EXPERTS, out_columns[g] = g * WIDTH;
    logit_columns[g] = EXPERTS * WIDTH + g * EXPERTS;
    for (int e = 0; e < EXPERTS; e++) picks[g * EXPERTS + e] = e;
  }
  mtlc_mixture_args mix = {.rows = batch, .width = WIDTH, .expert_count = EXPERTS,
                           .gate_count = GATES, .expert_columns = expert_columns,
                           .gate_sizes = sizes, .picks = picks, .logit_columns = logit_columns,
                           .out_columns = out_columns, .experts = z, .ld_experts = COLUMNS,
                           .logits = z, .ld_logits = COLUMNS, .weights = weights,
                           .ld_weights = GATES * EXPERTS, .out = mixed,
                           .ld_out = GATES * WIDTH};
  mtlc_matmul_args tower = {.m = batch, .n = TOWER, .k = WIDTH, .groups = GATES, .a = mixed,
                            .lda = GATES * WIDTH, .a_group_stride = WIDTH, .b = tw, .ldb = TOWER,
                            .b_group_stride = WIDTH * TOWER, .c = h, .ldc = GATES * TOWER,
                            .c_group_stride = TOWER, .bias = tb, .bias_group_stride = TOWER,
                            .activation = MTLC_ACTIVATION_RELU};
  mtlc_matmul_args head = {.m = batch, .n = 1, .k = TOWER, .groups = GATES, .a = h,
                           .lda = GATES * TOWER, .a_group_stride = TOWER, .b = ow, .ldb = 1,
                           .b_group_stride = TOWER, .c = logit, .ldc = GATES,
                           .c_group_stride = 1, .bias = ob, .bias_group_stride = 1};
  // loss = mean(softplus(z) - z y), d_logit = (sigmoid(z) - y) / batch
  float loss[GATES];
  mtlc_elementwise_operand operands[] = {{.data = logit, .stride = {0, 0, GATES, 1}},
                                         {.data = label, .stride = {0, 0, GATES, 1}},
                                         {.data = d_logit, .stride = {0, 0, GATES, 1}},
                                         {.data = loss, .stride = {0, 0, 0, 1}}};
  mtlc_elementwise_op ops[] = {
      {.opcode = MTLC_OP_LOAD, .dst = 0, .a = 0},
      {.opcode = MTLC_OP_LOAD, .dst = 1, .a = 1},
      {.opcode = MTLC_OP_SIGMOID, .dst = 2, .a = 0},
      {.opcode = MTLC_OP_SUB, .dst = 2, .a = 2, .b = 1},
      {.opcode = MTLC_OP_MUL_CONSTANT, .dst = 2, .a = 2, .imm = 1.0f / 32},
      {.opcode = MTLC_OP_STORE, .a = 2, .b = 2},
      {.opcode = MTLC_OP_SOFTPLUS, .dst = 3, .a = 0},
      {.opcode = MTLC_OP_MUL, .dst = 4, .a = 0, .b = 1},
      {.opcode = MTLC_OP_SUB, .dst = 3, .a = 3, .b = 4},
      {.opcode = MTLC_OP_SUM_COLUMNS, .a = 3, .b = 3}};
  mtlc_elementwise_args bce = {.dims = {1, 1, batch, GATES}, .operand_count = 4, .op_count = 10,
                               .operands = operands, .ops = ops};
  int64_t counter = 0;
  float *scratch = floats(mtlc_elementwise_scratch(&bce), 0);
  bce.scratch = scratch, bce.counter = &counter;
  mtlc_matmul_args d_head = {.m = batch, .n = TOWER, .k = 1, .groups = GATES, .a = d_logit,
                             .lda = GATES, .a_group_stride = 1, .b = ow, .ldb = 1,
                             .b_group_stride = TOWER, .transpose_b = 1, .c = dh,
                             .ldc = GATES * TOWER, .c_group_stride = TOWER,
                             .activation_gradient = MTLC_ACTIVATION_RELU, .y = h,
                             .ldy = GATES * TOWER, .y_group_stride = TOWER};
  mtlc_matmul_args head_weight = {.m = TOWER, .n = 1, .k = batch, .groups = GATES, .a = h,
                                  .lda = GATES * TOWER, .a_group_stride = TOWER,
                                  .transpose_a = 1, .b = d_logit, .ldb = GATES,
                                  .b_group_stride = 1, .update = adam(ow, GATES * TOWER, 1, TOWER),
                                  .colsum_update = adam(ob, GATES, 1, 1)};
  mtlc_matmul_args d_tower = {.m = batch, .n = WIDTH, .k = TOWER, .groups = GATES, .a = dh,
                              .lda = GATES * TOWER, .a_group_stride = TOWER, .b = tw,
                              .ldb = TOWER, .b_group_stride = WIDTH * TOWER, .transpose_b = 1,
                              .c = d_mixed, .ldc = GATES * WIDTH, .c_group_stride = WIDTH};
  mtlc_matmul_args tower_weight = {
      .m = WIDTH, .n = TOWER, .k = batch, .groups = GATES, .a = mixed, .lda = GATES * WIDTH,
      .a_group_stride = WIDTH, .transpose_a = 1, .b = dh, .ldb = GATES * TOWER,
      .b_group_stride = TOWER,
      .update = adam(tw, GATES * WIDTH * TOWER, TOWER, WIDTH * TOWER),
      .colsum_update = adam(tb, GATES * TOWER, TOWER, TOWER)};
  mtlc_mixture_gradient_args d_mix = {
      .rows = batch, .width = WIDTH, .expert_count = EXPERTS, .gate_count = GATES,
      .expert_columns = expert_columns, .gate_sizes = sizes, .picks = picks,
      .logit_columns = logit_columns, .out_columns = out_columns, .experts = z,
      .ld_experts = COLUMNS, .weights = weights, .ld_weights = GATES * EXPERTS,
      .d_out = d_mixed, .ld_d_out = GATES * WIDTH, .d_experts = dz, .ld_d_experts = COLUMNS,
      .d_logits = dz, .ld_d_logits = COLUMNS, .activation_gradient = MTLC_ACTIVATION_RELU};
  mtlc_matmul_args weight = {.m = INPUTS, .n = COLUMNS, .k = batch, .groups = 1, .a = x,
                             .lda = INPUTS, .transpose_a = 1, .b = dz, .ldb = COLUMNS,
                             .update = adam(w, INPUTS * COLUMNS, COLUMNS, 0),
                             .colsum_update = adam(bias, COLUMNS, COLUMNS, 0)};
  printf("%s, batch %lld\n", mtlc_kernels_isa(), (long long)batch);
  TIME("experts and gates", matmul, &forward);
  TIME("mixture", mixture, &mix);
  TIME("towers", matmul, &tower);
  TIME("heads", matmul, &head);
  TIME("loss and its gradient", elementwise, &bce);
  TIME("heads, input gradient", matmul, &d_head);
  TIME("heads, weights + adam", matmul, &head_weight);
  TIME("towers, input gradient", matmul, &d_tower);
  TIME("towers, weights + adam", matmul, &tower_weight);
  TIME("mixture gradient", mixture_gradient, &d_mix);
  TIME("experts, weights + adam", matmul, &weight);
  printf("%-26s %9.3f us\n", "all on one thread", total * 1e6);
  return 0;
}

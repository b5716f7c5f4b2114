// GFLOP/s of the matrix products of one training step, on one thread.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "mtlc_kernels.h"

/// Of the processor, so that other work on the machine disturbs less.
static double seconds(void) { return (double)clock() / CLOCKS_PER_SEC; }

/// Aligned as the executor aligns its buffers.
static float *aligned_floats(int64_t n) {
  float *p = aligned_alloc(64, ((size_t)n * sizeof(float) + 63) / 64 * 64);
  for (int64_t i = 0; i < n; i++) p[i] = (float)((i * 7919 + 13) % 2001) / 1000.0f - 1.0f;
  return p;
}

static double best_of(const mtlc_matmul_args *t) {
  int64_t tiles = mtlc_matmul_tiles(t), rounds = 1;
  double best = 1e30;
  for (int r = 0; r < 30; r++) {
    double start = seconds();
    for (int64_t i = 0; i < rounds; i++) mtlc_matmul_run(t, 0, tiles);
    double took = seconds() - start;
    if (took < 1e-3)
      rounds *= 4;
    else if (took / (double)rounds < best)
      best = took / (double)rounds;
  }
  return best;
}

static void shape(const char *what, int64_t m, int64_t n, int64_t k, int ta, int tb, int adam) {
  mtlc_optimizer_hyper h = {.learning_rate = 0.001f, .beta1 = 0.9f, .beta2 = 0.999f,
                            .epsilon = 1e-8f, .bias_correction1 = 0.5f, .bias_correction2 = 0.5f,
                            .gradient_scale = 1};
  mtlc_matmul_args t = {.m = m, .n = n, .k = k, .groups = 1, .transpose_a = ta, .transpose_b = tb};
  t.lda = ta ? m : k, t.ldb = tb ? k : n, t.ldc = n;
  float *a = aligned_floats(m * k), *b = aligned_floats(n * k), *c = aligned_floats(m * n);
  float *s1 = aligned_floats(m * n), *s2 = aligned_floats(m * n), *bias = aligned_floats(n);
  for (int64_t i = 0; i < m * n; i++) s2[i] = fabsf(s2[i]);
  t.a = a, t.b = b, t.c = c;
  mtlc_optimizer_update u = {.kind = MTLC_OPTIMIZER_ADAM, .parameter = c, .state1 = s1,
                             .state2 = s2, .ld = n, .hyper = &h};
  if (adam)
    t.update = &u;
  else if (!ta && !tb)
    t.bias = bias, t.activation = MTLC_ACTIVATION_RELU, t.activation_end = n > 16 ? n - 16 : n;
  double took = best_of(&t);
  printf("%-28s m=%-5lld n=%-4lld k=%-5lld %9.2f us %8.1f GFLOP/s  tiles %lld\n", what,
         (long long)m, (long long)n, (long long)k, took * 1e6,
         2.0 * (double)m * (double)n * (double)k / took * 1e-9, (long long)mtlc_matmul_tiles(&t));
  free(a), free(b), free(c), free(s1), free(s2), free(bias);
}

int main(int argc, char **argv) {
  if (argc > 1 && mtlc_kernels_force_isa(argv[1]) != 0) return 1;
  float sink = 0;
  double start = seconds();
  int64_t operations = mtlc_fma_peak_run(50000000, &sink);
  printf("%s, peak %.1f GFLOP/s (%g)\n", mtlc_kernels_isa(),
         (double)operations / (seconds() - start) * 1e-9, sink);
  static const int64_t batches[] = {1, 32, 256, 1024, 4096};
  for (int i = 0; i < 5; i++) {
    int64_t b = batches[i];
    shape("forward", b, 144, 499, 0, 0, 0);
    shape("weight gradient", 499, 144, b, 1, 0, 0);
    shape("weight gradient + adam", 499, 144, b, 1, 0, 1);
    shape("tower forward", b, 8, 16, 0, 0, 0);
    shape("tower head", b, 1, 8, 0, 0, 0);
    shape("tower input gradient", b, 16, 8, 0, 1, 0);
    shape("tower weight gradient", 16, 8, b, 1, 0, 0);
  }
  shape("square", 512, 512, 512, 0, 0, 0);
  shape("square, B transposed", 512, 512, 512, 0, 1, 0);
  shape("square, A transposed", 512, 512, 512, 1, 0, 0);
  shape("odd", 509, 251, 253, 0, 0, 0);
  return 0;
}

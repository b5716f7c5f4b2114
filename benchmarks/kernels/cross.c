// GFLOP/s of the products of a cross network, forward and backward, on one thread: in the order of a
// training step, so that what each reads lies where those before it left it. Beside them plain
// products of the same sizes.
//   cross [n] [rank] [batch] [isa]      rank 0: W is n × n
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mtlc_kernels.h"

/// Of the processor, so that other work on the machine disturbs less.
static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/// Aligned as the executor aligns its buffers.
static float *floats(int64_t n) {
  float *p = aligned_alloc(64, ((size_t)n * sizeof(float) + 63) / 64 * 64);
  for (int64_t i = 0; i < n; i++) p[i] = (float)((i * 7919 + 13) % 2001) / 1000.0f - 1.0f;
  return p;
}

enum { ROUNDS = 200, MOST = 16 };

typedef struct {
  const char *what;
  mtlc_matmul_args args;
  mtlc_optimizer_update update;
  double times[ROUNDS];
} product;

static product products[MOST];
static int count;
static mtlc_optimizer_hyper hyper = {.learning_rate = 0.001f, .beta1 = 0.9f, .beta2 = 0.999f,
                                     .epsilon = 1e-8f, .bias_correction1 = 0.5f,
                                     .bias_correction2 = 0.5f, .gradient_scale = 1};

static mtlc_matmul_args *add(const char *what, int64_t m, int64_t n, int64_t k, const float *a,
                             const float *b, float *c, int ta, int tb) {
  product *p = &products[count++];
  p->what = what;
  p->args = (mtlc_matmul_args){.m = m, .n = n, .k = k, .groups = 1, .a = a, .b = b, .c = c,
                               .lda = ta ? m : k, .ldb = tb ? k : n, .ldc = n,
                               .transpose_a = ta, .transpose_b = tb};
  return &p->args;
}

static mtlc_matmul_args *add_update(const char *what, int64_t m, int64_t n, int64_t k,
                                    const float *a, const float *b, float *parameter) {
  mtlc_matmul_args *t = add(what, m, n, k, a, b, 0, 1, 0);
  product *p = &products[count - 1];
  float *s1 = floats(m * n), *s2 = floats(m * n);
  for (int64_t i = 0; i < m * n; i++) s2[i] = fabsf(s2[i]);
  p->update = (mtlc_optimizer_update){.kind = MTLC_OPTIMIZER_ADAM, .parameter = parameter,
                                      .state1 = s1, .state2 = s2, .ld = n, .hyper = &hyper};
  t->update = &p->update;
  return t;
}

static void crossed(mtlc_matmul_args *t, const float *factor, const float *residual, float *to) {
  t->factor = factor, t->residual = residual, t->crossed = to, t->ldf = t->ldr = t->ldx = t->n;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  int64_t n = argc > 1 ? atoi(argv[1]) : 263, rank = argc > 2 ? atoi(argv[2]) : 0;
  int64_t m = argc > 3 ? atoi(argv[3]) : 1024;
  if (argc > 4 && mtlc_kernels_force_isa(argv[4]) != 0) return 1;
  float *x0 = floats(m * n), *u = floats(m * n), *x1 = floats(m * n), *g = floats(m * n);
  float *gu = floats(m * n), *gx = floats(m * n), *h = floats(m * (rank + 1));
  float *w = floats(n * n), *v = floats(n * (rank + 1)), *o = floats(n * (rank + 1));
  float *bias = floats(n), *gh = floats(m * (rank + 1)), *g0 = floats(m * n);
  if (rank == 0) {
    crossed(add("x0 * (x W + b) + x", m, n, n, x0, w, u, 0, 0), x0, x0, x1);
    products[0].args.bias = bias;
    add("plain", m, n, n, x1, w, gx, 0, 0)->bias = bias;
    crossed(add("gu = g * x0 beside g", m, n, n, x1, w, g, 0, 1), x0, 0, gu);
    mtlc_matmul_args *t = add("gu Wt + g", m, n, n, gu, w, gx, 0, 1);
    t->addend = g, t->ldadd = n;
    add("plain, B transposed", m, n, n, gu, w, g0, 0, 1);
    add_update("W step", n, n, m, x0, gu, w);
  } else {
    add("x V", m, rank, n, x0, v, h, 0, 0);
    crossed(add("x0 * (h U + b) + x", m, n, rank, h, o, u, 0, 0), x0, x0, x1);
    products[1].args.bias = bias;
    add("plain", m, n, rank, h, o, g0, 0, 0)->bias = bias;
    crossed(add("gu = g * x0 beside g", m, n, n, x1, w, g, 0, 1), x0, 0, gu);
    add("gu Ut", m, rank, n, gu, o, gh, 0, 1);
    add_update("U step", rank, n, m, h, gu, o);
    mtlc_matmul_args *t = add("gh Vt + g", m, n, rank, gh, v, gx, 0, 1);
    t->addend = g, t->ldadd = n;
    add("plain, B transposed", m, n, rank, gh, v, g0, 0, 1);
    add_update("V step", n, rank, m, x0, gh, v);
  }
  float sink = 0;
  double start = seconds();
  int64_t operations = mtlc_fma_peak_run(20000000, &sink);
  double peak = (double)operations / (seconds() - start);
  for (int r = 0; r < ROUNDS; r++)
    for (int i = 0; i < count; i++) {
      const mtlc_matmul_args *t = &products[i].args;
      start = seconds();
      mtlc_matmul_run(t, 0, mtlc_matmul_tiles(t));
      products[i].times[r] = seconds() - start;
    }
  start = seconds();
  operations = mtlc_fma_peak_run(20000000, &sink);
  double again = (double)operations / (seconds() - start);
  if (again > peak) peak = again;
  printf("%s, peak %.1f GFLOP/s (%g)\n", mtlc_kernels_isa(), peak * 1e-9, sink);
  for (int i = 0; i < count; i++) {
    product *p = &products[i];
    const mtlc_matmul_args *t = &p->args;
    qsort(p->times, ROUNDS, sizeof(double), ascending);
    double flops = 2.0 * (double)t->m * (double)t->n * (double)t->k;
    printf("%-22s m=%-5lld n=%-4lld k=%-5lld %9.2f us, %5.1f %% of peak; best tenth %5.1f %%\n",
           p->what, (long long)t->m, (long long)t->n, (long long)t->k, p->times[ROUNDS / 2] * 1e6,
           100 * flops / p->times[ROUNDS / 2] / peak, 100 * flops / p->times[ROUNDS / 10] / peak);
  }
  return 0;
}

#include "support.h"

#include <stdio.h>

static _Thread_local int64_t checks, failures;
static _Thread_local char message[256];
static _Thread_local uint64_t random_state = 1;

void selftest_begin(void) {
  checks = failures = 0;
  message[0] = 0;
  random_state = 1;
}

int64_t selftest_checks(void) { return checks; }
int64_t selftest_failures(void) { return failures; }
const char *selftest_message(void) { return message; }

void expect_near(const char *what, double actual, double expected, double tolerance) {
  checks++;
  if (actual == expected || (isnan(actual) && isnan(expected))) return;
  if (fabs(actual - expected) <= tolerance * fmax(1, fabs(expected))) return;
  if (failures++ == 0)
    snprintf(message, sizeof message, "%s: %s is %.9g, expected %.9g", mtlc_kernels_isa(), what,
             actual, expected);
}

void expect_ulp(const char *what, double input, float actual, double expected, double ulp) {
  checks++;
  float nearest = (float)expected;
  if (actual == nearest || (isnan(actual) && isnan(nearest))) return;
  double unit = fabs((double)nextafterf(nearest, INFINITY) - (double)nearest);
  if (isfinite(nearest) && fabs(actual - expected) <= ulp * unit) return;
  if (failures++ == 0)
    snprintf(message, sizeof message, "%s: %s of %.9g is %.9g, expected %.9g (%.2f ulp)",
             mtlc_kernels_isa(), what, input, (double)actual, expected,
             fabs(actual - expected) / unit);
}

void expect_same(const char *what, const void *actual, const void *expected, int64_t bytes) {
  checks++;
  if (memcmp(actual, expected, (size_t)bytes) == 0) return;
  if (failures++ == 0)
    snprintf(message, sizeof message, "%s: %s differs", mtlc_kernels_isa(), what);
}

static uint32_t random_bits(void) {
  random_state = random_state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(random_state >> 33);
}

int64_t random_below(int64_t n) { return (int64_t)(random_bits() % (uint64_t)n); }
float random_float(void) { return (float)random_bits() / (float)(1u << 30) - 1.0f; }

float *random_floats(int64_t n) {
  // Whole lines start at one half of the time: only there results are stored past the caches.
  float *p = NULL;
  size_t bytes = (size_t)(n > 0 ? n : 1) * sizeof(float);
  if (bytes % 64 == 0 && random_below(2)) p = aligned_alloc(64, bytes);
  if (!p) p = malloc(bytes);
  for (int64_t i = 0; i < n; i++) p[i] = random_float();
  return p;
}

int32_t *random_ids(int64_t n, int32_t low, int32_t high) {
  int32_t *p = malloc((size_t)(n > 0 ? n : 1) * sizeof(int32_t));
  for (int64_t i = 0; i < n; i++) p[i] = low + (int32_t)random_below(high - low);
  return p;
}

float *copy_floats(const float *p, int64_t n) {
  float *q = malloc((size_t)(n > 0 ? n : 1) * sizeof(float));
  memcpy(q, p, (size_t)n * sizeof(float));
  return q;
}

double activation_of(mtlc_activation kind, double x) {
  switch (kind) {
    case MTLC_ACTIVATION_NONE: return x;
    case MTLC_ACTIVATION_RELU: return x > 0 ? x : 0;
    case MTLC_ACTIVATION_SIGMOID: return 1 / (1 + exp(-x));
    case MTLC_ACTIVATION_TANH: return tanh(x);
  }
  return NAN;
}

double slope_of(mtlc_activation kind, double y) {
  switch (kind) {
    case MTLC_ACTIVATION_NONE: return 1;
    case MTLC_ACTIVATION_RELU: return y > 0;
    case MTLC_ACTIVATION_SIGMOID: return y * (1 - y);
    case MTLC_ACTIVATION_TANH: return 1 - y * y;
  }
  return NAN;
}

static double adam_of(const mtlc_optimizer_hyper *h, double g, double p, double *s1, double *s2) {
  *s1 = h->beta1 * *s1 + (1.0 - h->beta1) * g;
  *s2 = h->beta2 * *s2 + (1.0 - h->beta2) * g * g;
  return p - h->learning_rate * (*s1 / h->bias_correction1) /
                 (sqrt(*s2 / h->bias_correction2) + h->epsilon);
}

double step_of(mtlc_optimizer_kind kind, const mtlc_optimizer_hyper *h, double l2, double g,
               double p, double *s1, double *s2) {
  const double rate = h->learning_rate;
  g = g * h->gradient_scale + l2 * p;
  switch (kind) {
    case MTLC_OPTIMIZER_SGD: return p - rate * g;
    case MTLC_OPTIMIZER_MOMENTUM: *s1 = h->momentum * *s1 + g; return p - rate * *s1;
    case MTLC_OPTIMIZER_ADAM: return adam_of(h, g, p, s1, s2);
    case MTLC_OPTIMIZER_ADAMW: return adam_of(h, g, p - rate * h->weight_decay * p, s1, s2);
    case MTLC_OPTIMIZER_ADAGRAD: *s1 += g * g; return p - rate * g / (sqrt(*s1) + h->epsilon);
    case MTLC_OPTIMIZER_LION: {
      const double c = h->beta1 * *s1 + (1.0 - h->beta1) * g;
      *s1 = h->beta2 * *s1 + (1.0 - h->beta2) * g;
      return p - rate * h->weight_decay * p - rate * ((c > 0) - (c < 0));
    }
  }
  return NAN;
}

mtlc_optimizer_hyper optimizer_hyper_of(float rate) {
  return (mtlc_optimizer_hyper){.learning_rate = rate,      .beta1 = 0.9f,
                                .beta2 = 0.999f,            .epsilon = 1e-3f,
                                .weight_decay = 0.1f,       .momentum = 0.8f,
                                .bias_correction1 = 0.3f,   .bias_correction2 = 0.02f,
                                .gradient_scale = 0.5f};
}

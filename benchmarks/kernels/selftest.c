// Checks every kernel against plain loops in double, in every variant this machine has.
#include "selftest.h"

static int64_t checks, failures;

void expect_near(const char *what, double actual, double expected, double tolerance) {
  checks++;
  if (actual == expected || (isnan(actual) && isnan(expected))) return;
  if (fabs(actual - expected) <= tolerance * fmax(1, fabs(expected))) return;
  if (failures++ < 20)
    printf("%s: %s is %.9g, expected %.9g\n", mtlc_kernels_isa(), what, actual, expected);
}

void expect_same(const char *what, const float *actual, const float *expected, int64_t n) {
  checks++;
  if (memcmp(actual, expected, (size_t)n * sizeof(float)) == 0) return;
  if (failures++ < 20) printf("%s: %s differs\n", mtlc_kernels_isa(), what);
}

int main(void) {
  static const char *const names[] = {"avx512", "avx2", "generic"};
  for (int i = 0; i < 3; i++) {
    if (mtlc_kernels_force_isa(names[i]) != 0) {
      printf("%s: not on this machine\n", names[i]);
      continue;
    }
    random_state = 1;
    checks = 0;
    selftest_matmul();
    selftest_optimizer();
    printf("%s: %lld checks, %lld failures\n", mtlc_kernels_isa(), (long long)checks,
           (long long)failures);
  }
  return failures != 0;
}

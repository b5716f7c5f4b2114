// Runs the kernels' self-test in every variant that this machine has.
#include <stdio.h>

#include "mtlc_kernels.h"
#include "selftest.h"

static const struct {
  const char *name;
  void (*run)(void);
} tests[] = {
    {"matmul", selftest_matmul},       {"optimizer", selftest_optimizer},
    {"elementwise", selftest_elementwise}, {"reduce", selftest_reduce},
    {"softmax", selftest_softmax},     {"mixture", selftest_mixture},
    {"embedding", selftest_embedding}, {"onehot", selftest_onehot},
    {"random", selftest_random},       {"convolution", selftest_convolution},
    {"group", selftest_group},         {"sparse", selftest_sparse},
};

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  static const char *const variants[] = {"amx", "avx512", "avx2", "generic"};
  int bad = 0;
  for (unsigned i = 0; i < sizeof variants / sizeof *variants; i++) {
    if (mtlc_kernels_force_isa(variants[i]) != 0) {
      printf("%s: not on this machine\n", variants[i]);
      continue;
    }
    for (size_t j = 0; j < sizeof tests / sizeof tests[0]; j++) {
      selftest_begin();
      tests[j].run();
      printf("%-8s %-12s %8lld checks, %lld failures %s\n", variants[i], tests[j].name,
             (long long)selftest_checks(), (long long)selftest_failures(), selftest_message());
      bad |= selftest_failures() != 0;
    }
  }
  return bad;
}

#include "support.h"

/// The formula of mtlc_random.h, one element at a time.
static float expected_uniform(uint64_t seed, uint32_t stream, uint32_t step, uint64_t i) {
  uint64_t block = i / 4;
  uint32_t c[4] = {(uint32_t)block, (uint32_t)(block >> 32), step, stream};
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
  for (int round = 0; round < 10; round++) {
    uint64_t p = (uint64_t)0xCD9E8D57u * c[2], q = (uint64_t)0xD2511F53u * c[0];
    uint32_t n[4] = {(uint32_t)(p >> 32) ^ c[1] ^ k0, (uint32_t)p, (uint32_t)(q >> 32) ^ c[3] ^ k1,
                     (uint32_t)q};
    memcpy(c, n, sizeof c);
    k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
  }
  return (float)(c[i % 4] >> 8) * 0x1p-24f;
}

void selftest_random(void) {
  static const int64_t counts[] = {0, 1, 3, 4, 63, 64, 65, 1023, 5000, 70001};
  for (int i = 0; i < 10; i++) {
    int64_t n = counts[i], step = 7 + i;
    float *out = random_floats(n);
    mtlc_random_args t = {.count = n, .seed = 0x123456789abcdefu + (uint64_t)i, .stream = 3,
                          .step = &step, .out = out};
    RUN_IN_PIECES(random, &t, 3);
    double sum = 0;
    for (int64_t j = 0; j < n; j++) {
      float e = expected_uniform(t.seed, t.stream, (uint32_t)step, (uint64_t)j);
      expect_near("random", out[j], e, 0);
      sum += out[j];
    }
    if (n > 0) {
      // The same numbers in rows of nine that lie eleven apart.
      int64_t floats = (n - 1) / 9 * 11 + (n - 1) % 9 + 1;
      float *rows = random_floats(floats), *before = copy_floats(rows, floats);
      t.out = rows, t.columns = 9, t.ld = 11;
      RUN_IN_PIECES(random, &t, 3);
      for (int64_t j = 0; j < floats; j++)
        expect_near("random rows", rows[j], j % 11 < 9 ? out[j / 11 * 9 + j % 11] : before[j], 0);
      free(rows), free(before);
    }
    // The last rows of a batch whose first ones were drawn before: rows of five numbers.
    for (int64_t first = 1; first < 4 && n > 0; first++) {
      mtlc_random_args part = {.count = n, .seed = t.seed, .stream = 3, .step = &step,
                               .first_row = &first, .row_elements = 5};
      part.out = random_floats(n);
      RUN_IN_PIECES(random, &part, 3);
      for (int64_t j = 0; j < n; j++)
        expect_near("random part", part.out[j],
                    expected_uniform(t.seed, 3, (uint32_t)step, (uint64_t)(j + 5 * first)), 0);
      free(part.out);
    }
    if (n > 10000) expect_near("mean of random", sum / (double)n, 0.5, 0.01);
    free(out);
  }
}

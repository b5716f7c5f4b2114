#include "mtlc_random.h"

int64_t mtlc_random_tiles(const mtlc_random_args *t) { return t->count > 0; }

static void philox(uint32_t c[4], uint32_t k0, uint32_t k1) {
  for (int round = 0; round < 10; round++) {
    uint64_t p = (uint64_t)0xCD9E8D57u * c[2], q = (uint64_t)0xD2511F53u * c[0];
    uint32_t n[4] = {(uint32_t)(p >> 32) ^ c[1] ^ k0, (uint32_t)p,
                     (uint32_t)(q >> 32) ^ c[3] ^ k1, (uint32_t)q};
    for (int i = 0; i < 4; i++) c[i] = n[i];
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

void mtlc_random_run(const mtlc_random_args *t, int64_t first, int64_t last) {
  if (first >= last) return;
  uint32_t step = t->step ? (uint32_t)*t->step : 0;
  for (int64_t i = 0; i < t->count; i += 4) {
    uint64_t block = (uint64_t)i / 4;
    uint32_t c[4] = {(uint32_t)block, (uint32_t)(block >> 32), step, t->stream};
    philox(c, (uint32_t)t->seed, (uint32_t)(t->seed >> 32));
    for (int64_t j = 0; j < 4 && i + j < t->count; j++)
      t->out[i + j] = (float)(c[j] >> 8) * 0x1p-24f;
  }
}

#include <math.h>

#include "mtlc_optimizer.h"

static inline void update_one(int32_t kind, const mtlc_optimizer_hyper *h, float l2, float g,
                              float *p, float *s1, float *s2) {
  float gg = g * h->gradient_scale + l2 * *p;
  switch (kind) {
    case MTLC_OPTIMIZER_SGD: *p -= h->learning_rate * gg; break;
    case MTLC_OPTIMIZER_MOMENTUM:
      *s1 = h->momentum * *s1 + gg;
      *p -= h->learning_rate * *s1;
      break;
    case MTLC_OPTIMIZER_ADAMW:
    case MTLC_OPTIMIZER_ADAM:
      if (kind == MTLC_OPTIMIZER_ADAMW) *p -= h->learning_rate * h->weight_decay * *p;
      *s1 = h->beta1 * *s1 + (1 - h->beta1) * gg;
      *s2 = h->beta2 * *s2 + (1 - h->beta2) * gg * gg;
      *p -= h->learning_rate * (*s1 / h->bias_correction1) /
            (sqrtf(*s2 / h->bias_correction2) + h->epsilon);
      break;
    case MTLC_OPTIMIZER_ADAGRAD:
      *s1 += gg * gg;
      *p -= h->learning_rate * gg / (sqrtf(*s1) + h->epsilon);
      break;
  }
}

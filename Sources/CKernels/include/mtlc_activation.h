#ifndef MTLC_ACTIVATION_H
#define MTLC_ACTIVATION_H

#include <stdint.h>

#include "mtlc_enum.h"

// Activations that epilogues can apply. The gradient is taken from the activation's OUTPUT y:
// relu: y > 0 ? 1 : 0, sigmoid: y (1 - y), tanh: 1 - y².
typedef enum mtlc_activation {
  MTLC_ACTIVATION_NONE = 0,
  MTLC_ACTIVATION_RELU = 1,
  MTLC_ACTIVATION_SIGMOID = 2,
  MTLC_ACTIVATION_TANH = 3,
} mtlc_activation;

enum { MTLC_ACTIVATION_COUNT = MTLC_ACTIVATION_TANH + 1 };

#endif

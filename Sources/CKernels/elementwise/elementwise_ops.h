// The arithmetic micro-ops on registers.
#ifndef MTLC_KERNEL_ELEMENTWISE_OPS_H
#define MTLC_KERNEL_ELEMENTWISE_OPS_H

#include "mtlc_elementwise.h"
#include "../support/vector_math.h"

INLINE vf truth(vi mask) { return (vf)(mask & (vi)splat(1.0f)); }

/// r[0, n) from registers a, b and c; n is rounded up to whole vectors.
static void apply_op(const mtlc_elementwise_op *op, int64_t n, float *r, const float *a,
                     const float *b, const float *c) {
  const vf k = splat(op->imm);
#define EACH(expression)                   \
  for (int64_t i = 0; i < n; i += VL) {    \
    store(r + i, (expression));            \
  }                                        \
  break;
#define X load(a + i)
#define Y load(b + i)
#define Z load(c + i)
  switch (op->opcode) {
    case MTLC_OP_CONSTANT: EACH(k)
    case MTLC_OP_NEG: EACH(-X)
    case MTLC_OP_ABS: EACH(absolute(X))
    case MTLC_OP_SIGN: EACH(choose(X > 0.0f, splat(1.0f), choose(X < 0.0f, splat(-1.0f), X)))
    case MTLC_OP_EXP: EACH(exp_v(X))
    case MTLC_OP_LOG: EACH(log_v(X))
    case MTLC_OP_LOG1P: EACH(log1p_v(X))
    case MTLC_OP_SQRT: EACH(__builtin_elementwise_sqrt(X))
    case MTLC_OP_RSQRT: EACH(1.0f / __builtin_elementwise_sqrt(X))
    case MTLC_OP_RECIPROCAL: EACH(1.0f / X)
    case MTLC_OP_SQUARE: EACH(X * X)
    case MTLC_OP_RELU: EACH(relu_v(X))
    case MTLC_OP_STEP: EACH(truth(X > 0.0f))
    case MTLC_OP_SIGMOID: EACH(sigmoid_v(X))
    case MTLC_OP_TANH: EACH(tanh_v(X))
    case MTLC_OP_SOFTPLUS: EACH(softplus_v(X))
    case MTLC_OP_SIN: EACH(sin_v(X))
    case MTLC_OP_COS: EACH(cos_v(X))
    case MTLC_OP_IS_NONNEGATIVE: EACH(truth(X >= 0.0f))
    case MTLC_OP_ADD: EACH(X + Y)
    case MTLC_OP_SUB: EACH(X - Y)
    case MTLC_OP_MUL: EACH(X * Y)
    case MTLC_OP_DIV: EACH(X / Y)
    case MTLC_OP_MAX: EACH(max_nan(X, Y))
    case MTLC_OP_MIN: EACH(min_nan(X, Y))
    case MTLC_OP_EQ: EACH(truth(X == Y))
    case MTLC_OP_NE: EACH(truth(X != Y))
    case MTLC_OP_LT: EACH(truth(X < Y))
    case MTLC_OP_LE: EACH(truth(X <= Y))
    case MTLC_OP_GT: EACH(truth(X > Y))
    case MTLC_OP_GE: EACH(truth(X >= Y))
    case MTLC_OP_SELECT: EACH(choose(X != 0.0f, Y, Z))
    case MTLC_OP_ADD_CONSTANT: EACH(X + k)
    case MTLC_OP_MUL_CONSTANT: EACH(X * k)
    case MTLC_OP_MAX_CONSTANT: EACH(max_nan(X, k))
    case MTLC_OP_MIN_CONSTANT: EACH(min_nan(X, k))
    case MTLC_OP_RSUB_CONSTANT: EACH(k - X)
    case MTLC_OP_LOAD:
    case MTLC_OP_STORE:
    case MTLC_OP_SUM_ALL:
    case MTLC_OP_MAX_ALL:
    case MTLC_OP_SUM_COLUMNS:
    case MTLC_OP_MAX_COLUMNS:
    case MTLC_OP_SUM_INNER:
    case MTLC_OP_MAX_INNER: break;  // These do not compute; see elementwise.h.
  }
#undef EACH
#undef X
#undef Y
#undef Z
}

#endif

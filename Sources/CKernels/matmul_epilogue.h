// What happens to a finished block of sums before it reaches memory.
#ifndef MTLC_MATMUL_EPILOGUE_H
#define MTLC_MATMUL_EPILOGUE_H

#include "mtlc_matmul.h"
#include "update.h"
#include "vector_math.h"

/// The operands of one group.
typedef struct {
  const mtlc_matmul_args *args;
  const float *a, *b, *bias, *y;
  float *c, *colsum;
  float *parameter, *state1, *state2;
  int64_t activation_begin, activation_end;
  step_constants step;
} matmul_group;

/// Applies the activation and its gradient to columns [j, j + VL) where they are in range.
INLINE vf activation_epilogue(const matmul_group *g, vf x, int64_t i, int64_t j, int64_t n) {
  const mtlc_matmul_args *t = g->args;
  if (j >= g->activation_end || j + VL <= g->activation_begin) return x;
  vf y = activate(t->activation, x);
  if (t->activation_gradient)
    y = times_slope(t->activation_gradient, y, load_upto(g->y + i * t->ldy + j, n));
  return keep_outside(y, x, g->activation_begin, g->activation_end, j);
}

/// What every vector of a block needs, copied from the group: stores cannot change it.
typedef struct {
  step_constants step;
  float *c, *parameter, *state1, *state2;
  const float *bias;
  int64_t ldc, ld;
} epilogue_locals;

/// One vector of n lanes; `whole` tells that n is VL.
INLINE void finish(const matmul_group *g, const epilogue_locals *l, vf x, int64_t i, int64_t j,
                   const int full, const int32_t update, const int whole, int64_t n) {
  float *c = l->c + i * l->ldc + j;
  if (full) {
    const mtlc_matmul_args *t = g->args;
    if (t->accumulate) x += whole ? load(c) : load_n(c, n);
    if (l->bias) x += whole ? load(l->bias + j) : load_n(l->bias + j, n);
    if (t->activation | t->activation_gradient)
      x = activation_epilogue(g, x, i, j, whole ? VL : n);
  }
  if (update >= 0) {
    int64_t at = i * l->ld + j;
    step(update, &l->step, x, l->parameter + at, l->state1 + at, l->state2 + at, whole, n);
  } else if (whole) {
    store(c, x);
  } else {
    store_n(c, x, n);
  }
}

INLINE void epilogue_as(const matmul_group *g, const float *buffer, int64_t ld, int64_t i,
                        int64_t rows, int64_t j, int64_t columns, const int full,
                        const int32_t update) {
  const epilogue_locals l = {.step = g->step,
                             .c = g->c,
                             .parameter = g->parameter,
                             .state1 = g->state1,
                             .state2 = g->state2,
                             .bias = g->bias,
                             .ldc = g->args->ldc,
                             .ld = update >= 0 ? g->args->update->ld : 0};
  for (int64_t r = 0; r < rows; r++, buffer += ld) {
    int64_t v = 0;
    for (; v + VL <= columns; v += VL)
      finish(g, &l, load(buffer + v), i + r, j + v, full, update, 1, VL);
    if (v < columns) finish(g, &l, load(buffer + v), i + r, j + v, full, update, 0, columns - v);
  }
}

#define EPILOGUE(name, full, update)                                                            \
  static __attribute__((noinline)) void epilogue_##name(                                        \
      const matmul_group *g, const float *buffer, int64_t ld, int64_t i, int64_t rows, int64_t j, \
      int64_t columns) {                                                                        \
    epilogue_as(g, buffer, ld, i, rows, j, columns, full, update);                              \
  }

EPILOGUE(store, 0, -1)
EPILOGUE(full, 1, -1)
EPILOGUE(sgd, 1, MTLC_OPTIMIZER_SGD)
EPILOGUE(momentum, 1, MTLC_OPTIMIZER_MOMENTUM)
EPILOGUE(plain_adam, 0, PLAIN_ADAM)
EPILOGUE(adam, 1, MTLC_OPTIMIZER_ADAM)
EPILOGUE(adamw, 1, MTLC_OPTIMIZER_ADAMW)
EPILOGUE(adagrad, 1, MTLC_OPTIMIZER_ADAGRAD)

typedef void epilogue_function(const matmul_group *g, const float *buffer, int64_t ld, int64_t i,
                               int64_t rows, int64_t j, int64_t columns);

static epilogue_function *epilogue_of(const mtlc_matmul_args *t) {
  int full = t->accumulate || t->bias || t->activation || t->activation_gradient;
  if (!t->update) return full ? epilogue_full : epilogue_store;
  step_constants s = step_constants_of(t->update->kind, t->update->hyper, t->update->l2);
  if (!full && specialised(t->update->kind, &s) == PLAIN_ADAM) return epilogue_plain_adam;
  switch (t->update->kind) {
    case MTLC_OPTIMIZER_SGD: return epilogue_sgd;
    case MTLC_OPTIMIZER_MOMENTUM: return epilogue_momentum;
    case MTLC_OPTIMIZER_ADAM: return epilogue_adam;
    case MTLC_OPTIMIZER_ADAMW: return epilogue_adamw;
    default: return epilogue_adagrad;
  }
}

#endif

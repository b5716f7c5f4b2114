// What happens to a finished block of sums before it reaches memory.
#ifndef MTLC_KERNEL_MATMUL_EPILOGUE_H
#define MTLC_KERNEL_MATMUL_EPILOGUE_H

#include "mtlc_isa.h"
#include "mtlc_matmul.h"
#include "matmul_micro.h"
#include "../optimizer/optimizer_rules.h"
#include "../support/vector_math.h"

/// The operands of one group.
typedef struct {
  const mtlc_matmul_args *args;
  const float *a, *b, *bias, *y, *addend;
  float *c, *colsum;
  float *parameter, *state1, *state2;
  int64_t activation_begin, activation_end;
  int64_t number;                // Of the group.
  int64_t sums_begin, sums_end;  // The columns whose sums the rectangle at hand owes.
  int streams;                   // Whether C goes past the caches.
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
  float *c, *parameter, *state1, *state2, *crossed;
  const float *bias, *y, *addend, *factor, *residual;
  int64_t ldc, ldy, ld, ldadd, ldf, ldr, ldx;
  int streams;  // Whether C goes past the caches.
} epilogue_locals;

/// Whether C is stored past the caches: large, in whole lines, and not read by the product.
INLINE int streams_result(const matmul_group *g) {
  const mtlc_matmul_args *t = g->args;
  const int64_t line = 64 / (int64_t)sizeof(float);
  return t->m * t->n * t->groups * (int64_t)sizeof(float) >= mtlc_kernels_streamed_bytes() && g->c &&
         g->c != g->y && !t->addend && !t->factor && ((uintptr_t)g->c & 63) == 0 &&
         t->ldc % line == 0;
}

/// The steps of an epilogue that are known where it is compiled.
enum {
  EPILOGUE_STORE,          // C = sums
  EPILOGUE_BIAS,           // with a bias
  EPILOGUE_BIAS_RELU,      // with a bias and relu on all columns
  EPILOGUE_RELU_GRADIENT,  // times relu'(y) on all columns
  EPILOGUE_ADDEND,         // with an addend
  EPILOGUE_CROSS_LAYER,    // with a bias, stored, crossed with a factor and a residual
  EPILOGUE_CROSS_FACTOR,   // stored, and crossed with a factor
  EPILOGUE_CROSS,          // with an addend and a bias where they are, then crossed
  EPILOGUE_ANY,            // whatever the arguments say
};

/// Each of them but the last.
#define MTLC_EPILOGUES(X)                                                             \
  X(store, EPILOGUE_STORE)                                                            \
  X(bias, EPILOGUE_BIAS)                                                              \
  X(bias_relu, EPILOGUE_BIAS_RELU)                                                    \
  X(relu_gradient, EPILOGUE_RELU_GRADIENT)                                            \
  X(addend, EPILOGUE_ADDEND)                                                          \
  X(cross_layer, EPILOGUE_CROSS_LAYER)                                                \
  X(cross_factor, EPILOGUE_CROSS_FACTOR)                                              \
  X(cross, EPILOGUE_CROSS)

/// Those of a product that updates no parameter.
static int steps_of(const mtlc_matmul_args *t) {
  int everywhere = t->activation_begin == 0 && (!t->activation_end || t->activation_end >= t->n);
  int activates = t->activation || t->activation_gradient;
  if (t->factor && !activates) {
    if (!t->addend && t->c && t->bias && t->residual) return EPILOGUE_CROSS_LAYER;
    if (!t->addend && t->c && !t->bias && !t->residual) return EPILOGUE_CROSS_FACTOR;
    return EPILOGUE_CROSS;
  }
  if (t->addend && !t->factor && !activates && !t->bias) return EPILOGUE_ADDEND;
  if (t->factor || t->addend) return EPILOGUE_ANY;
  if (!activates) return t->bias ? EPILOGUE_BIAS : EPILOGUE_STORE;
  if (!everywhere) return EPILOGUE_ANY;
  if (t->bias && t->activation == MTLC_ACTIVATION_RELU && !t->activation_gradient)
    return EPILOGUE_BIAS_RELU;
  if (!t->bias && !t->activation && t->activation_gradient == MTLC_ACTIVATION_RELU)
    return EPILOGUE_RELU_GRADIENT;
  return EPILOGUE_ANY;
}

/// x * factor + residual, rounded after each as two ops of a loop would.
INLINE vf cross(vf x, vf factor, vf residual) {
#pragma clang fp contract(off)
  return x * factor + residual;
}

/// One vector of n lanes; `whole` tells that n is VL. `update` is the kind of an optimizer, or -1.
INLINE void finish(const matmul_group *g, const epilogue_locals *l, vf x, int64_t i, int64_t j,
                   const int steps, const int update, const int given, const int whole, int64_t n) {
#define GET(at) (whole ? load(at) : load_n(at, n))
#define PUT(at, value) (whole ? store(at, value) : store_n(at, value, n))
  if (steps == EPILOGUE_BIAS || steps == EPILOGUE_BIAS_RELU || steps == EPILOGUE_CROSS_LAYER)
    x += GET(l->bias + j);
  if (steps == EPILOGUE_ADDEND) x += GET(l->addend + i * l->ldadd + j);
  if (steps == EPILOGUE_BIAS_RELU) x = relu_v(x);
  if (steps == EPILOGUE_RELU_GRADIENT)
    x = times_slope(MTLC_ACTIVATION_RELU, x, GET(l->y + i * l->ldy + j));
  if (steps == EPILOGUE_ANY || steps == EPILOGUE_CROSS) {
    const mtlc_matmul_args *t = g->args;
    if (l->addend) x += GET(l->addend + i * l->ldadd + j);
    if (l->bias) x += GET(l->bias + j);
    if (steps == EPILOGUE_ANY && (t->activation | t->activation_gradient))
      x = activation_epilogue(g, x, i, j, whole ? VL : n);
  }
  if (steps == EPILOGUE_CROSS_LAYER || steps == EPILOGUE_CROSS_FACTOR) {
    vf factor = GET(l->factor + i * l->ldf + j);
    vf crossed = steps == EPILOGUE_CROSS_FACTOR
                     ? x * factor
                     : cross(x, factor, GET(l->residual + i * l->ldr + j));
    PUT(l->c + i * l->ldc + j, x);
    PUT(l->crossed + i * l->ldx + j, crossed);
  } else if (update < 0 && (steps == EPILOGUE_CROSS || (steps == EPILOGUE_ANY && l->factor))) {
    vf factor = GET(l->factor + i * l->ldf + j);
    vf crossed = l->residual ? cross(x, factor, GET(l->residual + i * l->ldr + j)) : x * factor;
    if (l->c) PUT(l->c + i * l->ldc + j, x);
    PUT(l->crossed + i * l->ldx + j, crossed);
  } else if (update >= 0) {
    int64_t at = i * l->ld + j;
    step((mtlc_optimizer_kind)update, given, &l->step, x, l->parameter + at, l->state1 + at,
         l->state2 + at, whole ? STEP_WHOLE : STEP_SOME, n);
  } else if (whole && l->streams) {
    store_streamed(l->c + i * l->ldc + j, x);
  } else {
    PUT(l->c + i * l->ldc + j, x);
  }
#undef GET
#undef PUT
}

INLINE epilogue_locals locals_of(const matmul_group *g) {
  const mtlc_matmul_args *t = g->args;
  return (epilogue_locals){.step = g->step,
                           .c = g->c,
                           .parameter = g->parameter,
                           .state1 = g->state1,
                           .state2 = g->state2,
                           .crossed = t->crossed,
                           .bias = g->bias,
                           .y = g->y,
                           .addend = g->addend,
                           .factor = t->factor,
                           .residual = t->residual,
                           .ldc = t->ldc,
                           .ldy = t->ldy,
                           .ldadd = t->ldadd,
                           .ldf = t->ldf,
                           .ldr = t->ldr,
                           .ldx = t->ldx,
                           .ld = t->update ? t->update->ld : 0,
                           .streams = g->streams};
}

INLINE void epilogue_as(const matmul_group *g, const float *buffer, int64_t ld, int64_t i,
                        int64_t rows, int64_t j, int64_t columns, const int steps,
                        const int update, const int given) {
  const epilogue_locals l = locals_of(g);
  for (int64_t r = 0; r < rows; r++, buffer += ld) {
    int64_t v = 0;
    for (; v + VL <= columns; v += VL)
      finish(g, &l, load(buffer + v), i + r, j + v, steps, update, given, 1, VL);
    if (v < columns)
      finish(g, &l, load(buffer + v), i + r, j + v, steps, update, given, 0, columns - v);
  }
}

#define EPILOGUE(name, steps, update, given)                                                     \
  static __attribute__((noinline)) void epilogue_##name(                                         \
      const matmul_group *g, const float *buffer, int64_t ld, int64_t i, int64_t rows,           \
      int64_t j, int64_t columns) {                                                              \
    epilogue_as(g, buffer, ld, i, rows, j, columns, steps, update, given);                       \
  }

#define STORING_EPILOGUE(name, steps) EPILOGUE(name, steps, -1, 0)
MTLC_EPILOGUES(STORING_EPILOGUE)
STORING_EPILOGUE(any, EPILOGUE_ANY)
#undef STORING_EPILOGUE
EPILOGUE(plain_adam, EPILOGUE_STORE, MTLC_OPTIMIZER_ADAM, STEP_PLAIN)
#define UPDATE_EPILOGUE(name) EPILOGUE(name, EPILOGUE_ANY, MTLC_OPTIMIZER_##name, STEP_GRADIENT)
MTLC_OPTIMIZERS(UPDATE_EPILOGUE)
#undef UPDATE_EPILOGUE
#undef EPILOGUE

typedef void epilogue_function(const matmul_group *g, const float *buffer, int64_t ld, int64_t i,
                               int64_t rows, int64_t j, int64_t columns);

/// By the steps.
#define ENTRY(name, steps) [steps] = epilogue_##name,
static epilogue_function *const storing_epilogues[] = {
    MTLC_EPILOGUES(ENTRY) ENTRY(any, EPILOGUE_ANY)};
#undef ENTRY

static epilogue_function *epilogue_of(const mtlc_matmul_args *t) {
  if (!t->update) return storing_epilogues[steps_of(t)];
  step_constants s = step_constants_of(t->update->hyper, t->update->l2);
  int stores_alone = !t->addend && !t->bias && !t->activation && !t->activation_gradient;
  if (stores_alone && is_plain(t->update->kind, &s)) return epilogue_plain_adam;
#define CASE(name) \
  case MTLC_OPTIMIZER_##name: return epilogue_##name;
  switch (t->update->kind) { MTLC_OPTIMIZERS(CASE) }
#undef CASE
  return 0;
}

#endif

// What happens to a finished block of sums before it reaches memory.
#ifndef MTLC_KERNEL_MATMUL_EPILOGUE_H
#define MTLC_KERNEL_MATMUL_EPILOGUE_H

#include "mtlc_matmul.h"
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
} epilogue_locals;

/// The steps of an epilogue that are known where it is compiled.
enum {
  EPILOGUE_STORE,          // C = sums
  EPILOGUE_BIAS,           // with a bias
  EPILOGUE_BIAS_RELU,      // with a bias and relu on all columns
  EPILOGUE_RELU_GRADIENT,  // times relu'(y) on all columns
  EPILOGUE_CROSS,          // with an addend and a bias where they are, then crossed
  EPILOGUE_ANY,            // whatever the arguments say
};

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
  if (steps == EPILOGUE_BIAS || steps == EPILOGUE_BIAS_RELU) x += GET(l->bias + j);
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
  if (update < 0 && (steps == EPILOGUE_CROSS || (steps == EPILOGUE_ANY && l->factor))) {
    vf factor = GET(l->factor + i * l->ldf + j);
    vf crossed = l->residual ? cross(x, factor, GET(l->residual + i * l->ldr + j)) : x * factor;
    if (l->c) PUT(l->c + i * l->ldc + j, x);
    PUT(l->crossed + i * l->ldx + j, crossed);
  } else if (update >= 0) {
    int64_t at = i * l->ld + j;
    step((mtlc_optimizer_kind)update, given, &l->step, x, l->parameter + at, l->state1 + at,
         l->state2 + at, whole ? STEP_WHOLE : STEP_SOME, n);
  } else {
    PUT(l->c + i * l->ldc + j, x);
  }
#undef GET
#undef PUT
}

INLINE void lines_ahead(const float *from, int64_t ld, int64_t rows, int64_t columns, int writes) {
  enum { LINE = 16 };
  for (int64_t r = 0; r < rows; r++, from += ld)
    // The last line too where the first begins within one.
    for (int64_t v = 0; v < columns + LINE - 1; v += LINE) {
      const float *at = from + min_int(v, columns - 1);
      if (writes)
        __builtin_prefetch(at, 1, 3);
      else
        __builtin_prefetch(at, 0, 3);
    }
}

/// Asks for the matrices of a cross while the sums of its block are at work: several streams whose
/// rows lie apart, which the processor does not see coming.
INLINE void cross_ahead(const matmul_group *g, int64_t i, int64_t rows, int64_t j,
                        int64_t columns) {
  const mtlc_matmul_args *t = g->args;
  if (!t->factor) return;
  lines_ahead(t->factor + i * t->ldf + j, t->ldf, rows, columns, 0);
  if (t->residual) lines_ahead(t->residual + i * t->ldr + j, t->ldr, rows, columns, 0);
  if (t->addend) lines_ahead(t->addend + i * t->ldadd + j, t->ldadd, rows, columns, 0);
  lines_ahead(t->crossed + i * t->ldx + j, t->ldx, rows, columns, 1);
  if (g->c) lines_ahead(g->c + i * t->ldc + j, t->ldc, rows, columns, 1);
}

INLINE void epilogue_as(const matmul_group *g, const float *buffer, int64_t ld, int64_t i,
                        int64_t rows, int64_t j, int64_t columns, const int steps,
                        const int update, const int given) {
  const epilogue_locals l = {.step = g->step,
                             .c = g->c,
                             .parameter = g->parameter,
                             .state1 = g->state1,
                             .state2 = g->state2,
                             .crossed = g->args->crossed,
                             .bias = g->bias,
                             .y = g->y,
                             .addend = g->addend,
                             .factor = g->args->factor,
                             .residual = g->args->residual,
                             .ldc = g->args->ldc,
                             .ldy = g->args->ldy,
                             .ldadd = g->args->ldadd,
                             .ldf = g->args->ldf,
                             .ldr = g->args->ldr,
                             .ldx = g->args->ldx,
                             .ld = update >= 0 ? g->args->update->ld : 0};
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

EPILOGUE(store, EPILOGUE_STORE, -1, 0)
EPILOGUE(bias, EPILOGUE_BIAS, -1, 0)
EPILOGUE(bias_relu, EPILOGUE_BIAS_RELU, -1, 0)
EPILOGUE(relu_gradient, EPILOGUE_RELU_GRADIENT, -1, 0)
EPILOGUE(cross, EPILOGUE_CROSS, -1, 0)
EPILOGUE(any, EPILOGUE_ANY, -1, 0)
EPILOGUE(plain_adam, EPILOGUE_STORE, MTLC_OPTIMIZER_ADAM, STEP_PLAIN)
#define UPDATE_EPILOGUE(name) EPILOGUE(name, EPILOGUE_ANY, MTLC_OPTIMIZER_##name, STEP_GRADIENT)
MTLC_OPTIMIZERS(UPDATE_EPILOGUE)
#undef UPDATE_EPILOGUE
#undef EPILOGUE

typedef void epilogue_function(const matmul_group *g, const float *buffer, int64_t ld, int64_t i,
                               int64_t rows, int64_t j, int64_t columns);

static epilogue_function *storing_epilogue_of(const mtlc_matmul_args *t) {
  int everywhere = t->activation_begin == 0 && (!t->activation_end || t->activation_end >= t->n);
  int activates = t->activation || t->activation_gradient;
  if (t->factor && !activates) return epilogue_cross;
  if (t->factor || t->addend) return epilogue_any;
  if (!activates) return t->bias ? epilogue_bias : epilogue_store;
  if (!everywhere) return epilogue_any;
  if (t->bias && t->activation == MTLC_ACTIVATION_RELU && !t->activation_gradient)
    return epilogue_bias_relu;
  if (!t->bias && !t->activation && t->activation_gradient == MTLC_ACTIVATION_RELU)
    return epilogue_relu_gradient;
  return epilogue_any;
}

static epilogue_function *epilogue_of(const mtlc_matmul_args *t) {
  if (!t->update) return storing_epilogue_of(t);
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

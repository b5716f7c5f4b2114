// What happens to a finished block of sums before it reaches memory.
#ifndef MTLC_KERNEL_MATMUL_EPILOGUE_H
#define MTLC_KERNEL_MATMUL_EPILOGUE_H

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
  EPILOGUE_ADDEND,         // with an addend
  EPILOGUE_CROSS_LAYER,    // with a bias, stored, crossed with a factor and a residual
  EPILOGUE_CROSS_FACTOR,   // stored, and crossed with a factor
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
  } else {
    PUT(l->c + i * l->ldc + j, x);
  }
#undef GET
#undef PUT
}

/// The matrices of a cross or an addend, at the first tile: two that are read and two that are
/// written. None where their rows do not lie equally far apart, or where there are no such matrices.
INLINE micro_streams streams_of(const matmul_group *g) {
  const mtlc_matmul_args *t = g->args;
  micro_streams s = {.ld = t->ldc};
  if (t->update || !(t->factor || g->addend)) return s;
  const float *read[] = {t->factor, t->residual, g->addend}, *written[] = {t->crossed, g->c};
  int64_t apart[] = {t->ldf, t->ldr, t->ldadd}, between[] = {t->ldx, t->ldc};
  int reads = 0, writes = 0;
  if (!g->c) s.ld = t->ldx;
  for (int i = 0; i < 3; i++) {
    if (!read[i] || (reads && read[i] == s.at[0])) continue;
    if (apart[i] != s.ld) return s;
    if (reads < 2) s.at[reads++] = read[i];
  }
  for (int i = 0; i < 2; i++) {
    if (!written[i]) continue;
    if (between[i] != s.ld) return s;
    s.at[2 + writes++] = written[i];
  }
  if (reads == 1) s.at[1] = s.at[0];
  if (writes == 1) s.at[3] = s.at[2];
  s.lines = 1;
  return s;
}

/// The matrices at a tile of so many columns.
INLINE micro_streams streams_at(const micro_streams *from, int64_t i, int64_t j, int64_t columns) {
  enum { LINE = 16 };
  micro_streams s = {.ld = from->ld, .lines = columns / LINE + 1};
  for (int m = 0; m < MICRO_STREAMS; m++) s.at[m] = from->at[m] + i * s.ld + j;
  return s;
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
EPILOGUE(addend, EPILOGUE_ADDEND, -1, 0)
EPILOGUE(cross_layer, EPILOGUE_CROSS_LAYER, -1, 0)
EPILOGUE(cross_factor, EPILOGUE_CROSS_FACTOR, -1, 0)
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
  if (t->factor && !activates) {
    if (!t->addend && t->c && t->bias && t->residual) return epilogue_cross_layer;
    if (!t->addend && t->c && !t->bias && !t->residual) return epilogue_cross_factor;
    return epilogue_cross;
  }
  if (t->addend && !t->factor && !activates && !t->bias) return epilogue_addend;
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

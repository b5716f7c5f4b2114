#include "mtlc_elementwise.h"

#include <math.h>

int64_t mtlc_elementwise_scratch(const mtlc_elementwise_args *t) { return 0; }
int64_t mtlc_elementwise_tiles(const mtlc_elementwise_args *t) { return 1; }

static float apply(const mtlc_elementwise_op *op, float x, float y, float z) {
  switch (op->opcode) {
    case MTLC_OP_CONSTANT: return op->imm;
    case MTLC_OP_NEG: return -x;
    case MTLC_OP_ABS: return fabsf(x);
    case MTLC_OP_SIGN: return x > 0 ? 1 : x < 0 ? -1 : x;
    case MTLC_OP_EXP: return expf(x);
    case MTLC_OP_LOG: return logf(x);
    case MTLC_OP_LOG1P: return log1pf(x);
    case MTLC_OP_SQRT: return sqrtf(x);
    case MTLC_OP_RSQRT: return 1 / sqrtf(x);
    case MTLC_OP_RECIPROCAL: return 1 / x;
    case MTLC_OP_SQUARE: return x * x;
    case MTLC_OP_RELU: return x < 0 ? 0 : x;
    case MTLC_OP_STEP: return x > 0;
    case MTLC_OP_SIGMOID: return 1 / (1 + expf(-x));
    case MTLC_OP_TANH: return tanhf(x);
    case MTLC_OP_SOFTPLUS: return (x < 0 ? 0 : x) + log1pf(expf(-fabsf(x)));
    case MTLC_OP_NOT: return x == 0;
    case MTLC_OP_IS_NONNEGATIVE: return x >= 0;
    case MTLC_OP_ADD: return x + y;
    case MTLC_OP_SUB: return x - y;
    case MTLC_OP_MUL: return x * y;
    case MTLC_OP_DIV: return x / y;
    case MTLC_OP_MAX: return x > y || x != x ? x : y;
    case MTLC_OP_MIN: return x < y || x != x ? x : y;
    case MTLC_OP_EQ: return x == y;
    case MTLC_OP_NE: return x != y;
    case MTLC_OP_LT: return x < y;
    case MTLC_OP_LE: return x <= y;
    case MTLC_OP_GT: return x > y;
    case MTLC_OP_GE: return x >= y;
    case MTLC_OP_SELECT: return x != 0 ? y : z;
    case MTLC_OP_FMA: return x * y + z;
    case MTLC_OP_ADD_CONSTANT: return x + op->imm;
    case MTLC_OP_MUL_CONSTANT: return x * op->imm;
    case MTLC_OP_MAX_CONSTANT: return x > op->imm || x != x ? x : op->imm;
    case MTLC_OP_MIN_CONSTANT: return x < op->imm || x != x ? x : op->imm;
    case MTLC_OP_RSUB_CONSTANT: return op->imm - x;
    default: return 0;
  }
}

static int is_reduction(int32_t c) { return c >= MTLC_OP_SUM_ALL && c <= MTLC_OP_MAX_INNER; }
static int is_max(int32_t c) { return (c - MTLC_OP_SUM_ALL) & 1; }

void mtlc_elementwise_run(const mtlc_elementwise_args *t, int64_t first, int64_t last) {
  if (first >= last) return;
  int64_t i[4];
  float r[MTLC_ELEMENTWISE_MAX_REGISTERS] = {0};
  for (int64_t pass = 0; pass < 2; pass++)
    for (i[0] = 0; i[0] < t->dims[0]; i[0]++)
      for (i[1] = 0; i[1] < t->dims[1]; i[1]++)
        for (i[2] = 0; i[2] < t->dims[2]; i[2]++)
          for (i[3] = 0; i[3] < t->dims[3]; i[3]++)
            for (int64_t p = 0; p < t->op_count; p++) {
              const mtlc_elementwise_op *op = t->ops + p;
              int reduces = is_reduction(op->opcode);
              if (pass == 0 && !reduces) continue;
              if (op->opcode == MTLC_OP_LOAD || op->opcode == MTLC_OP_STORE || reduces) {
                const mtlc_elementwise_operand *o =
                    t->operands + (op->opcode == MTLC_OP_LOAD ? op->a : op->b);
                int64_t at = 0;
                int low = op->opcode == MTLC_OP_SUM_COLUMNS || op->opcode == MTLC_OP_MAX_COLUMNS
                              ? 3
                          : op->opcode == MTLC_OP_SUM_ALL || op->opcode == MTLC_OP_MAX_ALL ? 4
                                                                                          : 0;
                int high =
                    op->opcode == MTLC_OP_SUM_INNER || op->opcode == MTLC_OP_MAX_INNER ? 3 : 4;
                for (int d = low; d < high; d++) at += i[d] * o->stride[d];
                float *f = (float *)o->data + at, x = r[op->a];
                int32_t *n = (int32_t *)o->data + at;
                if (op->opcode == MTLC_OP_LOAD)
                  r[op->dst] = o->type == MTLC_TYPE_I32 ? (float)*n : *f;
                else if (op->opcode == MTLC_OP_STORE && o->type == MTLC_TYPE_I32)
                  *n = (int32_t)x;
                else if (op->opcode == MTLC_OP_STORE)
                  *f = x;
                else if (pass == 0)
                  *f = is_max(op->opcode) ? -INFINITY : 0;
                else
                  *f = is_max(op->opcode) ? (x > *f || x != x ? x : *f) : *f + x;
              } else {
                r[op->dst] = apply(op, r[op->a], r[op->b], r[op->c]);
              }
            }
}

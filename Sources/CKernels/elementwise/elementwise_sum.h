// Sums of a few operands, with relu or without: what joins partial products. One loop without
// registers in memory, with the same bits as the virtual machine.
#ifndef MTLC_KERNEL_ELEMENTWISE_SUM_H
#define MTLC_KERNEL_ELEMENTWISE_SUM_H

#include "elementwise_memory.h"
#include "../support/vector_math.h"

enum { SUM_MAX_TERMS = 4 };

typedef struct {
  int64_t count;
  int32_t terms[SUM_MAX_TERMS];  // operands, in the order in which they are added
  int32_t result;
  int32_t relu;
} operand_sum;

/// Whether rows of an operand are runs of floats.
INLINE int has_plain_rows(const mtlc_elementwise_args *t, const elementwise_cut *cut, int64_t o) {
  return t->operands[o].type == MTLC_TYPE_F32 && (cut->strides[o][3] == 1 || cut->columns == 1);
}

/// Whether the program is such a sum; fills in *s then.
static int find_sum(const mtlc_elementwise_args *t, const elementwise_cut *cut, operand_sum *s) {
  enum { OTHER = -1, SUM = -2 };
  if (t->op_count > 2 * SUM_MAX_TERMS + 1 || cut->dims[0] != 1 || cut->dims[1] != 1) return 0;
  int32_t holds[MTLC_ELEMENTWISE_MAX_REGISTERS];
  for (int r = 0; r < MTLC_ELEMENTWISE_MAX_REGISTERS; r++) holds[r] = OTHER;
  *s = (operand_sum){0};
  for (int64_t p = 0; p < t->op_count; p++) {
    const mtlc_elementwise_op *op = t->ops + p;
    if (op->opcode == MTLC_OP_LOAD) {
      if (!has_plain_rows(t, cut, op->a)) return 0;
      holds[op->dst] = op->a;
    } else if (op->opcode == MTLC_OP_ADD) {
      if (s->relu || s->count == SUM_MAX_TERMS || holds[op->b] < 0) return 0;
      if (s->count == 0) {
        if (holds[op->a] < 0) return 0;
        s->terms[s->count++] = holds[op->a];
      } else if (holds[op->a] != SUM) {
        return 0;
      }
      s->terms[s->count++] = holds[op->b];
      for (int r = 0; r < MTLC_ELEMENTWISE_MAX_REGISTERS; r++)
        if (holds[r] == SUM) holds[r] = OTHER;
      holds[op->dst] = SUM;
    } else if (op->opcode == MTLC_OP_RELU) {
      if (holds[op->a] != SUM) return 0;
      s->relu = 1;
      holds[op->a] = OTHER;
      holds[op->dst] = SUM;
    } else {
      if (op->opcode != MTLC_OP_STORE || p + 1 != t->op_count) return 0;
      if (holds[op->a] != SUM || !has_plain_rows(t, cut, op->b)) return 0;
      s->result = op->b;
      return 1;
    }
  }
  return 0;
}

INLINE void sum_chunk(const mtlc_elementwise_args *t, const elementwise_cut *cut,
                      const operand_sum *s, const chunk_range *c, const int count,
                      const int relu) {
  const float *from[SUM_MAX_TERMS];
  int64_t steps[SUM_MAX_TERMS], step = cut->strides[s->result][2];
  for (int k = 0; k < count; k++) {
    steps[k] = cut->strides[s->terms[k]][2];
    from[k] = (const float *)t->operands[s->terms[k]].data + c->row * steps[k] + c->column;
  }
  float *to = (float *)t->operands[s->result].data + c->row * step + c->column;
  for (int64_t i = 0; i < c->rows; i++) {
    for (int64_t j = 0; j < c->columns; j += VL) {
      int64_t n = c->columns - j;
      vf sum = load_upto(from[0] + j, n);
      for (int k = 1; k < count; k++) sum += load_upto(from[k] + j, n);
      for (int k = 0; k < count; k++)
        __builtin_prefetch(from[k] + j + CHUNKS_AHEAD * c->rows * steps[k]);
      store_upto(to + j, relu ? relu_v(sum) : sum, n);
    }
    for (int k = 0; k < count; k++) from[k] += steps[k];
    to += step;
  }
}

/// Chunks [first, last) of a sum.
static void run_sum(const mtlc_elementwise_args *t, const elementwise_cut *cut,
                    const operand_sum *s, int64_t first, int64_t last) {
  for (int64_t chunk = first; chunk < last; chunk++) {
    chunk_range c = chunk_of(cut, chunk);
    switch (2 * s->count + (s->relu != 0)) {
      case 4: sum_chunk(t, cut, s, &c, 2, 0); break;
      case 5: sum_chunk(t, cut, s, &c, 2, 1); break;
      case 6: sum_chunk(t, cut, s, &c, 3, 0); break;
      case 7: sum_chunk(t, cut, s, &c, 3, 1); break;
      case 8: sum_chunk(t, cut, s, &c, 4, 0); break;
      default: sum_chunk(t, cut, s, &c, 4, 1); break;
    }
  }
}

#endif

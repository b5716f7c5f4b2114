#ifndef MTLC_ELEMENTWISE_H
#define MTLC_ELEMENTWISE_H

#include <stdint.h>

#include "mtlc_enum.h"

// A chain of elementwise operations as one loop: a program of micro-ops over virtual registers.
// A register holds a chunk of MTLC_ELEMENTWISE_CHUNK values; the whole program runs per chunk.
// Masks are f32: 0 is false, everything else is true.

enum {
  MTLC_ELEMENTWISE_CHUNK = 256,
  MTLC_ELEMENTWISE_MAX_REGISTERS = 32,
  MTLC_ELEMENTWISE_MAX_OPERANDS = 32,
  MTLC_ELEMENTWISE_MAX_REDUCTIONS = 8,
  MTLC_ELEMENTWISE_DIMS = 4,
  MTLC_ELEMENTWISE_LOCAL_COLUMNS = 1024,
};

typedef enum mtlc_element_type { MTLC_TYPE_F32 = 0, MTLC_TYPE_I32 = 1 } mtlc_element_type;

enum { MTLC_TYPE_COUNT = MTLC_TYPE_I32 + 1 };

// Micro-ops. r is `dst`, x y z are the registers a, b, c; imm is the constant.
typedef enum mtlc_opcode {
  MTLC_OP_LOAD = 0,      // r = operand[a]
  MTLC_OP_STORE = 1,     // operand[b] = x
  MTLC_OP_CONSTANT = 2,  // r = imm
  MTLC_OP_NEG = 3,
  MTLC_OP_ABS = 4,
  MTLC_OP_SIGN = 5,  // -1, 0, 1; NaN stays NaN
  MTLC_OP_EXP = 6,
  MTLC_OP_LOG = 7,
  MTLC_OP_LOG1P = 8,
  MTLC_OP_SQRT = 9,
  MTLC_OP_RSQRT = 10,
  MTLC_OP_RECIPROCAL = 11,
  MTLC_OP_SQUARE = 12,
  MTLC_OP_RELU = 13,  // NaN stays NaN
  MTLC_OP_STEP = 14,  // x > 0
  MTLC_OP_SIGMOID = 15,
  MTLC_OP_TANH = 16,
  MTLC_OP_SOFTPLUS = 17,  // log(1 + exp(x)) without overflow
  MTLC_OP_IS_NONNEGATIVE = 18,  // x >= 0
  MTLC_OP_ADD = 19,
  MTLC_OP_SUB = 20,
  MTLC_OP_MUL = 21,
  MTLC_OP_DIV = 22,
  MTLC_OP_MAX = 23,  // NaN if either is NaN
  MTLC_OP_MIN = 24,
  MTLC_OP_EQ = 25,
  MTLC_OP_NE = 26,
  MTLC_OP_LT = 27,
  MTLC_OP_LE = 28,
  MTLC_OP_GT = 29,
  MTLC_OP_GE = 30,
  MTLC_OP_SELECT = 31,  // x ? y : z
  // Reductions of register a into operand b (f32). See `scratch` below.
  MTLC_OP_SUM_ALL = 32,      // operand[b][0] = Σ over everything
  MTLC_OP_MAX_ALL = 33,      // operand[b][0]
  MTLC_OP_SUM_COLUMNS = 34,  // operand[b][stride[3] * j] = Σ over dims 0..2; j indexes dim 3
  MTLC_OP_MAX_COLUMNS = 35,
  MTLC_OP_SUM_INNER = 36,  // operand[b] at strides of dims 0..2 = Σ over dim 3
  MTLC_OP_MAX_INNER = 37,
  // Arithmetic with the constant, which saves a register: r = x op imm.
  MTLC_OP_ADD_CONSTANT = 38,
  MTLC_OP_MUL_CONSTANT = 39,
  MTLC_OP_MAX_CONSTANT = 40,
  MTLC_OP_MIN_CONSTANT = 41,
  MTLC_OP_RSUB_CONSTANT = 42,  // imm - x
  MTLC_OP_SIN = 43,
  MTLC_OP_COS = 44,
} mtlc_opcode;

enum { MTLC_OP_COUNT = MTLC_OP_COS + 1 };

/// Memory that the program loads from or stores to: element [i0,i1,i2,i3] lies at
/// data + Σ i_d stride[d]. Strides are in elements; 0 broadcasts (loads only).
typedef struct mtlc_elementwise_operand {
  void *data;
  int64_t stride[4];
  mtlc_element_type type;  ///< Stores of I32 truncate towards zero.
  int32_t reserved;
} mtlc_elementwise_operand;

typedef struct mtlc_elementwise_op {
  mtlc_opcode opcode;
  int32_t dst;
  int32_t a, b, c;
  float imm;
} mtlc_elementwise_op;

/// At most MTLC_ELEMENTWISE_MAX_REDUCTIONS reductions. A register is read only after it was
/// written.
/// An operand may be loaded and stored in one program (in place) if both use the same strides.
typedef struct mtlc_elementwise_args {
  int64_t dims[4];  ///< Extents, outermost first; unused leading ones are 1.
  int64_t operand_count, op_count;
  const mtlc_elementwise_operand *operands;
  const mtlc_elementwise_op *ops;
  /// Only for programs with *_ALL or *_COLUMNS reductions. Tiles leave partial results in
  /// `scratch` (mtlc_elementwise_scratch floats, any contents) and whoever finishes last adds
  /// them up in tile order. `counter` is one integer that is 0 before the program's first run
  /// ever and belongs to this program alone; kernels leave it 0. With either NULL the program
  /// is one tile, which rounds sums differently: give both always, or never. Beyond
  /// MTLC_ELEMENTWISE_LOCAL_COLUMNS columns both must be given.
  float *scratch;
  int64_t *counter;
} mtlc_elementwise_args;

int64_t mtlc_elementwise_tiles(const mtlc_elementwise_args *args);
void mtlc_elementwise_run(const mtlc_elementwise_args *args, int64_t first, int64_t last);

/// Floats of scratch that the program wants (0 if none); grows with the extents, so size it for
/// the largest batch.
int64_t mtlc_elementwise_scratch(const mtlc_elementwise_args *args);

#endif

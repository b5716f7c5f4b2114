import CKernels
import Plan
import Schema
import TensorTypes

// The kernels' constant for each case of an enum that reaches them: the only place where the two are
// written beside each other. A case without its constant does not compile; that each constant has a case
// is tested.

extension Optimizer {
  /// Gradient descent has a rule of its own where it keeps momentum.
  package var kernelConstant: mtlc_optimizer_kind {
    switch kind {
    case .sgd: self.momentum == 0 ? MTLC_OPTIMIZER_SGD : MTLC_OPTIMIZER_MOMENTUM
    case .adam: MTLC_OPTIMIZER_ADAM
    case .adamw: MTLC_OPTIMIZER_ADAMW
    case .adagrad: MTLC_OPTIMIZER_ADAGRAD
    case .lion: MTLC_OPTIMIZER_LION
    }
  }
}

extension SparseOptimizer.Kind {
  package var kernelConstant: mtlc_sparse_kind {
    switch self {
    case .sgd: MTLC_SPARSE_SGD
    case .lazyAdam: MTLC_SPARSE_ADAM
    case .adagrad: MTLC_SPARSE_ADAGRAD
    case .rowwiseAdagrad: MTLC_SPARSE_ROWWISE_ADAGRAD
    case .ftrl: MTLC_SPARSE_FTRL
    }
  }
}

extension MatmulPrecision {
  package var kernelConstant: mtlc_precision {
    switch self {
    case .highest: MTLC_PRECISION_HIGHEST
    case .high: MTLC_PRECISION_HIGH
    case .medium: MTLC_PRECISION_MEDIUM
    }
  }
}

extension MatmulInstruction.Activation? {
  package var kernelConstant: mtlc_activation {
    switch self {
    case nil: MTLC_ACTIVATION_NONE
    case .relu: MTLC_ACTIVATION_RELU
    case .sigmoid: MTLC_ACTIVATION_SIGMOID
    case .tanh: MTLC_ACTIVATION_TANH
    }
  }
}

extension GatherInstruction.Pooling {
  package var kernelConstant: mtlc_pooling {
    switch self {
    case .concat: MTLC_POOLING_CONCAT
    case .sum: MTLC_POOLING_SUM
    case .mean: MTLC_POOLING_MEAN
    }
  }
}

extension OneHotGradientInstruction.UpdatedRows {
  package var kernelConstant: mtlc_updated_rows {
    switch self {
    case .all: MTLC_ROWS_ALL
    case .absent: MTLC_ROWS_ABSENT
    case .present: MTLC_ROWS_PRESENT
    }
  }
}

extension ReduceInstruction.Kind {
  package var kernelConstant: mtlc_reduction {
    switch self {
    case .sum: MTLC_REDUCE_SUM
    case .max: MTLC_REDUCE_MAX
    case .min: MTLC_REDUCE_MIN
    }
  }
}

extension GroupInstruction.Kind {
  package var kernelConstant: mtlc_group_kind {
    switch self {
    case .sum: MTLC_GROUP_SUM
    case .max: MTLC_GROUP_MAX
    }
  }
}

extension GroupPairsInstruction.Function {
  package var kernelConstant: mtlc_pair_function {
    switch self {
    case .count: MTLC_PAIR_ONE
    case .logistic: MTLC_PAIR_LOGISTIC
    case .slope: MTLC_PAIR_SLOPE
    case .curvature: MTLC_PAIR_CURVATURE
    }
  }
}

extension GroupPairsInstruction.Side {
  package var kernelConstant: mtlc_pair_side {
    switch self {
    case .lower: MTLC_PAIR_LOWER
    case .higher: MTLC_PAIR_HIGHER
    }
  }
}

extension ConvolutionInstruction.Kind {
  package var kernelConstant: mtlc_convolution_kind {
    switch self {
    case .forward: MTLC_CONVOLUTION_FORWARD
    case .inputGradient: MTLC_CONVOLUTION_INPUT_GRADIENT
    case .filterGradient: MTLC_CONVOLUTION_FILTER_GRADIENT
    }
  }
}

extension PoolInstruction.Kind {
  package var kernelConstant: mtlc_pool_kind {
    switch self {
    case .largest: MTLC_POOL_INDICES
    case .gather: MTLC_POOL_GATHER
    case .scatter: MTLC_POOL_SCATTER
    }
  }
}

extension UnaryFunction {
  package var kernelConstant: mtlc_opcode {
    switch self {
    case .neg: MTLC_OP_NEG
    case .abs: MTLC_OP_ABS
    case .sign: MTLC_OP_SIGN
    case .exp: MTLC_OP_EXP
    case .log: MTLC_OP_LOG
    case .log1p: MTLC_OP_LOG1P
    case .sqrt: MTLC_OP_SQRT
    case .rsqrt: MTLC_OP_RSQRT
    case .reciprocal: MTLC_OP_RECIPROCAL
    case .square: MTLC_OP_SQUARE
    case .relu: MTLC_OP_RELU
    case .step: MTLC_OP_STEP
    case .sigmoid: MTLC_OP_SIGMOID
    case .tanh: MTLC_OP_TANH
    case .softplus: MTLC_OP_SOFTPLUS
    case .sin: MTLC_OP_SIN
    case .cos: MTLC_OP_COS
    }
  }
}

extension ElementwiseInstruction.Operation {
  package var kernelConstant: mtlc_opcode {
    switch self {
    case .load: MTLC_OP_LOAD
    case .store: MTLC_OP_STORE
    case .constant: MTLC_OP_CONSTANT
    case .function(let function): function.kernelConstant
    case .isNonnegative: MTLC_OP_IS_NONNEGATIVE
    case .add: MTLC_OP_ADD
    case .sub: MTLC_OP_SUB
    case .mul: MTLC_OP_MUL
    case .div: MTLC_OP_DIV
    case .max: MTLC_OP_MAX
    case .min: MTLC_OP_MIN
    case .equal: MTLC_OP_EQ
    case .notEqual: MTLC_OP_NE
    case .less: MTLC_OP_LT
    case .lessEqual: MTLC_OP_LE
    case .greater: MTLC_OP_GT
    case .greaterEqual: MTLC_OP_GE
    case .select: MTLC_OP_SELECT
    case .sumAll: MTLC_OP_SUM_ALL
    case .maxAll: MTLC_OP_MAX_ALL
    case .sumColumns: MTLC_OP_SUM_COLUMNS
    case .maxColumns: MTLC_OP_MAX_COLUMNS
    case .sumInner: MTLC_OP_SUM_INNER
    case .maxInner: MTLC_OP_MAX_INNER
    case .addConstant: MTLC_OP_ADD_CONSTANT
    case .mulConstant: MTLC_OP_MUL_CONSTANT
    case .maxConstant: MTLC_OP_MAX_CONSTANT
    case .minConstant: MTLC_OP_MIN_CONSTANT
    case .subtractFromConstant: MTLC_OP_RSUB_CONSTANT
    }
  }
}

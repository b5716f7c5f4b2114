import GraphIR

/// Every op of the set, kinds told apart. The suites that visit ops compare what they visited with
/// `all`, and the switch has no `default:`, so an op that is added must be named here and then makes
/// every suite fail that does not check it.
public enum OpName: Hashable, Sendable {
  case input, parameter, constant, batchSize, random
  case unary(ElementwiseOp.Unary)
  case binary(ElementwiseOp.Binary)
  case compare(ElementwiseOp.Comparison)
  case select, convertToFloat, isPresent, stopGradient
  case reshape, broadcast, transpose, concat, slice, pad
  case reduce(ReductionOp.Kind)
  case softmax
  case matmul, linear
  case gather, scatterAdd, oneHot
  case conv2d, convolutionInputGradient, convolutionFilterGradient
  case poolIndices, poolGather, poolScatter
  case group(GroupOp.Combination)
  case pairs(GroupOp.PairFunction)
  case mixture, mixtureGradient, embeddings, embeddingsGradient, oneHotLinear, oneHotGradient
  case chain
  case update, assign

  public static let all: Set<OpName> = {
    var all: Set<OpName> = [
      .input, .parameter, .constant, .batchSize, .random, .select, .convertToFloat, .isPresent,
      .stopGradient, .reshape, .broadcast, .transpose, .concat, .slice, .pad, .softmax, .matmul,
      .linear, .gather, .scatterAdd, .oneHot, .conv2d, .convolutionInputGradient,
      .convolutionFilterGradient, .poolIndices, .poolGather, .poolScatter, .mixture,
      .mixtureGradient, .embeddings,
      .embeddingsGradient, .oneHotLinear, .oneHotGradient, .chain, .update, .assign,
    ]
    for kind in ElementwiseOp.Unary.allCases { all.insert(.unary(kind)) }
    for kind in ElementwiseOp.Binary.allCases { all.insert(.binary(kind)) }
    for kind in ElementwiseOp.Comparison.allCases { all.insert(.compare(kind)) }
    for kind in ReductionOp.Kind.allCases { all.insert(.reduce(kind)) }
    for kind in GroupOp.Combination.allCases { all.insert(.group(kind)) }
    for function in GroupOp.PairFunction.allCases { all.insert(.pairs(function)) }
    return all
  }()

  public init(_ op: Op) {
    switch op {
    case .source(.input): self = .input
    case .source(.parameter): self = .parameter
    case .source(.constant): self = .constant
    case .source(.batchSize): self = .batchSize
    case .source(.random): self = .random
    case .elementwise(.unary(let kind)): self = .unary(kind)
    case .elementwise(.binary(let kind)): self = .binary(kind)
    case .elementwise(.compare(let kind)): self = .compare(kind)
    case .elementwise(.select): self = .select
    case .elementwise(.convertToFloat): self = .convertToFloat
    case .elementwise(.isPresent): self = .isPresent
    case .elementwise(.stopGradient): self = .stopGradient
    case .layout(.reshape): self = .reshape
    case .layout(.broadcast): self = .broadcast
    case .layout(.transpose): self = .transpose
    case .layout(.concat): self = .concat
    case .layout(.slice): self = .slice
    case .layout(.pad): self = .pad
    case .reduction(.reduce(let kind, _, _)): self = .reduce(kind)
    case .reduction(.softmax): self = .softmax
    case .matrix(.matmul): self = .matmul
    case .matrix(.linear): self = .linear
    case .lookup(.gather): self = .gather
    case .lookup(.scatterAdd): self = .scatterAdd
    case .lookup(.oneHot): self = .oneHot
    case .convolution(.conv2d): self = .conv2d
    case .convolution(.inputGradient): self = .convolutionInputGradient
    case .convolution(.filterGradient): self = .convolutionFilterGradient
    case .convolution(.poolIndices): self = .poolIndices
    case .convolution(.poolGather): self = .poolGather
    case .convolution(.poolScatter): self = .poolScatter
    case .group(.combine(let kind)): self = .group(kind)
    case .group(.pairs(let function, _)): self = .pairs(function)
    case .fused(.mixture): self = .mixture
    case .fused(.mixtureGradient): self = .mixtureGradient
    case .fused(.embeddings): self = .embeddings
    case .fused(.embeddingsGradient): self = .embeddingsGradient
    case .fused(.oneHotLinear): self = .oneHotLinear
    case .fused(.oneHotGradient): self = .oneHotGradient
    case .fused(.chain): self = .chain
    case .effect(.update): self = .update
    case .effect(.assign): self = .assign
    }
  }
}

import TensorTypes

/// Ops that combine elements along axes.
public enum ReductionOp: Sendable, Hashable {
  /// Combines the given axes; they stay with size 1 when `keepAxes` is set, else they go.
  case reduce(Kind, axes: [Int], keepAxes: Bool)
  /// exp(x) / Σ exp(x) over the last axis, computed without overflow.
  case softmax

  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case sum, max, min
  }

  public var mnemonic: String {
    switch self {
    case .reduce(let kind, _, _): "reduce_\(kind.rawValue)"
    case .softmax: "softmax"
    }
  }

  public func infer(_ operands: [TensorType]) throws -> [TensorType] {
    try checkCount(mnemonic, operands, 1)
    try checkDType(mnemonic, operands, 0, .f32)
    let type = operands[0]
    switch self {
    case .reduce(_, let axes, let keepAxes):
      guard Set(axes).count == axes.count, axes == axes.sorted(),
        axes.allSatisfy({ $0 >= 0 && $0 < type.shape.rank })
      else {
        throw TypeError(op: mnemonic, "axes \(axes) are not rising axes of \(type)")
      }
      var dimensions: [Dimension] = []
      for (axis, dimension) in type.shape.dimensions.enumerated() {
        if !axes.contains(axis) {
          dimensions.append(dimension)
        } else if keepAxes {
          dimensions.append(1)
        }
      }
      return [TensorType(.f32, Shape(dimensions))]
    case .softmax:
      guard type.shape.last?.fixedSize != nil else {
        throw TypeError.operand(mnemonic, 0, type, expected: "f32 with a static last axis")
      }
      return [type]
    }
  }
}

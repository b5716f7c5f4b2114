import TensorTypes

/// Everything a node can compute. One case per family; each family's file declares its ops with
/// formula, type rule, gradient rule and text form. Switches over it have no `default:`.
public enum Op: Sendable, Hashable {
  /// Feeds, parameters, constants, random numbers.
  case source(SourceOp)
  /// One output element from the elements at the same (broadcast) place.
  case elementwise(ElementwiseOp)
  /// Moves elements without computing.
  case layout(LayoutOp)
  /// Combines elements along axes.
  case reduction(ReductionOp)
  /// Matrix products.
  case matrix(MatrixOp)
  /// Rows of tables by id.
  case lookup(LookupOp)
  /// Convolutions of images and pooling.
  case convolution(ConvolutionOp)
  /// Sums and maxima over the rows of a group.
  case group(GroupOp)
  /// Several of the others at once, with kernels of their own.
  case fused(FusedOp)
  /// Changes parameters; has no result and is never dead.
  case effect(EffectOp)

  /// The types of the results for operands of these types. The one rule that builder, parser,
  /// verifier and eager engine use.
  /// - Throws: `TypeError` when the operands do not fit, or when an operand or a result is not
  ///   well formed (`TensorType.defect`).
  public func infer(_ operands: [TensorType]) throws -> [TensorType] {
    for (index, type) in operands.enumerated() {
      if let defect = type.defect {
        throw TypeError(op: mnemonic, "has type \(type), which \(defect)", operand: index)
      }
    }
    let results =
      switch self {
      case .source(let op): try op.infer(operands)
      case .elementwise(let op): try op.infer(operands)
      case .layout(let op): try op.infer(operands)
      case .reduction(let op): try op.infer(operands)
      case .matrix(let op): try op.infer(operands)
      case .lookup(let op): try op.infer(operands)
      case .convolution(let op): try op.infer(operands)
      case .group(let op): try op.infer(operands)
      case .fused(let op): try op.infer(operands)
      case .effect(let op): try op.infer(operands)
      }
    for type in results {
      if let defect = type.defect {
        throw TypeError(op: mnemonic, "the result would have type \(type), which \(defect)")
      }
    }
    return results
  }

  /// The name of the op in the text form.
  public var mnemonic: String {
    switch self {
    case .source(let op): op.mnemonic
    case .elementwise(let op): op.mnemonic
    case .layout(let op): op.mnemonic
    case .reduction(let op): op.mnemonic
    case .matrix(let op): op.mnemonic
    case .lookup(let op): op.mnemonic
    case .convolution(let op): op.mnemonic
    case .group(let op): op.mnemonic
    case .fused(let op): op.mnemonic
    case .effect(let op): op.mnemonic
    }
  }

  /// Whether the op changes state and so must stay even when nothing reads it.
  public var hasEffect: Bool {
    if case .effect = self { true } else { false }
  }
}

// MARK: - Wording shared by the families' type rules

extension TypeError {
  static func count(_ op: String, _ operands: [TensorType], expected: String) -> TypeError {
    TypeError(op: op, "has \(operands.count) operands, expected \(expected)")
  }

  static func operand(_ op: String, _ index: Int, _ type: TensorType, expected: String) -> TypeError
  {
    TypeError(op: op, "has type \(type), expected \(expected)", operand: index)
  }
}

func checkCount(_ op: String, _ operands: [TensorType], _ count: Int) throws {
  guard operands.count == count else { throw TypeError.count(op, operands, expected: "\(count)") }
}

func checkDType(_ op: String, _ operands: [TensorType], _ index: Int, _ dtype: DType) throws {
  guard operands[index].dtype == dtype else {
    throw TypeError.operand(op, index, operands[index], expected: "\(dtype)[…]")
  }
}

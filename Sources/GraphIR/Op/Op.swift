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
  /// Changes parameters; has no result and is never dead.
  case effect(EffectOp)

  /// The types of the results for operands of these types. The one rule that builder, parser,
  /// verifier and eager engine use.
  /// - Throws: `TypeError` when the operands do not fit.
  public func infer(_ operands: [TensorType]) throws -> [TensorType] {
    switch self {
    case .source(let op): try op.infer(operands)
    case .elementwise(let op): try op.infer(operands)
    case .layout(let op): try op.infer(operands)
    case .reduction(let op): try op.infer(operands)
    case .matrix(let op): try op.infer(operands)
    case .lookup(let op): try op.infer(operands)
    case .effect(let op): try op.infer(operands)
    }
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
    TypeError(op: op, "operand \(index) has type \(type), expected \(expected)")
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

extension Shape {
  /// The shape both broadcast to (trailing axes aligned, size 1 stretches), or nil.
  public func broadcast(with other: Shape) -> Shape? {
    let rank = Swift.max(self.rank, other.rank)
    var result: [Dimension] = []
    result.reserveCapacity(rank)
    for axis in 0..<rank {
      let a = axis - (rank - self.rank)
      let b = axis - (rank - other.rank)
      let da = a < 0 ? 1 : dimensions[a]
      let db = b < 0 ? 1 : other.dimensions[b]
      if da == db || db == 1 {
        result.append(da)
      } else if da == 1 {
        result.append(db)
      } else {
        return nil
      }
    }
    return Shape(result)
  }
}

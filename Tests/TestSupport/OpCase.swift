import GraphIR
import TensorTypes

/// One application of one op to operands of given types, with values for them.
public struct OpCase: Sendable, CustomStringConvertible {
  public var op: Op
  public var operands: [Operand]

  public struct Operand: Sendable {
    public var type: TensorType
    public var domain: Domain

    public init(_ type: TensorType, _ domain: Domain) {
      self.type = type
      self.domain = domain
    }
  }

  /// Where the values of an operand lie.
  public enum Domain: Sendable {
    /// Both signs, away from 0, no two equal.
    case real
    /// From 0.3 to 2.
    case positive
    /// 0 and 1.
    case mask
    /// −1 (padding) up to `rows` − 1, with repetitions.
    case ids(rows: Int)
    /// 0 up to `count` − 1.
    case places(_ count: Int)
    /// Two halves of a number each, the same for some rows that follow each other; some are 0.
    case groups
  }

  /// How often the op can be differentiated, as far as it is tried.
  public var derivatives: Int {
    switch op {
    case .group(.pairs(.slope, _)): 1
    case .group(.pairs(.curvature, _)): 0
    default: 2
    }
  }

  public init(_ op: Op, _ operands: [Operand]) {
    self.op = op
    self.operands = operands
  }

  /// Whether floats among its operands repeat, so that it may stand at a kink or a jump.
  public var hasTies: Bool {
    operands.contains { operand in
      if case .mask = operand.domain { operand.type.dtype == .f32 } else { false }
    }
  }

  public var description: String {
    "\(op.mnemonic) \(op) (\(operands.map(\.type.description).joined(separator: ", ")))"
  }

  /// Adds reads of the operands to a builder: parameters `@x0` … where they are floats without a
  /// batch axis, else inputs `$x0` ….
  public func emitOperands(_ builder: GraphBuilder) throws -> [ValueID] {
    try operands.enumerated().map { index, operand in
      if operand.type.dtype == .f32, !operand.type.shape.hasBatch {
        return try builder.parameter(
          Parameter(ParameterID("x\(index)"), operand.type, .uniform(1)))
      }
      return try builder.input(InputID("x\(index)"), operand.type)
    }
  }

  /// A graph that applies the op and hands out each result as `y0` …; effects act on `@x0` or, if
  /// that is an input, on `@state`.
  public func graph() throws -> Graph {
    let builder = GraphBuilder(name: "case")
    let values = try emitOperands(builder)
    switch op {
    case .effect(let effect):
      try builder.declare(Parameter(effect.target, effect.type, .constant(0)))
    case .source(.parameter(let id, let type)):
      try builder.declare(Parameter(id, type, .constant(0.5)))
    case .source, .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .group, .fused:
      break
    }
    for (index, result) in try builder.emit(op, values).enumerated() {
      try builder.output("y\(index)", result)
    }
    return builder.graph
  }

  /// Values for the operands: the same at every call with the same seed.
  public func values(batch: Int, seed: UInt64 = 1) -> [[Double]] {
    var generator = SplitMix64(seed: seed)
    return operands.map { operand in
      operand.domain.values(operand.type.shape.count(batch: batch), &generator)
    }
  }
}

extension OpCase.Domain {
  public func values(_ count: Int, _ generator: inout SplitMix64) -> [Double] {
    // A number from 0 to 3, of which 0 is no group.
    var group = 1
    return (0..<count).map { place in
      switch self {
      case .real:
        return Double.random(in: 0.1..<1.5, using: &generator)
          * (Bool.random(using: &generator) ? 1 : -1)
      case .positive: return Double.random(in: 0.3..<2, using: &generator)
      case .mask: return Bool.random(using: &generator) ? 1 : 0
      case .places(let count): return Double(Int.random(in: 0..<count, using: &generator))
      case .ids(let rows): return Double(Int.random(in: -1..<rows, using: &generator))
      case .groups:
        if place % 2 == 1 { return Double(group % 2) }
        if Int.random(in: 0..<4, using: &generator) == 0 { group = (group + 1) % 4 }
        return Double(group / 2)
      }
    }
  }
}

/// A chain of elementwise operations as one loop over `extents`: a little program over virtual
/// registers that loads from strided views, computes and stores. Views have the rank of `extents`;
/// stride 0 broadcasts.
public struct ElementwiseInstruction: Sendable, Hashable {
  public enum Operation: UInt8, Sendable, Hashable, CaseIterable {
    /// r = operand[a]
    case load = 0
    /// operand[b] = x
    case store
    /// r = immediate
    case constant
    case neg, abs, sign, exp, log, log1p, sqrt, rsqrt, reciprocal, square, relu, step, sigmoid
    case tanh, softplus, isNonnegative
    case add, sub, mul, div, max, min, equal, notEqual, less, lessEqual, greater, greaterEqual
    /// r = x ? y : z
    case select
    /// operand[b][0] = Σ or max of register a over everything.
    case sumAll, maxAll
    /// operand[b][column] = Σ or max over all rows (the last axis counts columns).
    case sumColumns, maxColumns
    /// operand[b] at the outer indices = Σ or max over the last axis.
    case sumInner, maxInner
    /// r = x op immediate (the last: immediate − x).
    case addConstant, mulConstant, maxConstant, minConstant, subtractFromConstant
  }

  /// One step: `destination`, `a`, `b`, `c` are registers, but for load (a is an operand) and for
  /// stores and reductions (a is a register, b an operand).
  public struct Step: Sendable, Hashable {
    public var operation: Operation
    public var destination: Int
    public var a: Int
    public var b: Int
    public var c: Int
    public var immediate: Float

    public init(
      _ operation: Operation, destination: Int = 0, a: Int = 0, b: Int = 0, c: Int = 0,
      immediate: Float = 0
    ) {
      self.operation = operation
      self.destination = destination
      self.a = a
      self.b = b
      self.c = c
      self.immediate = immediate
    }
  }

  public static let maximumRegisters = 32
  public static let maximumOperands = 32
  public static let maximumReductions = 8
  public static let maximumRank = 4

  /// The loop nest, outermost first, at most four.
  public var extents: [Extent]
  public var operands: [View]
  public var steps: [Step]

  public init(extents: [Extent], operands: [View], steps: [Step]) {
    self.extents = extents
    self.operands = operands
    self.steps = steps
  }
}

/// C = epilogue(op(A)·op(B)) for each of `groups` products. Views are matrices, or rank 3 with the
/// group as the first axis.
public struct MatmulInstruction: Sendable, Hashable {
  public enum Activation: UInt8, Sendable, Hashable, CaseIterable {
    case relu = 1
    case sigmoid
    case tanh
  }

  public var a: View
  public var b: View
  /// nil when the product is only an optimizer's gradient.
  public var c: View?
  public var groups: Int
  public var transposeA: Bool
  public var transposeB: Bool
  /// Adds to what C holds.
  public var accumulate: Bool
  /// [n] (or [groups, n]).
  public var bias: View?
  public var activation: Activation?
  /// The result is multiplied by this activation's derivative at its output `y`.
  public var gradientOf: Activation?
  public var y: View?
  /// The columns that activation and gradient factor apply to; nil means all.
  public var activationColumns: Range<Int>?
  /// [n]: receives the column sums of op(B), the bias gradient beside a weight gradient.
  public var columnSums: View?
  /// Applies the optimizer to this parameter view (a matrix [m, n] of the parameter block) with
  /// the product as its gradient, instead of storing C.
  public var update: FusedUpdate?
  /// The same for the column sums and a bias parameter.
  public var columnUpdate: FusedUpdate?

  public struct FusedUpdate: Sendable, Hashable {
    public var parameter: View
    public var l2: Float

    public init(parameter: View, l2: Float) {
      self.parameter = parameter
      self.l2 = l2
    }
  }

  public init(
    a: View, b: View, c: View?, groups: Int = 1, transposeA: Bool = false,
    transposeB: Bool = false, accumulate: Bool = false, bias: View? = nil,
    activation: Activation? = nil, gradientOf: Activation? = nil, y: View? = nil,
    activationColumns: Range<Int>? = nil, columnSums: View? = nil, update: FusedUpdate? = nil,
    columnUpdate: FusedUpdate? = nil
  ) {
    self.a = a
    self.b = b
    self.c = c
    self.groups = groups
    self.transposeA = transposeA
    self.transposeB = transposeB
    self.accumulate = accumulate
    self.bias = bias
    self.activation = activation
    self.gradientOf = gradientOf
    self.y = y
    self.activationColumns = activationColumns
    self.columnSums = columnSums
    self.update = update
    self.columnUpdate = columnUpdate
  }
}

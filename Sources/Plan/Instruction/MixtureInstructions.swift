/// How gates pick experts. Experts are blocks of `width` columns of one matrix.
public struct MixtureLayout: Sendable, Hashable {
  public struct Gate: Sendable, Hashable {
    /// Indices of the experts it mixes, none twice.
    public var experts: [Int]
    /// The first column of its logits; its results start at `column` of the output.
    public var logitColumn: Int
    public var column: Int

    public init(experts: [Int], logitColumn: Int, column: Int) {
      self.experts = experts
      self.logitColumn = logitColumn
      self.column = column
    }
  }
  public var width: Int
  /// The first column of each expert.
  public var expertColumns: [Int]
  public var gates: [Gate]

  public init(width: Int, expertColumns: [Int], gates: [Gate]) {
    self.width = width
    self.expertColumns = expertColumns
    self.gates = gates
  }

  /// Columns of the matrix of gate weights: gates side by side.
  public var weightColumns: Int { gates.reduce(0) { $0 + $1.experts.count } }
}

/// For each gate: w = softmax(logits), output = Σ w·expert. Matrices [B, *].
public struct MixtureInstruction: Sendable, Hashable {
  public var layout: MixtureLayout
  public var experts: View
  public var logits: View
  /// Kept for the gradient; nil when none follows.
  public var weights: View?
  public var output: View

  public init(layout: MixtureLayout, experts: View, logits: View, weights: View?, output: View) {
    self.layout = layout
    self.experts = experts
    self.logits = logits
    self.weights = weights
    self.output = output
  }
}

/// From the cotangent of a mixture's output: the cotangents of experts (times the derivative of
/// the activation whose output the experts are) and of logits.
public struct MixtureGradientInstruction: Sendable, Hashable {
  public var layout: MixtureLayout
  public var experts: View
  public var weights: View
  public var cotangent: View
  public var expertCotangents: View
  public var logitCotangents: View
  public var gradientOf: MatmulInstruction.Activation?

  public init(
    layout: MixtureLayout, experts: View, weights: View, cotangent: View, expertCotangents: View,
    logitCotangents: View, gradientOf: MatmulInstruction.Activation?
  ) {
    self.layout = layout
    self.experts = experts
    self.weights = weights
    self.cotangent = cotangent
    self.expertCotangents = expertCotangents
    self.logitCotangents = logitCotangents
    self.gradientOf = gradientOf
  }
}

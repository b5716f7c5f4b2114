/// How far apart the eager and the compiled mode come in the same training steps.
public struct ComparisonReport: Sendable, Hashable {
  /// One tensor's largest difference.
  public struct Entry: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable { case loss, gradient, parameter }
    public var kind: Kind
    public var name: String
    /// max |eager − static| over the tensor's largest magnitude: of all steps where batches of rows
    /// are compared (a sum that happens to cancel in one step is as exact as its terms, not as
    /// itself), of the step itself for episodes.
    public var difference: Double
    /// The step (from 1) at which they were furthest apart.
    public var step: Int

    public init(kind: Kind, name: String, difference: Double, step: Int) {
      self.kind = kind
      self.name = name
      self.difference = difference
      self.step = step
    }
  }

  /// The choices at kinks (the sign of a relu's argument, the largest element of a window) that the
  /// eager mode took over from the compiled one.
  public struct Choices: Sendable, Hashable {
    /// All, and those that the eager mode would have made differently.
    public var count = 0
    public var differing = 0
    /// How far from a tie the farthest of these lies, as a share of the largest magnitude of its
    /// tensor.
    public var farthest = 0.0

    public init() {}

    public mutating func add(_ other: Choices) {
      count += other.count
      differing += other.differing
      farthest = max(farthest, other.farthest)
    }
  }

  public var steps: Int
  /// Losses and gradients over all steps; parameters after the last one, or after each on episodes.
  public var entries: [Entry]
  /// Rows left out because a derivative jumps there within rounding.
  public var replacedRows: Int
  /// Elements of parameters that were given the same value in both modes after a step, because
  /// their gradient was nothing but rounding.
  public var alignedElements: Int
  /// Nil where batches of rows are compared.
  public var choices: Choices?
  /// The steps that the times are the sums of.
  public var timedSteps: Int
  public var eagerSeconds: Double
  public var staticSeconds: Double

  public init(
    steps: Int, entries: [Entry], replacedRows: Int = 0, alignedElements: Int = 0,
    choices: Choices? = nil, timedSteps: Int, eagerSeconds: Double, staticSeconds: Double
  ) {
    self.steps = steps
    self.entries = entries
    self.replacedRows = replacedRows
    self.alignedElements = alignedElements
    self.choices = choices
    self.timedSteps = timedSteps
    self.eagerSeconds = eagerSeconds
    self.staticSeconds = staticSeconds
  }

  public func largest(_ kind: Entry.Kind) -> Double {
    entries.filter { $0.kind == kind }.map(\.difference).max() ?? 0
  }
  public var largest: Double { entries.map(\.difference).max() ?? 0 }

  /// Whether every difference is at most the limit, and every choice that differs as near to a tie.
  public func agrees(within limit: Double) -> Bool {
    entries.allSatisfy { $0.difference <= limit } && (choices?.farthest ?? 0) <= limit
  }
}

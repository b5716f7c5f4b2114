/// How far the eager and the compiled mode come from the eager engine in double precision in the same
/// training steps.
public struct ComparisonReport: Sendable, Hashable {
  /// One tensor's largest distances over the steps, as shares of its largest magnitude in them: a sum
  /// that happens to cancel in one step is as exact as its terms, not as itself.
  public struct Entry: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable { case loss, gradient, parameter }
    public var kind: Kind
    public var name: String
    /// max |eager − reference|. Of a parameter, beyond what rounding of its gradient may do to the
    /// optimizer's step.
    public var eager: Double
    /// max |static − reference|, likewise.
    public var compiled: Double
    /// What rounding of sums of their lengths explains.
    public var bound: Double
    /// The step (from 1) at which one of them was farthest.
    public var step: Int

    public init(
      kind: Kind, name: String, eager: Double, compiled: Double, bound: Double, step: Int
    ) {
      self.kind = kind
      self.name = name
      self.eager = eager
      self.compiled = compiled
      self.bound = bound
      self.step = step
    }

    /// The farther of the two.
    public var distance: Double { max(eager, compiled) }
  }

  /// The choices at kinks (the sign of a relu's argument, the largest element of a window) that the
  /// reference took over from the compiled mode.
  public struct Choices: Sendable, Hashable {
    /// All, and those that the reference would have made differently.
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
  /// Losses, gradients, and parameters after each step.
  public var entries: [Entry]
  /// Rows left out because a derivative jumps there within rounding.
  public var replacedRows: Int
  /// Nil where batches of rows are compared.
  public var choices: Choices?
  /// The steps that the times are the sums of.
  public var timedSteps: Int
  public var eagerSeconds: Double
  public var staticSeconds: Double

  public init(
    steps: Int, entries: [Entry], replacedRows: Int = 0,
    choices: Choices? = nil, timedSteps: Int, eagerSeconds: Double, staticSeconds: Double
  ) {
    self.steps = steps
    self.entries = entries
    self.replacedRows = replacedRows
    self.choices = choices
    self.timedSteps = timedSteps
    self.eagerSeconds = eagerSeconds
    self.staticSeconds = staticSeconds
  }

  /// The entry of a kind that is farthest beyond, or nearest to, its limit.
  /// - Parameter tolerance: The limit of every tensor; nil for each tensor's own bound.
  public func worst(_ kind: Entry.Kind, _ tolerance: Double? = nil) -> Entry? {
    func excess(_ entry: Entry) -> Double {
      let limit = tolerance ?? entry.bound
      return limit > 0 ? entry.distance / limit : entry.distance
    }
    return entries.filter { $0.kind == kind }.max { excess($0) < excess($1) }
  }

  /// How far from a tie a choice may be that differs: as far as rounding may move a gradient.
  public var choiceBound: Double {
    entries.lazy.filter { $0.kind == .gradient }.map(\.bound).max() ?? 0
  }

  /// Whether both modes are within the limit of every tensor, and every choice that differs as near to
  /// a tie.
  public func agrees(within tolerance: Double? = nil) -> Bool {
    entries.allSatisfy { $0.distance <= tolerance ?? $0.bound }
      && (choices?.farthest ?? 0) <= tolerance ?? choiceBound
  }
}

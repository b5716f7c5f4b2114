/// A trained plan that training begins with.
public struct InitialPlan: Sendable, Hashable {
  public var path: String
  /// Whether normalisers and boundaries of buckets are those of the plan; else they are learned anew.
  public var keepsNormalizers: Bool
  /// Whether the optimizer goes on with its states in the plan; else it begins without a history.
  public var keepsOptimizer: Bool

  public init(path: String, keepsNormalizers: Bool = true, keepsOptimizer: Bool = false) {
    self.path = path
    self.keepsNormalizers = keepsNormalizers
    self.keepsOptimizer = keepsOptimizer
  }
}

/// What becomes of the normalisers of an initial plan.
public enum InitialNormalizers: String, Sendable, Hashable, CaseIterable { case keep, fit }

/// What becomes of the optimizer's states in an initial plan.
public enum InitialOptimizer: String, Sendable, Hashable, CaseIterable { case keep, drop }

/// A trained plan that training begins with.
public struct InitialPlan: Sendable, Hashable {
  public var path: String
  /// Whether normalisers and boundaries of buckets are those of the plan; else they are learned anew.
  public var keepsNormalizers: Bool

  public init(path: String, keepsNormalizers: Bool = true) {
    self.path = path
    self.keepsNormalizers = keepsNormalizers
  }
}

/// What becomes of the normalisers of an initial plan.
public enum InitialNormalizers: String, Sendable, Hashable, CaseIterable { case keep, fit }

/// How the model reads a feature.
public struct FeatureSpec: Sendable, Hashable {
  public var name: String
  public var input: Input
  /// The id feature that the pooling of a sequence by attention looks for.
  public var attentionTarget: String?
  /// What the table begins with, the same for all features that share it; nil for random numbers.
  public var pretrained: PretrainedVectors?

  /// Whether training leaves its table as it is.
  package var isFrozen: Bool { pretrained?.isTrainable == false }

  public enum Input: Sendable, Hashable {
    /// The normalised number, or the numbers of a vector.
    case numeric
    /// The share of each bin that the number has passed, or a relu layer of these shares with `dim` units.
    case piecewiseLinear(dim: Int?)
    /// Sine and cosine of the normalised number at trained frequencies, which start from normal numbers of
    /// that deviation, or a relu layer of these with `dim` units.
    case periodic(frequencies: Int, scale: Double, dim: Int?)
    /// One column per id, 1 at the row's own.
    case oneHot
    /// The id's row of the table.
    case embedding(dim: Int, table: String)
    /// The pooled rows of the ids.
    case sequence(dim: Int, table: String, pooling: Pooling)
  }
}

extension FeatureSpec.Input {
  /// The name of the parameter that holds the feature's embedding table, nil without one.
  public var tableParameter: String? {
    switch self {
    case .embedding(_, let table), .sequence(_, let table, _): Self.parameter(table: table)
    case .numeric, .piecewiseLinear, .periodic, .oneHot: nil
    }
  }

  /// The width of the feature's embedding table, nil without one.
  package var dim: Int? {
    switch self {
    case .embedding(let dim, _), .sequence(let dim, _, _): dim
    case .numeric, .piecewiseLinear, .periodic, .oneHot: nil
    }
  }

  static func parameter(table: String) -> String { "embedding.\(table)" }

  /// Whether a parameter is an embedding table.
  package static func isTable(parameter: String) -> Bool {
    parameter.hasPrefix(Self.parameter(table: ""))
  }
}

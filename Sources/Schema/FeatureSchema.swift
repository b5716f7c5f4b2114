/// A feature with all that was learned from the training data: enough to encode any row.
public struct FeatureSchema: Sendable, Hashable {
  public var name: String
  public var column: String
  public var encoder: Encoder
  public var cells: CellReading

  public enum Encoder: Sendable, Hashable {
    case id(IdEncoding)
    case numeric(Normalizer)
    /// Bucket k (1-based; 0 is the missing value) of the rising boundaries.
    case bucketized(boundaries: [Double])
    case sequence(IdEncoding, SequenceLayout)
    /// FNV-1a (64 bit) of the texts of several columns, each with the byte 1F behind it, modulo
    /// `buckets`, plus 1; 0 where one is missing.
    case cross([String], buckets: Int)
    case vector(VectorLayout)
  }

  public init(
    name: String, column: String, encoder: Encoder, cells: CellReading = CellReading()
  ) {
    self.name = name
    self.column = column
    self.encoder = encoder
    self.cells = cells
  }

  /// The rows of an embedding table (or the width of a one-hot block) for this feature, the
  /// out-of-vocabulary row 0 included; nil for a plain number.
  public var cardinality: Int? {
    switch encoder {
    case .id(let encoding), .sequence(let encoding, _): encoding.cardinality
    case .bucketized(let boundaries): boundaries.count + 2
    case .cross(_, let buckets): buckets + 1
    case .numeric, .vector: nil
    }
  }
}

/// How a token becomes an id. Id 0 is always the out-of-vocabulary (and missing) row.
public enum IdEncoding: Sendable, Hashable {
  /// Token k of the list has id k + 1.
  case vocabulary([String])
  /// FNV-1a (64 bit) of the token's UTF-8 bytes modulo `buckets`, plus 1.
  case hash(buckets: Int)
  /// Integer v in 0..<count has id v + 1.
  case identity(count: Int)

  public var cardinality: Int {
    switch self {
    case .vocabulary(let tokens): tokens.count + 1
    case .hash(let buckets): buckets + 1
    case .identity(let count): count + 1
    }
  }
}

/// How a number is scaled: y = (f(x) − offset) · scale, f the identity or signed log, or y = c(x) for a
/// curve c. A missing number becomes `missing` (already scaled).
public struct Normalizer: Sendable, Hashable {
  public var logarithm: Bool
  public var offset: Double
  public var scale: Double
  public var missing: Float
  /// In place of logarithm, offset and scale; nil for those.
  public var curve: NumberCurve?

  /// Whether it is y = (x − offset) · scale.
  package var isLinear: Bool { !logarithm && curve == nil }

  public init(
    logarithm: Bool = false, offset: Double = 0, scale: Double = 1, missing: Float = 0,
    curve: NumberCurve? = nil
  ) {
    self.curve = curve
    self.logarithm = logarithm
    self.offset = offset
    self.scale = scale
    self.missing = missing
  }
}

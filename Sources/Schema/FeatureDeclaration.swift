/// A feature as the spec declares it, before anything was learned from the training data.
public struct FeatureDeclaration: Sendable, Hashable {
  public var name: String
  /// The column it is read from (the name, unless the spec says otherwise).
  public var column: String
  public var kind: Kind
  /// Features that learn their ids from the training data under the same name here share one
  /// vocabulary, learned from the columns of all of them: needed where they share an embedding
  /// table. Nil: a vocabulary of its own.
  public var vocabulary: String?
  public var cells: CellReading

  public enum Kind: Sendable, Hashable {
    /// One id a row.
    case id(IdSource)
    /// One number a row, normalised into the `numeric` feed.
    case numeric(NormalizerKind)
    /// One number a row, counted in bins between quantiles of the training data into the `numeric` feed.
    /// With `pointMasses` a value of many rows is told from the values beside it.
    case piecewise(bins: Int, pointMasses: Bool)
    /// One number a row, cut into buckets whose number is an id.
    case bucketized(BucketSource)
    /// Several ids a row in one cell.
    case sequence(IdSource, SequenceLayout)
    /// One id a row, hashed from the texts of several columns.
    case cross([String], buckets: Int)
    /// Several numbers in one cell, which stay as they are.
    case vector(VectorLayout)
  }

  public init(
    name: String, column: String, kind: Kind, vocabulary: String? = nil,
    cells: CellReading = CellReading()
  ) {
    self.name = name
    self.column = column
    self.kind = kind
    self.vocabulary = vocabulary
    self.cells = cells
  }

  /// All columns that it is made of.
  public var columns: [String] {
    switch kind {
    case .cross(let columns, _): columns
    case .sequence(_, let layout): [column] + (layout.weightsColumn.map { [$0] } ?? [])
    case .id, .numeric, .piecewise, .bucketized, .vector: [column]
    }
  }
}

/// Where the ids of a feature come from.
public enum IdSource: Sendable, Hashable {
  /// Every token seen at least `minFrequency` times in the training data, most frequent first,
  /// ties in the order of their bytes.
  case trainingData(minFrequency: Int)
  case list([String])
  case hash(buckets: Int)
  /// The cell already holds an integer from 0 to `count - 1`.
  case identity(count: Int)
}

public enum NormalizerKind: String, Sendable, Hashable, CaseIterable {
  case none, zscore, minmax
  /// sign(x)·ln(1 + |x|), then zscore.
  case log
  /// The normal number whose probability is the share of rows below.
  case quantile
}

/// Where the boundaries of a bucketized number come from.
public enum BucketSource: Sendable, Hashable {
  /// Rising boundaries; value v falls into the bucket of the number of boundaries ≤ v.
  case boundaries([Double])
  /// Quantiles of the training data; a value that alone fills a bucket or more gets one of its own.
  case quantiles(count: Int)
}

/// The layout of a sequence feature's cell.
public struct SequenceLayout: Sendable, Hashable {
  public var separator: UInt8
  public var maxLength: Int
  public enum Keep: String, Sendable, Hashable, CaseIterable { case first, last }
  /// Which ids stay when a cell holds more than `maxLength`.
  public var keep: Keep
  /// Each token has a weight: it is written `id:weight`, or the weight stands in `weightsColumn`.
  public var weighted: Bool
  /// The column with a weight for each token, separated as these are.
  public var weightsColumn: String?
  /// The cell may be in brackets, and its items in quotes: `['a', 'b']`.
  public var brackets: Bool

  public init(
    separator: UInt8, maxLength: Int, keep: Keep = .last, weighted: Bool = false,
    weightsColumn: String? = nil, brackets: Bool = false
  ) {
    self.separator = separator
    self.maxLength = maxLength
    self.keep = keep
    self.weighted = weighted
    self.weightsColumn = weightsColumn
    self.brackets = brackets
  }
}

/// The layout of a cell with a vector.
public struct VectorLayout: Sendable, Hashable {
  public var separator: UInt8
  /// How many numbers there are.
  public var dim: Int
  /// The cell may be in brackets.
  public var brackets: Bool

  public init(separator: UInt8, dim: Int, brackets: Bool = false) {
    self.separator = separator
    self.dim = dim
    self.brackets = brackets
  }
}

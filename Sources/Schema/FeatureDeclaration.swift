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

  public enum Kind: Sendable, Hashable {
    /// One id a row.
    case id(IdSource)
    /// One number a row, normalised into the `numeric` feed.
    case numeric(NormalizerKind)
    /// One number a row, cut into buckets whose number is an id.
    case bucketized(BucketSource)
    /// Several ids a row in one cell.
    case sequence(IdSource, SequenceLayout)
  }

  public init(name: String, column: String, kind: Kind, vocabulary: String? = nil) {
    self.name = name
    self.column = column
    self.kind = kind
    self.vocabulary = vocabulary
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
  /// Tokens are written `id:weight`.
  public var weighted: Bool

  public init(separator: UInt8, maxLength: Int, keep: Keep = .last, weighted: Bool = false) {
    self.separator = separator
    self.maxLength = maxLength
    self.keep = keep
    self.weighted = weighted
  }
}

import CKernels
import Schema

/// The encoder of a feature's column. While data is fitted it learns from the rows that it encodes;
/// afterwards the rows are completed with what it learned.
enum FeatureEncoder {
  case id(IdEncoder)
  case sequence(SequenceEncoder)
  case number(NumberEncoder)
  case cross(CrossEncoder)
  case vector(VectorEncoder)

  var column: any ColumnEncoder {
    switch self {
    case .id(let encoder): encoder
    case .sequence(let encoder): encoder
    case .number(let encoder): encoder
    case .cross(let encoder): encoder
    case .vector(let encoder): encoder
    }
  }

  /// The encoder, where it adds up numbers.
  var summing: (any SummingEncoder)? {
    switch self {
    case .number(let encoder): encoder
    case .vector(let encoder): encoder
    case .id, .sequence, .cross: nil
    }
  }

  /// How texts become ids; nil for a number.
  private var coder: IdCoder? {
    switch self {
    case .id(let encoder): encoder.coder
    case .sequence(let encoder): encoder.coder
    case .number, .cross, .vector: nil
    }
  }

  /// The layout of the cells of a sequence.
  var sequence: SequenceLayout? {
    if case .sequence(let encoder) = self { return encoder.layout }
    return nil
  }

  /// The vocabulary that encoding adds to, if there is one.
  var learningVocabulary: TokenVocabulary? { coder?.learningVocabulary }

  /// The largest id that the column can have in the feed of ids, as far as it is known before any
  /// row is read.
  var largestId: Int {
    switch self {
    case .id(let encoder): encoder.coder.largestId
    case .sequence, .vector: 0
    case .number(let encoder): encoder.largestId
    case .cross(let encoder): encoder.buckets
    }
  }

  /// Makes room beside the feeds for as many rows as they have room for.
  func reserve(_ storage: FeedStorage) throws {
    if case .number(let encoder) = self { try encoder.reserve(storage) }
  }

  // MARK: What no encoder can do while others encode

  /// Whether some ids do not fit the bytes of their feed.
  var hasWideIds: Bool {
    if case .id(let encoder) = self { return !encoder.wideIds.isEmpty }
    return false
  }

  /// Whether some numbers cannot be kept as those before them.
  var hasUnrepresentable: Bool {
    if case .number(let encoder) = self { return !encoder.unrepresentable.isEmpty }
    return false
  }

  /// Makes room for such numbers, of `rows` rows, for the encoders of this column on all threads.
  func keepAsDoubles(rows: Int, in storage: FeedStorage) throws {
    if case .number(let encoder) = self { try encoder.keepAsDoubles(rows: rows, in: storage) }
  }

  /// Writes the ids and numbers that were held back.
  func writeDeferred(to storage: FeedStorage) {
    switch self {
    case .id(let encoder): encoder.writeWideIds(to: storage)
    case .sequence, .cross, .vector: break
    case .number(let encoder): encoder.writeUnrepresentable()
    }
  }

  // MARK: After the last row

  /// Adds the counts of the encoder of the same column on another thread.
  func absorb(_ replica: FeatureEncoder) {
    switch (self, replica) {
    case (.id(let encoder), .id(let other)): encoder.coder.absorb(other.coder)
    case (.sequence(let encoder), .sequence(let other)): encoder.absorb(other)
    case (.cross(let encoder), .cross(let other)): encoder.absorb(other)
    case (.vector(let encoder), .vector(let other)): encoder.absorb(other)
    case (.number, _), (.id, _), (.sequence, _), (.cross, _), (.vector, _): break
    }
  }

  /// Learns from all `rowCount` rows what encoding left open. Throws `DataError`.
  func fit(rowCount: Int, storage: FeedStorage) throws {
    if case .number(let encoder) = self {
      try encoder.fit(rowCount: rowCount, storage: storage)
    } else {
      coder?.rank()
    }
  }

  /// How a kernel replaces the provisional ids of the rows that a lane encoded, after `fit`; nil
  /// where the ids are final.
  func finalIds(lane: Int, output: FeedStorage) -> mtlc_text_settling? {
    switch self {
    case .id(let encoder): encoder.finalIds(lane: lane, output: output)
    case .sequence(let encoder): encoder.finalIds(lane: lane, output: output)
    case .number, .cross, .vector: nil
    }
  }

  /// The encoder, where its numbers are to be encoded after `fit` and no kernel scales them.
  var encodesKept: NumberEncoder? {
    if case .number(let encoder) = self, encoder.encodesKept { return encoder }
    return nil
  }

  /// Ends a fit whose final ids include `zeros` zeros. Throws `DataError`.
  func finish(zeros: Int) throws {
    if case .number(let encoder) = self {
      encoder.dropKept()
    } else {
      try coder?.finishFit(zeros: zeros)
    }
  }

  /// What was learned, or given; after `fit`.
  var schema: FeatureSchema.Encoder {
    switch self {
    case .id(let encoder): .id(encoder.coder.encoding)
    case .sequence(let encoder): .sequence(encoder.coder.encoding, encoder.layout)
    case .number(let encoder): encoder.schema
    case .cross(let encoder): .cross(encoder.columns, buckets: encoder.buckets)
    case .vector(let encoder): .vector(encoder.layout)
    }
  }

  func statistics(_ feature: FeatureSchema) -> FeatureStatistics {
    switch self {
    case .id(let encoder): FeatureStatistics(feature, ids: encoder.coder)
    case .sequence(let encoder): FeatureStatistics(feature, sequence: encoder)
    case .number(let encoder): FeatureStatistics(feature, numbers: encoder.sums.total)
    case .cross(let encoder): FeatureStatistics(feature, cross: encoder)
    case .vector(let encoder): FeatureStatistics(feature, vector: encoder)
    }
  }
}

/// What a reading of a table showed of it.
public struct DataStatistics: Sendable {
  public var rows: Int
  /// Bytes of text that were read.
  public var bytes: Int
  /// Parallel to the schema's features.
  public var features: [FeatureStatistics]
  /// Parallel to the schema's labels.
  public var labels: [LabelStatistics]
  /// Parallel to the schema's joins.
  public var joins: [JoinStatistics]

  package init(
    rows: Int, bytes: Int, features: [FeatureStatistics], labels: [LabelStatistics],
    joins: [JoinStatistics] = []
  ) {
    self.rows = rows
    self.bytes = bytes
    self.features = features
    self.labels = labels
    self.joins = joins
  }
}

/// What one feature's column holds.
public struct FeatureStatistics: Sendable {
  public var name: String
  public var column: String
  /// Cells, or items of a sequence.
  public var values: Int
  /// Values that are a missing marker; of a sequence cells without an item.
  public var missing: Int
  /// Values that the vocabulary (after `minFrequency`) or the range of ids does not hold.
  public var outOfVocabulary: Int
  /// Rows of the embedding table, row 0 included; nil for a plain number.
  public var cardinality: Int?
  /// Different tokens in the data; known only after fitting a vocabulary.
  public var distinct: Int?
  /// What the cells of a sequence look like; nil for other features.
  public var sequence: SequenceStatistics?
  /// Texts among the values that mostly stand for "no value", but are not declared to.
  public var undeclaredMissing: [TextCount] = []
  /// Of a column of numbers, before scaling; nil when it holds none.
  public var minimum: Double?
  public var maximum: Double?
  public var mean: Double?
  public var deviation: Double?

  /// Of the cells.
  public var missingShare: Double {
    let cells = sequence?.cells ?? values
    return cells > 0 ? Double(missing) / Double(cells) : 0
  }
  public var outOfVocabularyShare: Double {
    values > 0 ? Double(outOfVocabulary) / Double(values) : 0
  }
}

extension FeatureStatistics {
  package init(
    name: String, column: String, values: Int, missing: Int, outOfVocabulary: Int,
    cardinality: Int?
  ) {
    self.name = name
    self.column = column
    self.values = values
    self.missing = missing
    self.outOfVocabulary = outOfVocabulary
    self.cardinality = cardinality
  }
}

/// A text and how often it occurs.
public struct TextCount: Sendable, Hashable {
  public var text: String
  public var count: Int

  package init(text: String, count: Int) {
    self.text = text
    self.count = count
  }
}

/// What the cells of a sequence look like.
public struct SequenceStatistics: Sendable, Hashable {
  public var cells: Int
  /// Cells with more than `max_length` ids, and the ids of the longest.
  public var cut = 0
  public var longest = 0
  /// Cells in brackets, as `[1, 2]`.
  public var bracketed = 0
  /// Cells whose first item reads `id:weight`.
  public var pairs = 0
  /// Cells with a negative weight, and those whose weights nearly cancel out.
  public var negative = 0
  public var cancelling = 0
  /// Of the cells with a single item, those in which another usual separator occurs. Complete as long
  /// as no cell has more items. As `mapPair`, the cells whose first item is a pair of a Hive map.
  public var separators: [TextCount] = []

  /// What Hive writes between a key and its value.
  package static let mapSeparator: UInt8 = 3
  package static let mapPair = "key\u{3}value"
}

extension SequenceStatistics {
  package init() { self.init(cells: 0) }

  /// Adds what other cells look like.
  package mutating func add(_ other: SequenceStatistics) {
    cells += other.cells
    cut += other.cut
    longest = max(longest, other.longest)
    bracketed += other.bracketed
    pairs += other.pairs
    negative += other.negative
    cancelling += other.cancelling
    for entry in other.separators { add(entry.text, entry.count) }
  }

  /// Counts cells with another separator.
  package mutating func add(_ separator: String, _ count: Int) {
    if let place = separators.firstIndex(where: { $0.text == separator }) {
      separators[place].count += count
    } else {
      separators.append(TextCount(text: separator, count: count))
    }
  }
}

/// What one task's label column holds.
public struct LabelStatistics: Sendable, Hashable {
  public var task: String
  public var column: String
  /// Rows with a label, and without.
  public var present: Int
  public var missing: Int
  /// Labels above 0 of a task that is not a regression.
  public var positives: Int
  /// Of the labels present (of a binary task the base rate); nil when there is none.
  public var mean: Double?
  public var minimum: Double?
  public var maximum: Double?
  public var deviation: Double?
  /// Texts that count as negative labels and mostly stand for "no value".
  public var undeclaredMissing: [TextCount] = []
  /// Texts of the task's sample space that no row has.
  public var unseenValues: [String] = []
}

extension LabelStatistics {
  package init(task: String, column: String, present: Int, missing: Int, positives: Int) {
    self.task = task
    self.column = column
    self.present = present
    self.missing = missing
    self.positives = positives
  }
}

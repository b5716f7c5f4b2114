/// What a reading of a table showed of it.
public struct DataStatistics: Sendable {
  public var rows: Int
  /// Bytes of text that were read.
  public var bytes: Int
  /// Parallel to the schema's features.
  public var features: [FeatureStatistics]
  /// Parallel to the schema's labels.
  public var labels: [LabelStatistics]

  package init(
    rows: Int, bytes: Int, features: [FeatureStatistics], labels: [LabelStatistics]
  ) {
    self.rows = rows
    self.bytes = bytes
    self.features = features
    self.labels = labels
  }
}

/// What one feature's column holds.
public struct FeatureStatistics: Sendable {
  public var name: String
  public var column: String
  /// Cells, or items of a sequence.
  public var values: Int
  /// Values that are a missing marker.
  public var missing: Int
  /// Values that the vocabulary (after `minFrequency`) or the range of ids does not hold.
  public var outOfVocabulary: Int
  /// Rows of the embedding table, row 0 included; nil for a plain number.
  public var cardinality: Int?
  /// Different tokens in the data; known only after fitting a vocabulary.
  public var distinct: Int?
  /// Rows of a sequence that hold more than `max_length` ids, and the ids of the longest.
  public var cutRows = 0
  public var longest = 0
  /// Of a column of numbers, before scaling; nil when it holds none.
  public var minimum: Double?
  public var maximum: Double?
  public var mean: Double?
  public var deviation: Double?

  public var missingShare: Double { values > 0 ? Double(missing) / Double(values) : 0 }
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

/// What one task's label column holds.
public struct LabelStatistics: Sendable {
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

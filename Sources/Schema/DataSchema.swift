/// What is read of a table: its format, features and labels.
public struct DataDescription<Feature: Sendable & Hashable>: Sendable, Hashable {
  public var format: TableFormat
  public var features: [Feature]
  public var labels: [LabelSchema]
  /// The column that holds each row's weight in the loss, if any.
  public var sampleWeightColumn: String?
  /// The column that groups rows for the grouped AUC, if any; it need not be a feature.
  public var groupColumn: String?
  /// The column that says which training rows are held back for validation, if any.
  public var validationColumn: ValidationColumn?
  /// Tables whose columns are those of the rows too.
  public var joins: [TableJoin]

  public init(
    format: TableFormat, features: [Feature], labels: [LabelSchema],
    sampleWeightColumn: String? = nil, groupColumn: String? = nil,
    validationColumn: ValidationColumn? = nil, joins: [TableJoin] = []
  ) {
    self.format = format
    self.features = features
    self.labels = labels
    self.sampleWeightColumn = sampleWeightColumn
    self.groupColumn = groupColumn
    self.validationColumn = validationColumn
    self.joins = joins
  }

  /// The same with other features.
  package func with<Other>(_ features: [Other]) -> DataDescription<Other> {
    DataDescription<Other>(
      format: format, features: features, labels: labels, sampleWeightColumn: sampleWeightColumn,
      groupColumn: groupColumn, validationColumn: validationColumn, joins: joins)
  }
}

/// What the spec asks of the data, before the vocabularies and normalisers are fitted.
public typealias DataDeclaration = DataDescription<FeatureDeclaration>

/// All that is needed to turn the rows of a table into the feeds of a plan.
public typealias DataSchema = DataDescription<FeatureSchema>

extension DataSchema {
  package var feeds: FeedLayout { FeedLayout(self) }
}

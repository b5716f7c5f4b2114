/// All that is needed to turn the rows of a table into the feeds of a plan.
public struct DataSchema: Sendable, Hashable {
  public var format: TableFormat
  public var features: [FeatureSchema]
  public var labels: [LabelSchema]
  /// The column that holds each row's weight in the loss, if any.
  public var sampleWeightColumn: String?
  /// The column that groups rows for the grouped AUC, if any; it need not be a feature.
  public var groupColumn: String?

  public init(
    format: TableFormat, features: [FeatureSchema], labels: [LabelSchema],
    sampleWeightColumn: String? = nil, groupColumn: String? = nil
  ) {
    self.format = format
    self.features = features
    self.labels = labels
    self.sampleWeightColumn = sampleWeightColumn
    self.groupColumn = groupColumn
  }

  public var feeds: FeedLayout { FeedLayout(self) }
}

/// What the spec asks of the data, before the vocabularies and normalisers are fitted.
public struct DataDeclaration: Sendable, Hashable {
  public var format: TableFormat
  public var features: [FeatureDeclaration]
  public var labels: [LabelSchema]
  public var sampleWeightColumn: String?
  public var groupColumn: String?

  public init(
    format: TableFormat, features: [FeatureDeclaration], labels: [LabelSchema],
    sampleWeightColumn: String? = nil, groupColumn: String? = nil
  ) {
    self.format = format
    self.features = features
    self.labels = labels
    self.sampleWeightColumn = sampleWeightColumn
    self.groupColumn = groupColumn
  }
}

/// A table, and what is to be predicted of its rows.
public struct DraftRequest: Sendable {
  /// The file of the training rows.
  public var table: String
  /// The columns to predict.
  public var labels: [String]
  /// A file of test rows in the same form.
  public var test: String?
  /// The names of the columns, where the file has no header.
  public var columns: [String]?
  /// Nil for what the first lines tell.
  public var delimiter: String?
  /// How many of the first rows are looked at.
  public var rows = 50_000
  /// The folder of the spec, against which its paths are written; nil for the working directory.
  public var folder: String?

  public init(table: String, labels: [String]) {
    self.table = table
    self.labels = labels
  }
}

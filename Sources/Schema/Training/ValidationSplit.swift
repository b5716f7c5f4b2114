/// Which training rows are held back for validation, where no files are named for it.
public enum ValidationSplit: Sendable, Hashable, CaseIterable {
  /// A share of the rows, drawn by the seed.
  case random
  /// The last share of the rows, in the order of the files.
  case last
  /// The rows that `DataSchema.validationColumn` says, whatever their share.
  case column
}

/// A set of rows, or of tasks made of rows, that a spec names.
public enum RowSet: String, Sendable, Hashable, CaseIterable {
  case training, validation, test
}

import Schema

/// How rows are cut into folds.
public struct FoldRule: Sendable, Hashable {
  /// How many folds there are, at least 2.
  public var count: Int
  /// The task whose classes are to have the same share in each fold; nil for none.
  public var stratify: String?
  /// The column whose equal cells stay in one fold, as those of a user; nil for none.
  public var groupColumn: String?
  /// The column by which the rows are ordered, a number or a text as a date: each fold is held out from a
  /// model of all rows before it. Nil for folds of rows drawn at random.
  public var timeColumn: String?

  public init(
    count: Int = 5, stratify: String? = nil, groupColumn: String? = nil,
    timeColumn: String? = nil
  ) {
    self.count = count
    self.stratify = stratify
    self.groupColumn = groupColumn
    self.timeColumn = timeColumn
  }

  /// The most folds that can be asked for.
  public static let mostFolds = 1000

  /// Throws an argument error for what no rows could satisfy.
  func require() throws {
    guard 2...Self.mostFolds ~= count else {
      throw ExperimentError(
        .argument, "there are \(count) folds asked for, and 2 to \(Self.mostFolds) are possible")
    }
    guard timeColumn == nil || stratify == nil && groupColumn == nil else {
      throw ExperimentError(
        .argument, "folds in the order of a column can be neither stratified nor grouped",
        hint: "leave away the column of time, or the others")
    }
  }
}

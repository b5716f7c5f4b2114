import Schema

/// Rows of a task in memory.
struct KeptRows: ScoredRows, Sendable {
  /// Outputs of the task.
  let width: Int
  /// As many for each row as the task has outputs.
  var predictions: [Float] = []
  var labels: [Float] = []
  /// Numbers of the rows' groups; nil where rows are not grouped.
  var groups: [UInt64]?

  var count: Int { labels.count }

  mutating func append(_ other: KeptRows) {
    predictions += other.predictions
    labels += other.labels
    if let numbers = other.groups { groups?.append(contentsOf: numbers) }
  }

  func forEachPiece(_ body: (KeptRows) -> Void) throws(Never) { body(self) }

  func ranked(by output: Int?) throws(Never) -> RankedRows {
    guard let output else { return RankedRows(predictions, labels) }
    return RankedRows(
      labels.indices.map { predictions[$0 * width + output] },
      labels.map { Int($0) == output ? 1 : 0 })
  }

  func groupedArea() throws(Never) -> GroupedArea? {
    groups.map { GroupedArea(predictions: predictions, labels: labels, groups: $0) }
  }
}

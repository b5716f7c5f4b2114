import Schema

/// The rows of a task that count: what metrics are computed from.
protocol ScoredRows {
  /// What may go wrong while the rows are read; `Never` for rows in memory.
  associatedtype Failure: Error
  associatedtype Ranked: Ranking where Ranked.Failure == Failure

  var count: Int { get }

  /// Calls `body` with all rows in their order, piece by piece.
  func forEachPiece(_ body: (KeptRows) -> Void) throws(Failure)

  /// The rows in the order of one output.
  ///
  /// - Parameter output: A class's number, of which the rows are the positive ones; nil for the only output of
  ///   a task, whose rows are positive by a label above 0.5.
  func ranked(by output: Int?) throws(Failure) -> Ranked

  /// The grouped AUC; nil where rows are not grouped.
  func groupedArea() throws(Failure) -> GroupedArea?
}

import Plan
import Schema

/// The scores of any number of rows, in bounded memory: the metrics of its report are exact and the same as
/// those of scores that are all in memory.
package final class ScoreLog {
  /// Rows of a task that memory holds while they come, and that are sorted at once: the first hundreds of
  /// thousands need no file.
  package static let (keptRows, runLength) = (1 << 18, 1 << 19)

  private let tasks: [TaskRecord]
  private let (keptRows, runLength): (Int, Int)
  private let file: SpillFile
  private var logs: [SpilledRows] = []
  private var (rows, labelWidth) = (0, 0)

  /// - Parameters:
  ///   - keptRows: The most rows of a task that memory holds.
  ///   - runLength: Rows that are sorted at once.
  ///   - folder: For the file that takes the others; nil for the one of temporary files.
  package init(
    _ tasks: [TaskRecord], keptRows: Int = ScoreLog.keptRows, runLength: Int = ScoreLog.runLength,
    folder: String? = nil
  ) {
    file = SpillFile(folder: folder)
    (self.tasks, self.keptRows, self.runLength) = (tasks, keptRows, runLength)
  }

  /// Takes the scores of rows behind those that it has. All are of the same tasks and columns.
  package func append(_ scores: EvaluationScores) {
    if logs.isEmpty {
      labelWidth = scores.labelWidth
      logs = scores.kept.map {
        SpilledRows(
          file, width: $0.width, hasGroups: $0.groups != nil,
          limit: max(1, keptRows / max(1, $0.width)), runLength: runLength)
      }
    }
    rows += scores.rows
    for (k, kept) in scores.kept.enumerated() { logs[k].append(kept) }
  }

  /// The metrics of the tasks; nil without rows.
  ///
  /// - Parameters:
  ///   - seconds: What the predictions took.
  ///   - isConcurrent: Whether each task may have a thread of its own.
  /// - Throws: `SpillError` where rows that were put aside cannot be read.
  package func report(seconds: Double, isConcurrent: Bool) throws -> EvaluationReport? {
    guard !logs.isEmpty else { return nil }
    let (logs, tasks, labelWidth) = (logs, tasks, labelWidth)
    func metrics(_ k: Int) throws -> TaskMetrics {
      try TaskMetrics.unlabelled(tasks[k], labelWidth: labelWidth)
        ?? TaskMetrics(task: tasks[k].name, kind: tasks[k].kind, logs[k])
    }
    let places = Array(tasks.indices)
    let found = try isConcurrent ? places.concurrentMap(metrics) : places.map(metrics)
    return EvaluationReport(rows: rows, seconds: seconds, tasks: found)
  }
}

/// Metrics of every task over a set of rows.
public struct EvaluationReport: Sendable, Hashable {
  public var rows: Int
  public var seconds: Double
  public var tasks: [TaskMetrics]

  public init(rows: Int, seconds: Double, tasks: [TaskMetrics]) {
    self.rows = rows
    self.seconds = seconds
    self.tasks = tasks
  }

  public subscript(task: String) -> TaskMetrics? { tasks.first { $0.task == task } }
}

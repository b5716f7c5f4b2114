/// How well one task's predictions fit its labels, over all rows that have a label.
public struct TaskMetrics: Sendable, Hashable {
  public struct Entry: Sendable, Hashable {
    public var metric: Metric
    public var value: MetricValue

    public init(metric: Metric, value: MetricValue) {
      self.metric = metric
      self.value = value
    }
  }

  public var task: String
  public var kind: TaskKind
  /// Rows with a label.
  public var rows: Int
  /// In the order of `TaskKind.metrics`.
  public var entries: [Entry]
  /// Of a binary task whose rows have groups; its value is also an entry.
  public var grouped: GroupedArea?

  public init(
    task: String, kind: TaskKind, rows: Int, entries: [Entry], grouped: GroupedArea? = nil
  ) {
    self.task = task
    self.kind = kind
    self.rows = rows
    self.entries = entries
    self.grouped = grouped
  }

  /// nil when the task's kind has no such metric.
  public subscript(metric: Metric) -> MetricValue? {
    entries.first { $0.metric == metric }?.value
  }

  /// By its name in `metrics.json`; nil when the task's kind has no such metric.
  public subscript(name: String) -> MetricValue? { Metric(rawValue: name).flatMap { self[$0] } }

  /// The area under the ROC curve of a binary task; nil where it has no value.
  public var auc: Double? { self[.auc]?.value }
}

/// When training ends before its last epoch, and which epoch's parameters it keeps: always those
/// of the best one, whether or not it ends early.
public struct EarlyStopping: Sendable, Hashable {
  /// `<task>.<metric>` of the validation rows, or `<metric>` for the mean over the tasks that have
  /// it.
  public var metric: String
  /// Whether larger values are better.
  public var maximizes: Bool
  /// How many epochs in a row may pass without an improvement; at least 1.
  public var patience: Int
  /// What counts as an improvement has to be larger than this, at least 0.
  public var minDelta: Double

  public init(metric: String, maximizes: Bool, patience: Int = 1, minDelta: Double = 0) {
    self.metric = metric
    self.maximizes = maximizes
    self.patience = patience
    self.minDelta = minDelta
  }

  /// The task, nil for the mean over tasks, and the name of the metric.
  public var parts: (task: String?, metric: String) {
    // Names of tasks may hold dots, those of metrics do not.
    guard let dot = metric.lastIndex(of: ".") else { return (nil, metric) }
    return (String(metric[..<dot]), String(metric[metric.index(after: dot)...]))
  }

  /// What is watched of an evaluation on rows: the value of the task, or the mean over the tasks that
  /// have one. Nil where none has.
  public func value(of tasks: [TaskMetrics]) -> Double? {
    let (task, metric) = parts
    let values = tasks.filter { task == nil || $0.task == task }.compactMap { $0[metric]?.value }
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}

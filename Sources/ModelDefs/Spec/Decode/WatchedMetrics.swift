import Schema

/// The metrics that early stopping may watch, by task.
struct WatchedMetrics {
  /// A task without a name stands for the whole evaluation.
  private var metrics: [(task: String, names: [String])]
  private let hasGroups: Bool

  init(
    _ tasks: [TaskSpec], _ outputs: [ConditionalOutput], _ material: Material, hasGroups: Bool
  ) {
    self.hasGroups = hasGroups
    switch material {
    case .images: metrics = [("", [OutputName.loss, Metric.accuracy.name])]
    case .groups:
      metrics =
        [("", [OutputName.loss])]
        + tasks.map {
          ($0.name, [($0.isBinary ? Metric.auc : .rootMeanSquaredError).name])
        }
    case .rows:
      func names(_ kind: TaskKind) -> [String] {
        kind.metrics.filter { $0.better != nil && ($0 != .groupedAUC || hasGroups) }.map(\.name)
      }
      metrics =
        tasks.map { task in
          let kind: TaskKind =
            task.isMulticlass ? .multiclass(classes: 2) : task.isBinary ? .binary : .regression
          return (task.name, names(kind))
        } + outputs.map { ($0.name, names(.binary)) }
    }
  }

  /// What is wrong with the metric of early stopping; nil when nothing is.
  func refusal(of stopping: EarlyStopping) -> String? {
    let (task, metric) = stopping.parts
    let tasks = metrics.map(\.task).filter { !$0.isEmpty }
    if let task, !tasks.contains(task) {
      return "no task is named \(quoted(task)); \(suggestion(for: task, among: tasks))"
    }
    let known = metrics.filter { task == nil || $0.task == task }.flatMap(\.names)
    if known.contains(metric) { return nil }
    if metric == Metric.groupedAUC.name, !hasGroups {
      return "the metric \(quoted(metric)) needs \"data.group_by\""
    }
    var names: [String] = []
    for name in known where !names.contains(name) { names.append(name) }
    let owner = task.map { "the task \(quoted($0)) has" } ?? "there is"
    return "\(owner) no metric \(quoted(metric)) to watch; \(suggestion(for: metric, among: names))"
  }
}

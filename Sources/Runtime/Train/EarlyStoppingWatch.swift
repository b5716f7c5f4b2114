import Plan
import Schema

/// Keeps the parameters of the best epoch so far and says when to stop.
struct EarlyStoppingWatch {
  let settings: EarlyStopping
  private(set) var state: EarlyStoppingState

  /// - Parameter state: what it has seen where a run goes on.
  /// - Throws: `EarlyStoppingError`, as `EarlyStopping.requireMetric`.
  init(
    _ settings: EarlyStopping, tasks: [TaskRecord], hasGroups: Bool,
    from state: EarlyStoppingState? = nil
  ) throws {
    self.settings = settings
    self.state = state ?? EarlyStoppingState()
    try settings.requireMetric(of: tasks, hasGroups: hasGroups)
  }

  /// The metric of a validation: the mean over the tasks where it names none. Nil where a task has
  /// no value.
  func value(_ report: EvaluationReport) -> Double? {
    let (task, metric) = settings.parts
    let entries = report.tasks.filter { task == nil || $0.task == task }.compactMap { $0[metric] }
    let values = entries.compactMap(\.value)
    guard !values.isEmpty, values.count == entries.count else { return nil }
    return values.reduce(0, +) / Double(values.count)
  }

  /// Whether training should end here.
  var isPatienceSpent: Bool { state.epochsWithout >= settings.patience }

  /// Looks at an epoch.
  mutating func look(
    _ report: EvaluationReport, epoch: Int, _ engine: any TrainingEngine
  ) throws {
    let value = value(report)
    if let value, isBetter(value, than: state.best?.value, by: 0) {
      state.best = BestEpoch(epoch: epoch, metric: settings.metric, value: value)
      state.parameters = try engine.copyParameters()
    }
    if let value, isBetter(value, than: state.reference, by: settings.minDelta) {
      state.reference = value
      state.epochsWithout = 0
    } else {
      state.epochsWithout += 1
    }
  }

  /// Gives the engine the parameters of the best epoch.
  func restore(_ engine: any TrainingEngine) throws {
    if let parameters = state.parameters { try engine.restoreParameters(parameters) }
  }

  private func isBetter(_ value: Double, than other: Double?, by delta: Double) -> Bool {
    guard let other else { return true }
    return settings.maximizes ? value > other + delta : value < other - delta
  }
}

/// Early stopping that cannot work.
public enum EarlyStoppingError: Error, Sendable, Hashable, CustomStringConvertible {
  case unknownMetric(String, known: [String])
  case noValidation

  public var description: String {
    switch self {
    case .unknownMetric(let name, let known):
      "early stopping goes by '\(name)', which is none of the metrics it may watch: "
        + known.joined(separator: ", ")
    case .noValidation: "early stopping needs validation rows"
    }
  }
}

extension EarlyStopping {
  /// Looks whether some task has the metric and one of its values is better than another.
  /// - Parameter hasGroups: Whether the validation rows have groups.
  /// - Throws: `EarlyStoppingError` that names all there are.
  public func requireMetric(of tasks: [TaskRecord], hasGroups: Bool) throws {
    let (task, metric) = parts
    let known = tasks.filter { $0.labelColumn != nil }.map { task in
      let metrics = task.kind.metrics.filter {
        $0.better != nil && ($0 != .groupedAUC || hasGroups)
      }
      return (task.name, metrics.map(\.name))
    }
    guard known.contains(where: { (task ?? $0) == $0 && $1.contains(metric) }) else {
      throw EarlyStoppingError.unknownMetric(
        self.metric, known: known.flatMap { name, metrics in metrics.map { "\(name).\($0)" } })
    }
  }
}

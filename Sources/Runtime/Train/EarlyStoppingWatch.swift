import Plan
import Schema

/// Keeps the parameters of the best epoch so far and says when to stop.
struct EarlyStoppingWatch {
  let settings: EarlyStopping
  private(set) var state: EarlyStoppingState

  /// - Parameter state: what it has seen where a run goes on.
  init(_ settings: EarlyStopping, from state: EarlyStoppingState? = nil) {
    self.settings = settings
    self.state = state ?? EarlyStoppingState()
  }

  /// The metric of a validation: the mean over the tasks where it names none. Nil where a task has
  /// no value.
  func value(_ evaluation: Evaluation) -> Double? {
    let (task, metric) = settings.parts
    let entries = evaluation.values(metric, of: task)
    let values = entries.compactMap { $0 }
    guard !values.isEmpty, values.count == entries.count else { return nil }
    return values.reduce(0, +) / Double(values.count)
  }

  /// Whether training should end here.
  var isPatienceSpent: Bool { state.epochsWithout >= settings.patience }

  /// Looks at an evaluation.
  /// - Parameter epoch: The epoch that it follows, or the meta step.
  mutating func look(
    _ evaluation: Evaluation, at epoch: Int, _ engine: any ParameterEngine
  ) throws {
    let value = value(evaluation)
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
  func restore(_ engine: any ParameterEngine) throws {
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
    case .noValidation: "early stopping needs validation data"
    }
  }
}

extension EarlyStopping {
  /// Looks whether some task has the metric and one of its values is better than another.
  /// - Parameter hasGroups: Whether the validation rows have groups.
  /// - Throws: `EarlyStoppingError` that names all there are.
  public func requireMetric(of tasks: [TaskRecord], hasGroups: Bool) throws {
    try require(
      tasks.filter { $0.labelColumn != nil }.flatMap { task -> [(task: String?, metric: String)] in
        task.kind.metrics.filter { $0.better != nil && ($0 != .groupedAUC || hasGroups) }
          .map { (task: task.name, metric: $0.name) }
      })
  }

  /// Looks whether an evaluation on episodes has the metric.
  /// - Throws: `EarlyStoppingError` that names all there are.
  public func requireMetric(of episodes: EpisodeSettings, _ tasks: [TaskRecord]) throws {
    var known: [(task: String?, metric: String)] = [(nil, "loss")]
    if case .images = episodes.kind { known.append((nil, "accuracy")) }
    for task in tasks {
      let metric: Metric = task.kind == .binary ? .auc : .rootMeanSquaredError
      known.append((task.name, metric.name))
    }
    try require(known)
  }

  private func require(_ known: [(task: String?, metric: String)]) throws {
    let (task, metric) = parts
    guard known.contains(where: { (task ?? $0.task) == $0.task && $0.metric == metric }) else {
      throw EarlyStoppingError.unknownMetric(
        self.metric,
        known: known.map { entry in "\(entry.task.map { "\($0)." } ?? "")\(entry.metric)" })
    }
  }
}

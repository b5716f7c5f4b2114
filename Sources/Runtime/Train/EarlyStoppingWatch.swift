import Plan
import Schema

/// Keeps the parameters of the best epoch so far and says when to stop.
struct EarlyStoppingWatch {
  let settings: EarlyStopping
  private(set) var state: WatchProgress

  /// - Parameter state: what it has seen where a run goes on.
  init(_ settings: EarlyStopping, from state: WatchProgress? = nil) {
    self.settings = settings
    self.state = state ?? WatchProgress()
  }

  /// The epoch that is kept; nil as long as the metric had no value.
  var best: BestEpoch? {
    state.best.map { BestEpoch(epoch: $0.epoch, metric: settings.metric, value: $0.value) }
  }

  /// The metric of an evaluation: the mean over the tasks that have a value where it names none. Nil
  /// where no task has one.
  func value(_ report: EvaluationReport) -> Double? {
    let (task, metric) = settings.parts
    if task == nil, let episodes = report.episodes {
      if metric == OutputName.loss { return episodes.loss.value }
      if metric == EpisodeName.accuracy, let accuracy = episodes.accuracy { return accuracy.value }
    }
    return settings.value(of: report.tasks)
  }

  /// Whether training should end here.
  var isPatienceSpent: Bool { state.epochsWithout >= settings.patience }

  /// Looks at an evaluation. One without a value is no reason to stop.
  /// - Parameter epoch: The epoch that it follows, or the meta step.
  mutating func look(
    _ report: EvaluationReport, at epoch: Int, _ engine: any ParameterEngine
  ) throws {
    guard let value = value(report) else { return }
    if isBetter(value, than: state.best?.value, by: 0) {
      state.best = WatchProgress.Best(
        epoch: epoch, value: value, weights: engine.copyParameters())
    }
    if isBetter(value, than: state.reference, by: settings.minDelta) {
      state.reference = value
      state.epochsWithout = 0
    } else {
      state.epochsWithout += 1
    }
  }

  /// Gives the engine the parameters of the best epoch.
  func restore(_ engine: any ParameterEngine) throws {
    if let best = state.best { try engine.restoreParameters(best.weights) }
  }

  private func isBetter(_ value: Double, than other: Double?, by delta: Double) -> Bool {
    guard let other else { return true }
    return settings.maximizes ? value > other + delta : value < other - delta
  }
}

/// Early stopping that cannot work.
package enum EarlyStoppingError: Error, Sendable, Hashable, CustomStringConvertible {
  case unknownMetric(String, known: [String])
  case noValidation

  package var description: String {
    switch self {
    case .unknownMetric(let name, let known):
      "early stopping goes by '\(name)', which is none of the metrics it may watch: "
        + known.joined(separator: ", ")
    case .noValidation: "early stopping needs validation data"
    }
  }
}

extension EarlyStopping {
  /// What it can go by in evaluations on rows.
  /// - Parameter hasGroups: Whether the validation rows have groups.
  package static func metrics(
    of tasks: [TaskRecord], hasGroups: Bool
  ) -> [(task: String?, metric: String)] {
    tasks.filter { $0.labelColumn != nil }.flatMap { task in
      task.kind.metrics.filter { $0.better != nil && ($0 != .groupedAUC || hasGroups) }
        .map { (task: task.name, metric: $0.name) }
    }
  }

  /// What it can go by in evaluations on episodes.
  package static func metrics(
    of episodes: EpisodeSettings, _ tasks: [TaskRecord]
  ) -> [(task: String?, metric: String)] {
    var known: [(task: String?, metric: String)] = [(nil, OutputName.loss)]
    if case .images = episodes.kind { known.append((nil, EpisodeName.accuracy)) }
    return known + tasks.map { ($0.name, $0.kind.episodeMetric.name) }
  }

  /// Looks whether its metric is one of these, and one of its values better than another.
  /// - Throws: `EarlyStoppingError` that names all there are.
  package func requireMetric(of known: [(task: String?, metric: String)]) throws {
    let (task, metric) = parts
    guard known.contains(where: { (task ?? $0.task) == $0.task && $0.metric == metric }) else {
      throw EarlyStoppingError.unknownMetric(
        self.metric,
        known: known.map { entry in "\(entry.task.map { "\($0)." } ?? "")\(entry.metric)" })
    }
  }
}

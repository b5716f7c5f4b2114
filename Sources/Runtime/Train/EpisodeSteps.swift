import Plan
import Schema

/// Steps of the meta optimizer. A run is one epoch of all its episodes.
final class EpisodeSteps: TrainingSteps {
  private let episodeEngine: any EpisodeEngine
  var engine: any ParameterEngine { episodeEngine }
  private let settings: EpisodeSettings
  private let tasks: [TaskRecord]
  private let source: any EpisodeSource
  private let validation: EpisodeTrainer.Validation?
  /// Steps from one report to the next.
  private let interval: Int
  private var episodes = 0..<0
  private var last = MetaStepResult(loss: .nan, accuracy: nil)
  private var sums = (steps: 0, loss: 0.0, accuracy: 0.0)

  init(_ trainer: EpisodeTrainer, _ source: any EpisodeSource) {
    episodeEngine = trainer.engine
    settings = trainer.episodes
    tasks = trainer.tasks
    self.source = source
    validation = trainer.validation
    interval = max(1, settings.steps / 10)
  }

  func cursor(from position: TrainingPosition) -> BatchCursor {
    BatchCursor(
      position, epochs: 1, batchSize: settings.tasksPerStep,
      count: settings.steps * settings.tasksPerStep)
  }

  func load(_ batch: Range<Int>, of cursor: BatchCursor) { episodes = batch }

  func train() throws { last = try episodeEngine.train(source, episodes: episodes) }
  func trainLookingForNonFinite() throws -> String? {
    try episodeEngine.trainLookingForNonFinite(source, episodes: episodes)
  }

  var loss: (value: Float, task: String?) { (Float(last.loss), nil) }

  func addLosses() {
    sums.steps += 1
    sums.loss += last.loss
    sums.accuracy += last.accuracy ?? 0
  }

  func clearLosses() { sums = (0, 0, 0) }

  var means: LossMeans {
    let count = Double(max(1, sums.steps))
    return LossMeans(
      rows: sums.steps * settings.tasksPerStep, loss: sums.loss / count,
      accuracy: last.accuracy.map { _ in sums.accuracy / count })
  }

  func isReportDue(_ step: Int) -> Bool { step % interval == 0 }
  func endEpoch(rows: Int) {}

  func isEvaluationDue(_ step: Int, isEndOfEpoch: Bool) -> Bool {
    guard let validation, settings.evaluationInterval > 0 else { return false }
    // The test data are measured after the last step by whoever asked for the training.
    return isEndOfEpoch
      ? validation.data == .validation : step % settings.evaluationInterval == 0
  }

  func evaluate() throws -> Evaluation {
    guard let validation else { throw EarlyStoppingError.noValidation }
    return .episodes(
      EpisodeEvaluation(
        step: engine.step, data: validation.data,
        metrics: try episodeEngine.measure(validation.set, tasks: tasks)))
  }
}

extension EpisodeEngine {
  /// Adapts to each episode of a set and measures the predictions of its queries.
  /// - Parameter tasks: Of the plan; empty for images.
  public func measure(_ set: EpisodeSet, tasks: [TaskRecord]) throws -> EpisodeMetrics {
    let outputs = try evaluate(set.source, episodes: 0..<set.count)
    return EpisodeMetrics(outputs, tasks: tasks) { set.source.labels(episode: $0) }
  }
}

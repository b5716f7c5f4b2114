import Plan
import Schema

/// Steps of the meta optimizer: step s takes the episodes from s · tasksPerStep on. A run is one epoch
/// of all its episodes.
package final class EpisodeSteps: TrainingSteps {
  /// Episodes to evaluate every `evaluationInterval` steps; validation data after the last step too.
  package typealias Validation = (source: EpisodeSet, set: RowSet)

  package let settings: TrainingSettings
  private let episodeEngine: any EpisodeEngine
  package var engine: any ParameterEngine { episodeEngine }
  package var epochs: Int { 1 }
  private let plan: EpisodeSettings
  private let tasks: [TaskRecord]
  private let source: any EpisodeSource
  private let validation: Validation?
  /// Steps from one report to the next.
  private let interval: Int
  private var episodes = 0..<0
  private var last = MetaStepResult(loss: .nan, accuracy: nil)
  package var sums = LossSums()

  /// - Throws: `EpisodePlanError` when the plan does not learn from episodes.
  package init(
    _ engine: any EpisodeEngine, _ plan: Plan, _ source: any EpisodeSource,
    validation: Validation? = nil
  ) throws {
    guard let episodes = plan.episodes else { throw EpisodePlanError() }
    settings = plan.training
    episodeEngine = engine
    self.plan = episodes
    tasks = plan.tasks
    self.source = source
    self.validation = validation
    interval = max(1, episodes.steps / 10)
  }

  package func cursor(from position: TrainingPosition) -> BatchCursor {
    BatchCursor(
      position, epochs: 1, batchSize: plan.tasksPerStep, count: plan.steps * plan.tasksPerStep)
  }

  package func load(_ batch: Range<Int>, of cursor: BatchCursor) { episodes = batch }

  package func train() throws { last = try episodeEngine.train(source, episodes: episodes) }
  package func trainLookingForNonFinite() throws -> String? {
    try episodeEngine.trainLookingForNonFinite(source, episodes: episodes)
  }

  package func extreme(_ schema: DataSchema) -> ExtremeNumber? {
    let memory = FeedMemory(plan.feeds(schema), rows: 1)
    let layout = schema.feeds
    return episodes.flatMap { episode in
      source.write(episode: episode) { name in
        memory.feeds.firstIndex { $0.name == name }.map { memory.blocks[$0] }
      }
      return zip(memory.feeds, memory.blocks).compactMap { feed, base -> ExtremeNumber? in
        let name = feed.name.split(separator: ".", maxSplits: 1).last.map(String.init) ?? ""
        guard let columns = layout.feed(named: name) else { return nil }
        return ExtremeNumber(columns, base, count: feed.width, columns: columns.width, schema)
      }
    }.max { abs($0.value) < abs($1.value) }
  }

  package var loss: (value: Float, task: String?) { (Float(last.loss), nil) }

  package func addLosses() {
    sums.count += 1
    sums.total += last.loss
    sums.accuracy = last.accuracy.map { (sums.accuracy ?? 0) + $0 }
  }

  package var means: LossMeans {
    LossMeans(
      rows: sums.count * plan.tasksPerStep, loss: sums.mean(sums.total),
      accuracy: sums.accuracy.map(sums.mean))
  }

  package func isReportDue(_ step: Int) -> Bool { step % interval == 0 }
  package func endEpoch(rows: Int) {}

  package var watchedMetrics: [(task: String?, metric: String)] {
    get throws {
      guard validation?.set == .validation, plan.evaluationInterval > 0 else {
        throw EarlyStoppingError.noValidation
      }
      return EarlyStopping.metrics(of: plan, tasks)
    }
  }

  package func isEvaluationDue(_ step: Int, isEndOfEpoch: Bool) -> Bool {
    guard let validation, plan.evaluationInterval > 0 else { return false }
    // The test data are measured after the last step by whoever asked for the training.
    return isEndOfEpoch
      ? validation.set == .validation : step % plan.evaluationInterval == 0
  }

  package func evaluate() throws -> Evaluation {
    guard let validation else { throw EarlyStoppingError.noValidation }
    return try episodeEngine.evaluation(validation, tasks: tasks)
  }
}

extension EpisodeEngine {
  /// Adapts to each episode of a set and measures the predictions of its queries.
  /// - Parameter tasks: Of the plan; empty for images.
  package func measure(_ set: EpisodeSet, tasks: [TaskRecord]) throws -> EvaluationReport {
    let outputs = try evaluate(set.source, episodes: 0..<set.count)
    return EvaluationReport(outputs, tasks: tasks) { set.source.labels(episode: $0) }
  }

  /// The same, with the step that the engine is at.
  package func evaluation(
    _ episodes: EpisodeSteps.Validation, tasks: [TaskRecord]
  ) throws -> Evaluation {
    Evaluation(step: step, on: episodes.set, try measure(episodes.source, tasks: tasks))
  }
}

/// A plan that does not learn from episodes, where one that does is needed.
package struct EpisodePlanError: Error, CustomStringConvertible {
  package init() {}
  package var description: String { "the plan does not learn from episodes" }
}

import Plan
import Schema

/// Trains an engine on episodes.
public final class EpisodeTrainer: TrainingLoop {
  public let engine: any EpisodeEngine
  let episodes: EpisodeSettings
  let tasks: [TaskRecord]
  /// What is evaluated every `evaluationInterval` steps.
  public var validation: Validation?

  /// Episodes to evaluate in between.
  public struct Validation: Sendable {
    public var set: EpisodeSet
    /// Validation data are evaluated after the last step too.
    public var data: EpisodeEvaluation.Data

    public init(_ set: EpisodeSet, of data: EpisodeEvaluation.Data) {
      self.set = set
      self.data = data
    }
  }

  /// - Throws: `EpisodePlanError` when the plan does not learn from episodes.
  public init(engine: any EpisodeEngine, plan: Plan) throws {
    guard let episodes = plan.episodes else { throw EpisodePlanError() }
    self.engine = engine
    self.episodes = episodes
    tasks = plan.tasks
    super.init(plan.training, epochs: 1)
  }

  /// Trains from `position` to the last step; see `Trainer.train`. Step s takes the episodes from
  /// s · tasksPerStep on.
  /// - Throws: `NumericError`, `EarlyStoppingError`, and what the engine throws.
  public func train(
    _ source: any EpisodeSource, from position: TrainingPosition = .start
  ) throws -> TrainingReport {
    let watch = try settings.earlyStopping.map {
      guard validation?.data == .validation, episodes.evaluationInterval > 0 else {
        throw EarlyStoppingError.noValidation
      }
      try $0.requireMetric(of: episodes, tasks)
      return EarlyStoppingWatch($0, from: position.watch)
    }
    return try run(EpisodeSteps(self, source), watch: watch, from: position)
  }
}

/// A plan that does not learn from episodes, where one that does is needed.
public struct EpisodePlanError: Error, Sendable, Hashable, CustomStringConvertible {
  public init() {}
  public var description: String { "the plan does not learn from episodes" }
}

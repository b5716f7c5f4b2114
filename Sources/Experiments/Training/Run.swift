import Data
import Plan
import Runtime
import Schema

/// How a model is run.
public enum Mode: String, Sendable, Hashable, CaseIterable {
  /// Compiled to a plan.
  case `static`
  /// Op by op, slowly; the same bits but for rounding.
  case eager
}

/// A training run that came to its end.
public struct Run {
  public let name: String
  public let mode: Mode
  public let seed: UInt64
  /// The tasks, then the model's further predictions.
  public let tasks: [String]
  /// The epochs with their losses and validations.
  public let training: TrainingReport
  /// Of the test rows; without any, of the validation rows; without those, of the training rows
  /// (nothing of episodes).
  public let metrics: EvaluationReport
  public let evaluatedOn: RowSet
  /// The best possible AUC of the test rows of generated data; empty for other data.
  public let best: [BestAUC]
  /// Meta steps, and the episodes of each, of a model that learns from episodes; nil for rows.
  public let metaSteps: (count: Int, episodes: Int)?
  /// Makes the trained plan: a copy of all weights.
  private let trained: () throws -> Plan

  init(
    _ plan: Plan, _ mode: Mode, _ training: TrainingReport, _ metrics: EvaluationReport,
    on evaluatedOn: RowSet, best: [BestAUC], trained: @escaping () throws -> Plan
  ) {
    name = plan.name
    self.mode = mode
    seed = plan.training.seed
    tasks = plan.tasks.map(\.name)
    self.training = training
    self.metrics = metrics
    self.evaluatedOn = evaluatedOn
    self.best = best
    metaSteps = plan.episodes.map { ($0.steps, $0.tasksPerStep) }
    self.trained = trained
  }

  /// The trained plan; it holds all that predicting and evaluating need.
  public var plan: Plan {
    get throws(ExperimentError) { try ExperimentError.wrap(trained) }
  }
}

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

/// A set of rows of a spec.
public enum RowSet: String, Sendable, Hashable, CaseIterable {
  case training, validation, test
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
  /// Of the test rows; without any, of the validation rows; without those, of the training rows. Of
  /// episodes of rows the query rows after the inner loop; without tasks of episodes of images.
  public let metrics: EvaluationReport
  public let evaluatedOn: RowSet
  /// The best possible AUC of the test rows of generated data; empty for other data.
  public let best: [BestAUC]
  /// Meta steps, and the episodes of each, of a model that learns from episodes; nil for rows.
  public let metaSteps: (count: Int, episodes: Int)?
  /// Makes the trained plan: a copy of all weights.
  private let trained: () throws -> Plan

  init(
    _ plan: Plan, _ mode: Mode, _ outcome: TrainingRun.Outcome, best: [BestAUC] = [],
    trained: @escaping () throws -> Plan
  ) {
    name = plan.name
    self.mode = mode
    seed = plan.training.seed
    tasks = plan.tasks.map(\.name)
    training = outcome.training
    metrics = outcome.evaluation
    evaluatedOn = outcome.evaluatedOn
    self.best = best
    metaSteps = plan.episodes.map { ($0.steps, $0.tasksPerStep) }
    self.trained = trained
  }

  /// A run on episodes.
  init(
    _ plan: Plan, _ mode: Mode, _ report: TrainingReport, best: [BestAUC],
    trained: @escaping () throws -> Plan
  ) {
    let last = report.evaluations.last
    let outcome = TrainingRun.Outcome(
      training: report,
      evaluation: last?.metrics.report ?? EvaluationReport(rows: 0, seconds: 0, tasks: []),
      evaluatedOn: last?.data == .validation ? .validation : .test)
    self.init(plan, mode, outcome, best: best, trained: trained)
  }

  /// What the last evaluation on episodes measured; nil for rows, or without files to evaluate on.
  public var episodes: EpisodeMetrics? { training.evaluations.last?.metrics }

  /// The trained plan; it holds all that predicting and evaluating need.
  public var plan: Plan {
    get throws(ExperimentError) { try ExperimentError.wrap(trained) }
  }
}

extension EpisodeMetrics {
  /// The tasks of rows after the inner loop.
  fileprivate var report: EvaluationReport {
    EvaluationReport(
      rows: tasks.map(\.rows).max() ?? 0, seconds: 0,
      tasks: tasks.map { task in
        TaskMetrics(
          task: task.name, kind: task.isBinary ? .binary : .regression, rows: task.rows,
          entries: [
            .init(
              metric: task.metric,
              value: task.after.map(MetricValue.value)
                ?? .undefined(reason: "the labels are all the same"))
          ])
      })
  }
}

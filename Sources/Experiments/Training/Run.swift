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
  /// As it was compiled.
  private let compiled: Plan
  public let mode: Mode
  /// The epochs with their losses and validations.
  public let training: TrainingReport
  /// Of the test rows; without any, of the validation rows; without those, of the training rows
  /// (nothing of episodes).
  public let metrics: EvaluationReport
  public let evaluatedOn: RowSet
  /// The best possible AUC of the test rows of generated data; empty for other data.
  public let best: [BestAUC]
  /// Makes the trained plan: a copy of all weights.
  private let trained: () throws -> Plan
  /// The rows that were evaluated; nil of episodes.
  let evaluated: (source: any BatchSource, rows: [Int32]?)?
  /// By table, named as its parameter, its rows and how many of them no training row reads.
  let unread: [(parameter: String, rows: Int, unread: Int)]
  /// What the data gave away while it was read.
  let findings: [Finding]
  /// What the training rows showed of each column; nil where the run did not read them as text.
  let profile: DataStatistics?

  init(
    _ plan: Plan, _ mode: Mode, _ training: TrainingReport, _ metrics: EvaluationReport,
    on evaluatedOn: RowSet, _ evaluated: (source: any BatchSource, rows: [Int32]?)? = nil,
    best: [BestAUC], unread: [(parameter: String, rows: Int, unread: Int)] = [],
    findings: [Finding] = [], profile: DataStatistics? = nil,
    trained: @escaping () throws -> Plan
  ) {
    compiled = plan
    self.mode = mode
    self.training = training
    self.metrics = metrics
    self.evaluatedOn = evaluatedOn
    self.best = best
    self.trained = trained
    self.evaluated = evaluated
    self.unread = unread
    self.findings = findings
    self.profile = profile
  }

  public var name: String { compiled.name }
  public var seed: UInt64 { compiled.training.seed }
  /// The tasks, then the model's further predictions.
  public var tasks: [String] { compiled.tasks.map(\.name) }
  /// Episodes of each meta step of a model that learns from episodes; nil for rows.
  public var episodesPerStep: Int? { compiled.episodes?.tasksPerStep }

  /// The trained plan; it holds all that predicting and evaluating need.
  public var plan: Plan {
    get throws(ExperimentError) { try ExperimentError.wrap(trained) }
  }
}

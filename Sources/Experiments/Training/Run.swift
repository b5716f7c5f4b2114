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
  /// Writes it where processes share tables, so that none has it whole; nil for others.
  var writeShared: ((_ path: String) throws -> Int)?
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

  /// Whether each of several processes has a part of the rows of tables, and none the whole plan.
  public var spreadsTables: Bool { writeShared != nil }

  /// Writes the trained plan whole or not at all; `-` is standard output. Where tables are spread over processes,
  /// all of them call it, and the first writes.
  /// - Returns: The bytes of its file; 0 at a process that does not write.
  @discardableResult
  public func writePlan(to path: String) throws(ExperimentError) -> Int {
    guard let writeShared else { return try plan.write(to: path) }
    return try ExperimentError.wrap { try writeShared(path) }
  }

  /// The trained plan; it holds all that predicting and evaluating need. Throws an argument error where tables are
  /// spread over processes.
  public var plan: Plan {
    get throws(ExperimentError) { try ExperimentError.wrap(trained) }
  }
}

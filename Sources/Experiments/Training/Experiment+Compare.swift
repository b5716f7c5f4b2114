import Data
import Passes
import Plan
import Runtime
import Schema

/// What the two modes of a model differ by.
public struct ComparisonReport: Sendable {
  public var name: String
  public var steps: Int
  /// The largest relative difference that is allowed.
  public var tolerance: Double
  public var entries: [ModeComparison.Entry]
  /// Rows within rounding of a kink, replaced by others.
  public var replacedRows: Int
  /// Elements whose gradient is nothing but rounding, given the same value in both modes.
  public var alignedElements: Int
  public var eagerSeconds: Double
  public var staticSeconds: Double
  /// Whether the spec takes products in full precision; the comparison always does.
  public var isExact: Bool

  public var agrees: Bool { entries.allSatisfy { $0.difference <= tolerance } }

  /// The largest difference of each kind: `loss`, `gradient`, `parameter`.
  public var largest: [(kind: String, difference: Double)] {
    ModeComparison.Entry.Kind.allCases.map { kind in
      (
        kind.rawValue,
        entries.filter { $0.kind == kind }.map(\.difference).max() ?? 0
      )
    }
  }
}

extension Experiment {
  /// Trains both modes from the same weights on the same batches and measures the difference of
  /// every loss, gradient and parameter, relative to the largest magnitude of its tensor. Products
  /// are taken in full precision: rounding on purpose would hide errors of the compiler.
  public func compare(
    steps: Int = 20, tolerance: Double = 1e-4, observer: any Observer = .silent
  ) throws(ExperimentError) -> ComparisonReport {
    try ExperimentError.wrap {
      let fitted = try fit(observer)
      try LabelCheck.require(spec, fitted.statistics)
      var plan = try compiler.compile(
        fitted, options: Compiler.Options(includesGradients: true)
      ).plan
      let isExact = plan.training.matmulPrecision == .highest
      plan.training.matmulPrecision = .highest
      let session = try Session(plan: plan, threads: threads)
      session.initialize(seed: plan.training.seed)
      let order = Shuffle(seed: plan.training.seed).permutation(
        epoch: 0, count: fitted.dataset.rowCount)
      let report = try ModeComparison(session: session, model: compiler.eagerModel(fitted)).run(
        fitted.dataset, order: order, steps: steps)
      return ComparisonReport(
        name: plan.name, steps: report.steps, tolerance: tolerance, entries: report.entries,
        replacedRows: report.replacedRows, alignedElements: report.alignedElements,
        eagerSeconds: report.eagerSeconds, staticSeconds: report.staticSeconds, isExact: isExact)
    }
  }
}

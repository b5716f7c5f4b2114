import Data
import ModelDefs
import Plan
import Schema

/// What a look at a spec and its data showed.
public struct CheckReport: Sendable {
  public var name: String
  public var training: DataStatistics
  /// nil without test files.
  public var test: DataStatistics?
  /// The model's weights, and the memory of a session in bytes.
  public var weights: Int
  public var memoryBytes: Int
  public var stepsPerEpoch: Int
  public var findings: [Finding]
}

extension Experiment {
  /// Checks the spec against its data before a long run: types, sizes, labels, leakage, the order of
  /// a funnel, base rates.
  ///
  /// - Parameter rowLimit: Looks at the first rows only.
  /// - Returns: What is possible but seldom meant. What cannot work is thrown.
  public func check(
    rowLimit: Int? = nil, observer: any Observer = .silent
  ) throws(ExperimentError) -> [Finding] {
    try checkReport(rowLimit: rowLimit, observer: observer).findings
  }

  /// As `check`, with what the columns hold.
  public func checkReport(
    rowLimit: Int? = nil, observer: any Observer = .silent
  ) throws(ExperimentError) -> CheckReport {
    try ExperimentError.wrap {
      let fitted = try fit(rowLimit: rowLimit, observer)
      try LabelCheck.require(spec, fitted.statistics)
      let plan = try compiler.compile(fitted).plan
      let test = try testRows(fitted.schema, rowLimit: rowLimit, observer)
      let steps = spec.funnelSteps
      let order = FunnelOrder(fitted.dataset, fitted.schema, steps: steps).contradictions
      let testOrder =
        test.map { FunnelOrder($0.dataset, fitted.schema, steps: steps).contradictions } ?? []
      let training = fitted.statistics
      return CheckReport(
        name: spec.name, training: training, test: test?.statistics,
        weights: plan.parameters.reduce(0) { $0 + $1.rows * $1.columns },
        memoryBytes: plan.memoryBytes,
        stepsPerEpoch: (training.rows + plan.training.batchSize - 1)
          / max(1, plan.training.batchSize),
        findings: Leakage.findings(fitted) + order.map { $0.finding("training rows: ") }
          + testOrder.map { $0.finding("test rows: ") }
          + StatisticsCheck(training, test?.statistics, fitted.schema).findings)
    }
  }
}

import Plan
import Runtime
import Schema
import Testing

@Suite struct MetricsTests {
  /// Every pair of a positive and a negative row, ties half.
  static func pairwise(_ predictions: [Float], _ labels: [Float]) -> Double {
    var (sum, total) = (0.0, 0.0)
    for i in labels.indices where labels[i] == 1 {
      for j in labels.indices where labels[j] == 0 {
        total += 1
        sum += predictions[i] > predictions[j] ? 1 : predictions[i] == predictions[j] ? 0.5 : 0
      }
    }
    return sum / total
  }

  /// Few rows and many are sorted in two ways; some scores are negative.
  @Test(arguments: [(2, 300), (3, 300), (10, 300), (1000, 300), (9, 5000), (4000, 5000)])
  func areaMatchesAllPairs(levels: Int, rows: Int) throws {
    var numbers = TestNumbers(UInt64(levels))
    let labels = (0..<rows).map { _ in Float(numbers.next(below: 2)) }
    let predictions = labels.map { label in
      (Float(numbers.next(below: levels)) + label * 0.3 - 2) / Float(levels)
    }
    let plain = try #require(
      RankedRows(predictions, labels).area.value)
    #expect(abs(plain - Self.pairwise(predictions, labels)) < 1e-12)
  }

  @Test func areaOfKnownOrders() {
    func area(_ p: [Float], _ y: [Float]) -> MetricValue {
      RankedRows(p, y).area
    }
    #expect(area([1, 2, 3, 4], [0, 0, 1, 1]) == .value(1))
    #expect(area([4, 3, 2, 1], [0, 0, 1, 1]) == .value(0))
    #expect(area([1, 1, 1, 1], [0, 1, 0, 1]) == .value(0.5))
    #expect(area([-0.0, 0.0], [0, 1]) == .value(0.5))
    #expect(area([-.infinity, -1, .infinity], [0, 1, 1]) == .value(1))
    #expect(area([1, 2], [1, 1]) == .undefined(reason: "only one class in 2 rows"))
    #expect(area([], []) == .undefined(reason: "no rows with a label"))
    #expect(area([.nan, 2], [0, 1]) == .undefined(reason: "1 predictions are NaN"))
  }

  @Test func binaryMetrics() throws {
    let metrics = TaskMetrics(
      task: "t", kind: .binary, predictions: [0.25, 0.75, 0.6, 1], labels: [0, 1, 0, 0])
    let logLoss = try #require(metrics["log_loss"]?.value)
    // −(ln .75 + ln .75 + ln .4 + ln ε)/4 with ε = 2⁻²³
    #expect(abs(logLoss - (0.28768207 * 2 + 0.91629073 + 15.94238515) / 4) < 1e-6)
    #expect(metrics["accuracy"] == .value(0.5))
    #expect(metrics["base_rate"] == .value(0.25))
    #expect(metrics["mean_prediction"] == .value(0.6500000059604645))
    #expect(metrics["rmse"] == nil)
    #expect(metrics.rows == 4)
  }

  @Test func regressionMetrics() {
    let metrics = TaskMetrics(
      task: "t", kind: .regression, predictions: [1, 2, 3], labels: [1, 4, -1])
    #expect(metrics["mae"] == .value(2))
    #expect(metrics["rmse"] == .value((20.0 / 3).squareRoot()))
    #expect(metrics["mean_label"] == .value(4.0 / 3))
    let none = TaskMetrics(task: "t", kind: .regression, predictions: [], labels: [])
    #expect(none["rmse"] == .undefined(reason: "no rows with a label"))
    #expect(none["rmse"]?.description == "n/a (no rows with a label)")
    let broken = TaskMetrics(task: "t", kind: .regression, predictions: [.nan], labels: [1])
    #expect(broken["mae"] == .undefined(reason: "a prediction is not finite"))
  }

  /// Each metric belongs to a kind of task, and a task of that kind with rows and groups has it.
  @Test func everyDeclaredMetricIsComputed() {
    let kinds: [TaskKind] = [.binary, .multiclass(classes: 2), .regression]
    for kind in kinds {
      let predictions = (0..<4 * kind.width).map { 0.2 + 0.15 * Float($0 % 4) }
      let metrics = TaskMetrics(
        task: "t", kind: kind, predictions: predictions, labels: [0, 1, 1, 0],
        groups: kind == .binary ? [1, 1, 2, 2] : nil)
      #expect(metrics.entries.map(\.metric) == kind.metrics)
      #expect(metrics.entries.allSatisfy { $0.value.value != nil }, "\(metrics.entries)")
      #expect(Set(kind.columns).isSubset(of: kind.metrics))
    }
    #expect(Set(kinds.flatMap(\.metrics)) == Set(Metric.allCases))
    #expect(Metric.allCases.allSatisfy { !$0.name.contains(".") && !$0.title.isEmpty })
  }

  @Test func aProbabilityOfOneHalfSaysNegative() {
    let metrics = TaskMetrics(
      task: "t", kind: .binary, predictions: [0.5, 0.5, 0.5], labels: [1, 0, 0])
    #expect(metrics[.accuracy] == .value(2.0 / 3))
  }

  @Test func calibrationBinsMeetAtFifteenths() throws {
    func error(_ predictions: [Float], _ labels: [Float]) throws -> Double {
      let metrics = TaskMetrics(
        task: "t", kind: .binary, predictions: predictions, labels: labels)
      return try #require(metrics[.calibrationError]?.value)
    }
    // 1 belongs to the last bin: |1.95 − 1| / 2.
    #expect(abs(try error([1, 0.95], [0, 1]) - 0.475) < 1e-6)
    // 1/15 lies between 0.066 and 0.067: (0.066 + 0.933) / 2 over two bins.
    #expect(abs(try error([0.066, 0.067], [0, 1]) - 0.4995) < 1e-6)
    // Within one bin: |0.133 − 1| / 2.
    #expect(abs(try error([0.067, 0.068], [0, 1]) - 0.4325) < 1e-6)
    #expect(abs(try error([0, 0.066], [0, 1]) - 0.467) < 1e-6)
  }
}

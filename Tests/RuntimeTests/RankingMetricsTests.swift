import Plan
import Runtime
import Schema
import Testing

/// What is measured of a binary task besides the area: its interval, precision and recall, groups,
/// calibration; and the metrics of classes.
@Suite struct RankingMetricsTests {
  /// The error of the area from its definition: the components of every row, one by one.
  @Test(arguments: [3, 20, 1000]) func deLongMatchesItsDefinition(levels: Int) throws {
    var numbers = TestNumbers(UInt64(levels))
    let labels = (0..<120).map { _ in Float(numbers.next(below: 3) == 0 ? 1 : 0) }
    let scores = labels.map { Float(numbers.next(below: levels)) + 0.4 * Float(levels) * $0 }
    func wins(_ a: Float, _ b: Float) -> Double { a > b ? 1 : a == b ? 0.5 : 0 }
    let up = labels.indices.filter { labels[$0] == 1 }
    let down = labels.indices.filter { labels[$0] == 0 }
    func variance(_ parts: [Double]) -> Double {
      let mean = parts.reduce(0, +) / Double(parts.count)
      let squares = parts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return squares / Double(parts.count - 1) / Double(parts.count)
    }
    func mean(_ parts: [Double]) -> Double { parts.reduce(0, +) / Double(parts.count) }
    let overPositives = up.map { i in mean(down.map { wins(scores[i], scores[$0]) }) }
    let overNegatives = down.map { j in mean(up.map { wins(scores[$0], scores[j]) }) }
    let error = (variance(overPositives) + variance(overNegatives)).squareRoot()
    let metrics = TaskMetrics(task: "t", kind: .binary, predictions: scores, labels: labels)
    let area = try #require(metrics["auc"]?.value)
    #expect(abs(area - mean(overPositives)) < 1e-12)
    let low = try #require(metrics["auc_low"]?.value)
    let high = try #require(metrics["auc_high"]?.value)
    #expect(abs(low - max(0, area - 1.959963984540054 * error)) < 1e-12)
    #expect(abs(high - min(1, area + 1.959963984540054 * error)) < 1e-12)
  }

  @Test func averagePrecisionOfKnownOrders() {
    func precision(_ p: [Float], _ y: [Float]) -> MetricValue? {
      TaskMetrics(task: "t", kind: .binary, predictions: p, labels: y)["pr_auc"]
    }
    #expect(precision([4, 3, 2, 1], [1, 1, 0, 0]) == .value(1))
    // Positives in places 1 and 3.
    let mean: Double = (1 + 2.0 / 3) / 2
    #expect(precision([4, 3, 2, 1], [1, 0, 1, 0]) == .value(mean))
    // All tied: the base rate.
    #expect(precision([1, 1, 1, 1], [1, 0, 0, 0]) == .value(0.25))
    #expect(precision([1, 2], [0, 0]) == .undefined(reason: "no positive label in 2 rows"))
  }

  @Test func groupsAreRankedOneByOne() throws {
    // Group 1 has area 1 over 3 rows, group 2 area 0 over 2; group 3 has one class; 0 is no group.
    let metrics = TaskMetrics(
      task: "t", kind: .binary, predictions: [0.1, 0.2, 0.9, 0.8, 0.3, 0.5, 0.6, 0.7],
      labels: [0, 0, 1, 0, 1, 1, 1, 0], groups: [1, 1, 1, 2, 2, 3, 3, 0])
    let grouped = try #require(metrics.grouped)
    #expect(grouped.value == .value(0.6) && metrics["gauc"] == .value(0.6))
    #expect(grouped.groups == 2 && grouped.oneClassGroups == 1 && grouped.rowsWithoutGroup == 1)
    let single = GroupedArea(predictions: [1, 2, 3], labels: [1, 1, 1], groups: [7, 7, 9])
    #expect(single.value == .undefined(reason: "each of the 2 groups has one class only"))
    let none = GroupedArea(predictions: [1], labels: [1], groups: [0])
    #expect(none.value == .undefined(reason: "no rows with a group"))
    #expect(
      TaskMetrics(task: "t", kind: .binary, predictions: [1], labels: [1])["gauc"] == nil)
  }

  @Test func calibration() throws {
    let metrics = TaskMetrics(
      task: "t", kind: .binary, predictions: [0.1, 0.1, 0.5, 0.5], labels: [0, 1, 1, 1])
    let ratio = try #require(metrics["calibration"]?.value)
    #expect(abs(ratio - 1.2 / 3) < 1e-7)
    // Two bins: |0.1 − 0.5| and |0.5 − 1|, half of the rows each.
    let error = try #require(metrics["ece"]?.value)
    #expect(abs(error - 0.45) < 1e-7)
    let none = TaskMetrics(task: "t", kind: .binary, predictions: [0.1, 1], labels: [0, 0])
    #expect(none["calibration"] == .undefined(reason: "no positive label"))
    #expect(none["auc_low"] == .undefined(reason: "only one class in 2 rows"))
  }

  @Test func tooFewPositivesHaveNoInterval() {
    let one = TaskMetrics(task: "t", kind: .binary, predictions: [1, 2, 3], labels: [0, 0, 1])
    #expect(one["auc"] == .value(1))
    #expect(one["auc_high"] == .undefined(reason: "fewer than two positive rows"))
  }

  @Test func classMetrics() throws {
    let predictions: [Float] = [0.7, 0.2, 0.1, 0.1, 0.6, 0.3, 0.5, 0.4, 0.1, 0.2, 0.3, 0.5]
    let metrics = TaskMetrics(
      task: "t", kind: .multiclass(classes: 3), predictions: predictions, labels: [0, 1, 1, 0])
    #expect(metrics["accuracy"] == .value(0.5) && metrics["majority"] == .value(0.5))
    let logLoss = try #require(metrics["log_loss"]?.value)
    #expect(abs(logLoss - (0.35667494 + 0.51082562 + 0.91629073 + 1.60943791) / 4) < 1e-6)
    // Class 0 ranks 3 of 4 pairs well, class 1 all four; class 2 has no row.
    #expect(metrics["macro_auc"] == .value(0.875))
    #expect(metrics.rows == 4)
    let none = TaskMetrics(
      task: "t", kind: .multiclass(classes: 2), predictions: [], labels: [])
    #expect(none["accuracy"] == .undefined(reason: "no rows with a label"))
    #expect(none["macro_auc"] == .undefined(reason: "no rows with a label"))
    let broken = TaskMetrics(
      task: "t", kind: .multiclass(classes: 2), predictions: [.nan, 1], labels: [0])
    #expect(broken["log_loss"] == .undefined(reason: "a prediction is not finite"))
  }
}

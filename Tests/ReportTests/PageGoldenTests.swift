import Report
import Schema
import TestSupport
import Testing

/// Pages and pictures as they were when somebody last looked at them.
@Suite struct PageGoldenTests {
  /// The report of `PageTests` with more of all that a page cuts off or leaves out.
  private static let report: ModelReport = {
    var report = PageTests.report
    report.best = [BestAUC(task: report.evaluation.tasks[0].task, auc: 0.87, baseRate: 0.1)]
    var amount = TaskReport(task: "amount", kind: .regression, rows: 99)
    amount.reliability = (0..<5).map {
      .init(rows: 10 + $0, prediction: Double($0) * 1.5, label: Double($0 * $0))
    }
    amount.histogram = ScoreHistogram(
      lowest: -2, highest: 6, positives: [4, 0, 7, 1], negatives: [])
    report.tasks.append(amount)
    var colour = TaskReport(task: "colour", kind: .binary, rows: 61)
    colour.classes = (0..<62).map {
      .init(name: "c\($0)", rows: 1000 + $0, recall: Double($0) / 100, prediction: 0.5)
    }
    report.tasks.append(colour)
    report.slices += (0..<14).map { place in
      RowSlice(
        task: "amount", feature: "town", value: String(repeating: "v", count: 54 + place),
        rows: 2_000 + place, label: 1.25 * Double(place), prediction: Double(place) / 3,
        metric: .rootMeanSquaredError, score: .value(30.5 - Double(place)), deviations: 3)
    }
    report.slices.append(
      RowSlice(
        task: "amount", feature: "left out", value: "x", rows: 60, label: 1, prediction: 2,
        metric: .rootMeanSquaredError, score: .undefined(reason: "none"), deviations: 1))
    report.history?.taskWeights = [
      .init("click", [CurvePoint(1, 1), CurvePoint(2, 0.8)]),
      .init("amount", [CurvePoint(1, 1), CurvePoint(2, 1.2)]),
    ]
    report.history?.conflicts = [
      .init("click and amount", [CurvePoint(1, -0.25), CurvePoint(2, 0.5)])
    ]
    report.gates.append(
      GateReport(
        name: "gates.amount", experts: (0..<17).map { "experts.\($0)" },
        weights: (0..<17).map { Double($0) / 136 }, entropy: 0.93,
        deviations: (0..<17).map { Double($0) / 1000 }))
    report.tables.append(
      TableReport(
        name: "town", rows: 12_000, columns: 16,
        bins: [
          .init(leastCount: 0, ids: 1_000, norm: 0.02), .init(leastCount: 1, ids: 20, norm: 0.25),
          .init(leastCount: 2, ids: 3, norm: 12.5), .init(leastCount: 1024, ids: 1, norm: 150),
        ]))
    report.importance?.entries += (0..<21).map {
      .init(
        // Names of every length, from short ones to some that are cut.
        features: [String(repeating: "n", count: 5 + $0), "g"],
        losses: [.init(mean: 0.001 * Double(21 - $0) - 0.005, error: 0.0005)])
    }
    return report
  }()

  @Test func theReportIsTheKeptPage() throws {
    let html = Self.report.html(version: "1.2", command: "mtlc report out")
    // The style is one of all pages.
    let body = try #require(html.range(of: "<body"))
    let difference = try GoldenText.difference(
      String(html[body.lowerBound...]), from: "Golden/text/report-page.html")
    #expect(difference == nil)
  }

  @Test func theReportOfEpisodesIsTheKeptPage() throws {
    let before = TaskMetrics(
      task: "cold", kind: .binary, rows: 300,
      entries: [.init(metric: .auc, value: .value(0.5125))])
    var after = before
    after.entries = [
      .init(metric: .auc, value: .value(0.75)), .init(metric: .logLoss, value: .value(0.625)),
    ]
    var evaluation = EvaluationReport(rows: 300, seconds: 1, tasks: [after])
    evaluation.episodes = EpisodeMetrics(
      episodes: 1_200, loss: .init(value: 0.5, margin: 0.0125),
      lossBefore: .init(value: 0.7, margin: 0.025), accuracy: .init(value: 0.875, margin: 0.01),
      before: [before])
    let report = ModelReport(
      name: "cold", seed: 3, specText: "{}", weights: 12, set: "test episodes",
      evaluation: evaluation,
      diagram: ModelDiagram(title: "cold", blocks: [.init(.output, "cold")], arrows: []))
    let html = report.html(version: "1.2")
    let body = try #require(html.range(of: "<body"))
    let difference = try GoldenText.difference(
      String(html[body.lowerBound...]), from: "Golden/text/episode-page.html")
    #expect(difference == nil)
  }

  @Test func diagramsAreTheKeptPictures() throws {
    let diagram = ModelDiagram(
      title: "two towers",
      blocks: [
        .init(.input, "numbers", lines: ["5 a row"]),
        .init(.table, "user", lines: ["100 × 8"], weights: 800),
        .init(.layers, "experts × 3", lines: ["13 → 4", "second line"], weights: 12_345),
        .init(.layers, "gate"), .init(.layers, "tower"), .init(.output, "click"),
        .init(.output, "buy"),
      ],
      arrows: [
        .init(0, 2), .init(1, 2), .init(0, 3), .init(1, 3), .init(2, 4), .init(3, 4),
        .init(4, 5), .init(2, 6), .init(1, 5),
      ])
    let text = diagram.svg + "\n" + diagram.dot + "\n"
    let difference = try GoldenText.difference(text, from: "Golden/text/diagram.txt")
    #expect(difference == nil)
  }
}

import Foundation
import Report
import Schema
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The page of a report, as text.
@Suite struct PageTests {
  /// Everything that a report can have, with names that a page must not take as its own.
  static let report: ModelReport = {
    let metrics = TaskMetrics(
      task: "<click> & \"buy\"", kind: .binary, rows: 12_345,
      entries: [
        .init(metric: .auc, value: .value(0.81236)), .init(metric: .aucLow, value: .value(0.80)),
        .init(metric: .aucHigh, value: .value(0.82)),
        .init(metric: .calibration, value: .value(1.25)),
        .init(metric: .groupedAUC, value: .undefined(reason: "no groups")),
      ])
    let amount = TaskMetrics(
      task: "amount", kind: .regression, rows: 99,
      entries: [.init(metric: .rootMeanSquaredError, value: .value(1.5e24))])
    var report = ModelReport(
      name: "shop </title>", seed: 7, specText: "{ \"a\": \"<&>\" }", weights: 1_234_567,
      set: "test rows",
      evaluation: EvaluationReport(rows: 20_000, seconds: 0, tasks: [metrics, amount]),
      diagram: ModelDiagram(
        title: "shop", blocks: [.init(.input, "numbers"), .init(.output, "click")],
        arrows: [.init(0, 1)]))
    report.sampledRows = 500
    var task = TaskReport(task: metrics.task, kind: .binary, rows: 500)
    task.roc = [CurvePoint(0, 0), CurvePoint(0.2, 0.7), CurvePoint(1, 1)]
    task.precisionRecall = [CurvePoint(0, 1), CurvePoint(1, 0.2)]
    task.reliability = [
      .init(rows: 400, prediction: 0.1, label: 0.12), .init(rows: 100, prediction: 0.9, label: 0.7),
    ]
    task.histogram = ScoreHistogram(
      lowest: 0, highest: 1, positives: [1, 2, 0, 9], negatives: [90, 5, 0, 0])
    report.tasks = [task]
    report.slices = [
      RowSlice(
        task: metrics.task, feature: "city", value: "Łódź <b>\u{1}", rows: 77, label: 0.2,
        prediction: 0.4, metric: .auc, score: .value(0.55), deviations: 6)
    ]
    report.history = TrainingHistory(
      unit: "epoch",
      losses: [.init("whole loss", [CurvePoint(1, 0.9), CurvePoint(2, 0.5), CurvePoint(3, 0.4)])],
      taskWeights: [],
      validation: [
        .init(metric: .auc, series: [.init("click", [CurvePoint(1, 0.7), CurvePoint(3, 0.7)])])
      ], best: 2)
    report.gates = [
      GateReport(
        name: "gates.click", experts: ["experts.0", "experts.1"], weights: [0.25, 0.75],
        entropy: 0.81, deviations: [0.1, 0.1])
    ]
    report.experts = [
      ExpertReport(
        name: "experts", experts: ["experts.0", "experts.1"], similarity: [[1, 0.4], [0.4, 1]],
        deadShares: [0, 0.5], omitted: 3)
    ]
    report.tables = [
      TableReport(
        name: "city", rows: 10, columns: 4,
        bins: [.init(leastCount: 0, ids: 3, norm: 0.1), .init(leastCount: 4, ids: 7, norm: 0.9)])
    ]
    report.importance = ImportanceReport(
      rows: 500, repetitions: 3,
      tasks: [.init(name: "click", metric: .auc, value: .value(0.8))],
      entries: [.init(features: ["city"], losses: [.init(mean: 0.0312, error: 0.002)])])
    report.funnel = [
      FunnelStepReport(
        step: "buy", before: "click", rows: 500, inverted: 2, reached: 100, rate: 0.2,
        prediction: 0.21)
    ]
    report.findings = [ReportFinding(.collapsedGate, "gates.click", "look <here>")]
    return report
  }()

  /// The elements of a page, with their attributes and texts.
  private final class Elements: NSObject, XMLParserDelegate {
    var names: [String] = []
    var attributes: [[String: String]] = []
    var text = ""
    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      names.append(name)
      self.attributes.append(attributes)
    }
    func parser(_ parser: XMLParser, foundCharacters text: String) { self.text += text }
  }

  private func elements(_ html: String) throws -> Elements {
    let parser = XMLParser(data: Data(html.utf8))
    let elements = Elements()
    parser.delegate = elements
    try #require(parser.parse(), "\(String(describing: parser.parserError))")
    return elements
  }

  @Test func isWellFormedAndWhole() throws {
    let html = Self.report.html(version: "1.2", command: "mtlc report out & more")
    let page = try elements(html)
    for text in [
      "shop </title>", "look <here>", "0.8124", "12,345", "25.0 % too high", "1.5e24",
      "Łódź <b>\u{FFFD}", "75.0 %", "0.0312", "mtlc 1.2, seed 7",
      "1,234,567 weights", "500 rows, evenly", "mtlc report out & more", "{ \"a\": \"<&>\" }",
      "buy after click", "whose parameters were kept", "the first 2",
    ] { #expect(page.text.contains(text), "\(text)") }
    // One of each chart, and a text for each.
    let charts = page.attributes.filter { $0["class"] == "chart" }
    #expect(charts.count == 10)
    let mute = charts.filter { ($0["aria-label"] ?? "").isEmpty || $0["role"] != "img" }
    #expect(mute.isEmpty)
  }

  @Test func needsNothingElse() throws {
    let html = Self.report.html(version: "1.2")
    let page = try elements(html)
    let others = page.names.filter { ["script", "link", "img", "iframe", "object"].contains($0) }
    #expect(others.isEmpty)
    let addresses = page.attributes.filter { $0["src"] != nil || $0["href"] != nil }
    #expect(addresses.isEmpty)
    #expect(!html.contains("url(http") && !html.contains("@import"))
    // What the charts name has a style.
    for style in ["grid", "axis", "guide", "whisker", "cell"] {
      #expect(html.contains(".\(style) {"))
    }
  }

  @Test func chartsStayInTheirPictures() throws {
    let html = Self.report.html(version: "1.2")
    let page = try elements(html)
    var size = (0.0, 0.0)
    for (name, attributes) in zip(page.names, page.attributes) {
      func number(_ key: String) -> Double { Double(attributes[key] ?? "0") ?? -1 }
      if name == "svg" { size = (number("width"), number("height")) }
      if ["rect", "text", "circle"].contains(name), attributes["width"] != "100%" {
        let x = attributes["cx"] == nil ? number("x") : number("cx")
        let y = attributes["cy"] == nil ? number("y") : number("cy")
        #expect(x >= 0 && y >= 0 && x + max(0, number("width")) <= size.0 + 0.1)
        #expect(y + max(0, number("height")) <= size.1 + 0.1)
      }
    }
  }

  @Test func emptyReportIsAPageToo() throws {
    let report = ModelReport(
      name: "x", seed: 1, specText: "", weights: 0, set: "test episodes",
      evaluation: EvaluationReport(rows: 0, seconds: 0, tasks: []),
      diagram: ModelDiagram(title: "x", blocks: [], arrows: []))
    let page = try elements(report.html(version: "1"))
    #expect(page.text.contains("Nothing in the model or its data stands out."))
  }

  /// However wide its marks, they leave the vertical axis room for its title.
  @Test(arguments: [1.0, 9_000, 400_000]) func marksLeaveRoomForTheTitle(most: Double) throws {
    let axis = Axis([-most, most])
    let frame = ChartFrame(x: axis, y: axis, xTitle: "x", yTitle: "mean label", summary: "s")
    let ends = frame.svg.matches(of: #/text-anchor="end" x="([0-9.]+)"/#).compactMap {
      Double($0.1)
    }
    // Digits of 11 pixels are 6.8 wide at the most; the title's line ends at 15.
    let widest = axis.ticks.map { Double(axis.text($0).count) * 6.8 }.max() ?? 0
    #expect(try #require(ends.min()) - widest > 16)
  }

  @Test func marksAreRoundAndApart() {
    for (values, expected) in [
      ([0.0, 1.0], ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
      ([1.0, 4.0], ["1", "2", "3", "4"]),
      ([0.123, 0.125], ["0.1230", "0.1235", "0.1240", "0.1245", "0.1250"]),
      ([-50.0, 40.0], ["−60", "−40", "−20", "0", "20", "40"]),
    ] {
      let axis = Axis(values)
      #expect(axis.ticks.map(axis.text) == expected)
    }
    #expect(Axis([]).ticks.count > 1 && Axis([5, 5]).ticks.count > 1)
    // Epochs are whole.
    let epochs = Axis([2, 4], leastStep: 1)
    #expect(epochs.ticks.map(epochs.text) == ["2", "3", "4"])
    #expect(Axis([4], leastStep: 1).ticks == [3, 4, 5])
    let broken = Axis([.nan, .infinity, 2]).ticks.filter { !$0.isFinite }
    #expect(broken.isEmpty)
  }

  @Test func numbersAreShort() {
    #expect(NumberText.fixed(-0.04, 1) == "0.0" && NumberText.fixed(-1.26, 1) == "−1.3")
    #expect(NumberText.fixed(2.0006, 3) == "2.001" && NumberText.fixed(12, 0) == "12")
    #expect(NumberText.short(1_234) == "1.2k" && NumberText.short(0.00012) == "1.2e-4")
    #expect(NumberText.short(0) == "0" && NumberText.percent(0.2347) == "23.5 %")
    #expect(NumberText.fixed(.nan, 2) == "nan" && NumberText.short(3e30) == "3.0e30")
  }
}

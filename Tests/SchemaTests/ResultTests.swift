import Schema
import Testing

/// Values that reports are made of.
@Suite struct ResultTests {
  @Test func ratesAreOfTheirOwnQuantity() {
    var profile = InstructionProfile(
      index: 0, name: "matmul", label: "", level: 0, tiles: 1, nanoseconds: 20, flops: 600,
      bytes: 100)
    #expect(profile.gigaflopsPerSecond == 30 && profile.gigabytesPerSecond == 5)
    profile.nanoseconds = 0
    #expect(profile.gigaflopsPerSecond == 0 && profile.gigabytesPerSecond == 0)
  }

  /// Of nothing there is no share.
  @Test func sharesAreOfAllCells() {
    func feature(_ values: Int, _ missing: Int, _ unknown: Int) -> FeatureStatistics {
      FeatureStatistics(
        name: "a", column: "a", values: values, missing: missing, outOfVocabulary: unknown,
        cardinality: nil)
    }
    #expect(feature(8, 2, 4).outOfVocabularyShare == 0.5)
    #expect(feature(8, 2, 4).missingShare == 0.25)
    #expect(feature(0, 0, 0).outOfVocabularyShare == 0)
    #expect(feature(0, 0, 0).missingShare == 0)
  }

  /// The cosines of a pair of tasks are one series, in the order of epochs.
  @Test func conflictsAreASeriesForEachPair() {
    func pair(_ first: String, _ second: String, _ cosine: Double) -> TaskCosines.Pair {
      .init(first: first, second: second, cosine: cosine)
    }
    var report = TrainingReport(epochs: [], isStopped: false)
    report.conflicts = [
      TaskCosines(epoch: 1, pairs: [pair("a", "b", 0.5), pair("a", "c", -0.5)]),
      TaskCosines(epoch: 3, pairs: [pair("a", "c", 0.125), pair("a", "b", -0.25)]),
    ]
    let series = TrainingHistory.conflicts(report)
    #expect(series.map(\.name) == ["a and b", "a and c"])
    #expect(
      series.map(\.points) == [
        [CurvePoint(1, 0.5), CurvePoint(3, -0.25)], [CurvePoint(1, -0.5), CurvePoint(3, 0.125)],
      ])
  }

  @Test func bothModesMustBeWithinTheirBounds() {
    var report = ComparisonReport(
      steps: 1,
      entries: [
        .init(kind: .loss, name: "a", eager: 1e-7, compiled: 5e-8, bound: 1e-6, step: 1),
        .init(kind: .gradient, name: "b", eager: 1e-5, compiled: 3e-5, bound: 4e-5, step: 1),
        .init(kind: .gradient, name: "c", eager: 2e-5, compiled: 1e-5, bound: 2.1e-5, step: 1),
      ], timedSteps: 1, eagerSeconds: 1, staticSeconds: 1)
    #expect(report.agrees())
    // Nearest to its own bound, and by one limit for all.
    #expect(report.worst(.gradient)?.name == "c" && report.worst(.gradient, 1e-4)?.name == "b")
    #expect(report.worst(.parameter) == nil && report.worst(.loss)?.distance == 1e-7)
    #expect(report.agrees(within: 3e-5) && !report.agrees(within: 2.9e-5))
    report.entries[1].compiled = 4.1e-5
    #expect(!report.agrees())
    report.entries[1].compiled = 3e-5
    report.entries[2].eager = 2.2e-5
    #expect(!report.agrees())
    report.entries[2].eager = 2e-5
    var choices = ComparisonReport.Choices()
    (choices.count, choices.differing, choices.farthest) = (5, 2, 1e-3)
    report.choices = choices
    #expect(!report.agrees() && !report.agrees(within: 3e-5) && report.agrees(within: 1e-3))
    report.choices?.farthest = 4e-5
    #expect(report.agrees())
    choices.add(choices)
    #expect((choices.count, choices.differing, choices.farthest) == (10, 4, 1e-3))
  }

  @Test func aSchemaWithoutLabelsHasNoFeedOfThem() {
    let schema = DataSchema(
      format: TableFormat(),
      features: [FeatureSchema(name: "age", column: "age", encoder: .numeric(Normalizer()))],
      labels: [])
    #expect(schema.feeds.feeds.map(\.name) == ["numeric"])
  }
}

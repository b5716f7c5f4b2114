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

  @Test func theLargestDifferenceIsThatOfItsKind() {
    var report = ComparisonReport(
      steps: 1,
      entries: [
        .init(kind: .loss, name: "a", difference: 1e-7, step: 1),
        .init(kind: .gradient, name: "b", difference: 3e-5, step: 1),
        .init(kind: .gradient, name: "c", difference: 2e-5, step: 1),
      ], timedSteps: 1, eagerSeconds: 1, staticSeconds: 1)
    #expect(report.largest(.loss) == 1e-7 && report.largest(.gradient) == 3e-5)
    #expect(report.largest(.parameter) == 0 && report.largest == 3e-5)
    #expect(report.agrees(within: 3e-5) && !report.agrees(within: 2.9e-5))
    var choices = ComparisonReport.Choices()
    (choices.count, choices.differing, choices.farthest) = (5, 2, 1e-3)
    report.choices = choices
    #expect(!report.agrees(within: 3e-5) && report.agrees(within: 1e-3))
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

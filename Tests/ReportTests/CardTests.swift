import Foundation
import Report
import Schema
import TestSupport
import Testing

/// The model card, as text.
@Suite struct CardTests {
  /// The report of `PageTests` with what a card tells beside it.
  private static let report: ModelReport = {
    var report = PageTests.report
    let schema = DataSchema(
      format: TableFormat(),
      features: [
        FeatureSchema(name: "city", column: "city|name", encoder: .id(.vocabulary(["a", "b"]))),
        FeatureSchema(name: "both", column: "", encoder: .cross(["city", "age"], buckets: 9)),
        FeatureSchema(name: "age", column: "age", encoder: .numeric(Normalizer(logarithm: true))),
        FeatureSchema(name: "hour", column: "hour", encoder: .id(.identity(count: 24))),
        FeatureSchema(
          name: "seen", column: "seen",
          encoder: .sequence(.hash(buckets: 5), SequenceLayout(separator: 44, maxLength: 3))),
      ],
      labels: [
        LabelSchema(task: "<click> & \"buy\"", column: "action", kind: .positives(["yes", "*"]))
      ])
    let training = TrainingSettings(
      batchSize: 256, evaluationBatchSize: 1024, epochs: 4, seed: 7,
      optimizer: Optimizer(kind: .adam, learningRate: 0.001),
      trainPaths: ["/home/someone/train.csv"], validationFraction: 0.2)
    report.origin = ModelOrigin(schema: schema, training: training)
    report.set = "/home/someone/test.csv"
    report.specText = #"{"name":"shop","tasks":[{"name":"a, \"b\": [c]"}],"model":{"type":"mmoe"}}"#
    return report
  }()

  /// `MTLC_UPDATE_GOLDEN=1` writes the file anew.
  @Test func isTheKeptText() throws {
    let card = Self.report.card(version: "1.2", command: "mtlc card out")
    let difference = try GoldenText.difference(card, from: "Golden/text/card.txt")
    #expect(difference == nil)
  }

  @Test func namesAreNoMarkup() {
    let card = Self.report.card(version: "1.2", command: "mtlc card out")
    #expect(card.hasPrefix("# shop \\</title\\>\n"))
    #expect(!card.contains("<click>") && !card.contains("<b>") && !card.contains("city|name"))
    // Every line of a table has as many cells as its head.
    let cells = card.replacingOccurrences(of: "\\|", with: "").split(separator: "\n")
      .map { line in line.hasPrefix("|") ? line.count { $0 == "|" } : 0 }
    for (line, next) in zip(cells, cells.dropFirst()) where line > 0 && next > 0 {
      #expect(line == next)
    }
    // Folders of the machine that trained are nobody's business.
    #expect(card.contains("train.csv") && card.contains("(test.csv)") && !card.contains("someone"))
  }

  @Test func aBlockIsNotLeftEarly() {
    var report = Self.report
    report.specText = #"{"name":"a ```` b"}"#
    let card = report.card(version: "1.2", command: "mtlc card out")
    #expect(card.contains("`````json\n{\n  \"name\": \"a ```` b\"\n}\n`````\n"))
  }

  /// Text that is no JSON comes from a damaged plan.
  @Test func brokenSpecsAreShownAsTheyAre() {
    var report = Self.report
    for text in ["}}}]", "{{{[", "\"", ""] {
      report.specText = text
      #expect(report.card(version: "1", command: "").contains("## Reproduction"))
    }
  }
}

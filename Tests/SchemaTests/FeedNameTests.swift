import Schema
import Testing

/// What a column of a feed is called where it holds a number that is too large.
@Suite struct FeedNameTests {
  private let schema = DataSchema(
    format: TableFormat(),
    features: [
      FeatureSchema(name: "city", column: "city", encoder: .id(.vocabulary(["a", "b"]))),
      FeatureSchema(name: "age", column: "years", encoder: .numeric(Normalizer())),
      FeatureSchema(
        name: "image", column: "image",
        encoder: .vector(VectorLayout(separator: 32, dim: 3))),
      FeatureSchema(name: "income", column: "income", encoder: .numeric(Normalizer())),
      FeatureSchema(
        name: "seen", column: "history",
        encoder: .sequence(
          .hash(buckets: 10), SequenceLayout(separator: 124, maxLength: 5, weighted: true))),
    ],
    labels: [
      LabelSchema(task: "click", column: "clicked", kind: .binary),
      LabelSchema(task: "spend", column: "amount", kind: .number),
    ],
    sampleWeightColumn: "weight")

  private func text(_ feed: String, _ column: Int) -> String {
    schema.numbers(ofFeed: feed, column: column).map { "\($0.name): \($0.remedy)" } ?? "nothing"
  }

  @Test func numbersAreNamedByTheirFeature() {
    let vector =
      "the feature \"image\": look for outliers of the feature \"image\", or scale it"
    func plain(_ name: String) -> String {
      "the feature \"\(name)\": look for outliers of the feature \"\(name)\","
        + " or give it a normalizer (\"zscore\", \"log\")"
    }
    #expect(
      (0..<6).map { text("numeric", $0) }
        == [plain("age"), vector, vector, vector, plain("income"), "nothing"])
  }

  @Test func labelsAreNamedByTheirTask() {
    #expect(
      (0..<3).map { text("labels", $0) } == [
        "the label of the task \"click\": scale the label of the task \"click\"",
        "the label of the task \"spend\": scale the label of the task \"spend\"", "nothing",
      ])
    #expect(text("labels", -1) == "nothing")
  }

  @Test func weightsAreNamed() {
    #expect(
      text("sample_weight", 0) == "the sample weight: scale the column of data.sample_weight")
    #expect(
      text("weights.seen", 3)
        == "the weights of the feature \"seen\": scale the weights of the feature \"seen\"")

    #expect(text("ids", 0) == "nothing")
    #expect(text("ids.seen", 0) == "nothing")
    #expect(text("label_mask", 0) == "nothing")
  }
}

import Schema
import Testing

@Suite struct FeedLayoutTests {
  private let schema = DataSchema(
    format: TableFormat(),
    features: [
      FeatureSchema(name: "age", column: "age", encoder: .numeric(Normalizer())),
      FeatureSchema(name: "city", column: "city", encoder: .id(.vocabulary(["a", "b"]))),
      FeatureSchema(
        name: "seen", column: "history",
        encoder: .sequence(
          .hash(buckets: 10), SequenceLayout(separator: 124, maxLength: 5, weighted: true))),
      FeatureSchema(name: "price", column: "price", encoder: .bucketized(boundaries: [1, 2])),
      FeatureSchema(name: "income", column: "income", encoder: .numeric(Normalizer())),
    ],
    labels: [LabelSchema(task: "click", column: "click", kind: .binary)],
    sampleWeightColumn: "weight")

  @Test func feedsHoldEveryFeatureInOrder() {
    let layout = schema.feeds
    #expect(
      layout.feeds.map(\.name) == [
        "numeric", "ids", "ids.seen", "weights.seen", "labels", "label_mask", "sample_weight",
      ])
    #expect(layout.feeds.map(\.width) == [2, 2, 5, 5, 1, 1, 1])
    #expect(
      layout.feeds.map(\.isInteger) == [false, true, true, false, false, false, false])
    #expect(
      layout.slots == [
        .numeric(0), .id(0), .sequence(length: 5, weighted: true), .id(1), .numeric(1),
      ])
    #expect(layout.feed(named: "ids.seen")?.width == 5)
    #expect(layout.feed(named: "absent") == nil)
  }

  @Test func cardinalityCountsTheOutOfVocabularyRow() {
    #expect(schema.features.map(\.cardinality) == [nil, 3, 11, 4, nil])
    #expect(IdEncoding.identity(count: 7).cardinality == 8)
  }

  @Test func feedsOfNothingAreAbsent() {
    let empty = DataSchema(format: TableFormat(), features: [], labels: [])
    #expect(empty.feeds.feeds.isEmpty)
  }
}

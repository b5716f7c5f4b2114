import Experiments
import Schema

/// What the columns of the training rows hold, beside those of the test rows.
struct StatisticsReport {
  let training: DataStatistics
  let test: DataStatistics?

  var text: String {
    var text = "\(Format.count(training.rows)) training rows, \(Format.bytes(training.bytes))"
    if let test { text += "; \(Format.count(test.rows)) test rows, \(Format.bytes(test.bytes))" }
    var labels = Table(
      ["task", "label column", "labels", "missing", "mean", "test mean"], left: [1])
    for (index, label) in training.labels.enumerated() {
      labels.rows.append([
        label.task, label.column, Format.count(label.present), Format.count(label.missing),
        number(label.mean), number(test?.labels[index].mean),
      ])
    }
    var features = Table(
      [
        "feature", "column", "values", "missing", "distinct", "ids", "unknown", "unknown in test",
        "least", "mean", "most", "deviation",
      ], left: [1])
    for (index, feature) in training.features.enumerated() {
      let isId = feature.cardinality != nil
      features.rows.append([
        feature.name, feature.column, Format.count(feature.values),
        Format.percent(feature.missingShare), feature.distinct.map(Format.count) ?? "",
        feature.cardinality.map(Format.count) ?? "",
        isId ? Format.percent(feature.outOfVocabularyShare) : "",
        isId ? test.map { Format.percent($0.features[index].outOfVocabularyShare) } ?? "" : "",
        number(feature.minimum), number(feature.mean), number(feature.maximum),
        number(feature.deviation),
      ])
    }
    return text + "\n\n" + labels.text + "\n" + features.text
  }

  private func number(_ value: Double?) -> String { value.map(Format.plain) ?? "" }

  var json: JSON {
    .object([
      ("training", Self.json(training)), ("test", test.map(Self.json) ?? .null),
    ])
  }

  private static func json(_ statistics: DataStatistics) -> JSON {
    .object([
      ("rows", .integer(statistics.rows)), ("bytes", .integer(statistics.bytes)),
      (
        "labels",
        .array(
          statistics.labels.map { label in
            .object([
              ("task", .string(label.task)), ("column", .string(label.column)),
              ("labels", .integer(label.present)), ("missing", .integer(label.missing)),
              ("mean", .optional(label.mean)), ("minimum", .optional(label.minimum)),
              ("maximum", .optional(label.maximum)),
            ])
          })
      ),
      (
        "features",
        .array(
          statistics.features.map { feature in
            .object([
              ("name", .string(feature.name)), ("column", .string(feature.column)),
              ("values", .integer(feature.values)),
              ("missing_share", .number(feature.missingShare)),
              ("distinct", feature.distinct.map { .integer($0) } ?? .null),
              ("cardinality", feature.cardinality.map { .integer($0) } ?? .null),
              ("out_of_vocabulary_share", .number(feature.outOfVocabularyShare)),
              ("minimum", .optional(feature.minimum)), ("maximum", .optional(feature.maximum)),
              ("mean", .optional(feature.mean)), ("deviation", .optional(feature.deviation)),
            ])
          })
      ),
    ])
  }
}

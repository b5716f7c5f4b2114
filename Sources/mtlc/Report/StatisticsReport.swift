import Experiments
import Schema

/// What the columns of the training rows hold, beside those of the test rows.
enum StatisticsReport {
  static func text(_ training: DataStatistics, test: DataStatistics?) -> String {
    var text = "\(Format.count(training.rows)) training rows, \(Format.bytes(training.bytes))"
    if let test { text += "; \(Format.count(test.rows)) test rows, \(Format.bytes(test.bytes))" }
    let labels = Table(
      ["task", "label column", "labels", "missing", "mean", "test mean"], left: [1],
      Array(training.labels.enumerated())
    ) { index, label in
      [
        label.task, label.column, Format.count(label.present), Format.count(label.missing),
        number(label.mean), number(test?.labels[index].mean),
      ]
    }
    let features = Table(
      [
        "feature", "column", "values", "missing", "distinct", "ids", "unknown", "unknown in test",
        "least", "mean", "most", "deviation",
      ], left: [1], Array(training.features.enumerated())
    ) { index, feature in
      let isId = feature.cardinality != nil
      return [
        feature.name, feature.column, Format.count(feature.values),
        Format.percent(feature.missingShare), feature.distinct.map(Format.count) ?? "",
        feature.cardinality.map(Format.count) ?? "",
        isId ? Format.percent(feature.outOfVocabularyShare) : "",
        isId ? test.map { Format.percent($0.features[index].outOfVocabularyShare) } ?? "" : "",
        number(feature.minimum), number(feature.mean), number(feature.maximum),
        number(feature.deviation),
      ]
    }
    for (index, join) in training.joins.enumerated() {
      text += "\n" + joined(join, "training")
      if let test { text += "; " + joined(test.joins[index], "test") }
    }
    return text + "\n\n" + labels.text + "\n" + features.text
  }

  private static func joined(_ join: JoinStatistics, _ set: String) -> String {
    "\(join.column) found in \(join.file) for \(Format.percent(1 - join.unmatchedShare)) of the \(set)"
      + " rows"
  }

  private static func number(_ value: Double?) -> String { value.map(Format.plain) ?? "" }

  static func json(_ training: DataStatistics, test: DataStatistics?) -> JSON {
    ["training": json(training), "test": test.map(json)]
  }

  private static func json(_ statistics: DataStatistics) -> JSON {
    let labels: [JSON] = statistics.labels.map {
      [
        "task": $0.task, "column": $0.column, "labels": $0.present, "missing": $0.missing,
        "mean": $0.mean, "minimum": $0.minimum, "maximum": $0.maximum,
      ]
    }
    let features: [JSON] = statistics.features.map {
      [
        "name": $0.name, "column": $0.column, "values": $0.values,
        "missing_share": $0.missingShare, "distinct": $0.distinct,
        "cardinality": $0.cardinality, "out_of_vocabulary_share": $0.outOfVocabularyShare,
        "minimum": $0.minimum, "maximum": $0.maximum, "mean": $0.mean, "deviation": $0.deviation,
      ]
    }
    let joins: [JSON] = statistics.joins.map {
      ["file": $0.file, "column": $0.column, "rows": $0.rows, "unmatched": $0.unmatched]
    }
    return [
      "joins": joins, "rows": statistics.rows, "bytes": statistics.bytes, "labels": labels,
      "features": features,
    ]
  }
}

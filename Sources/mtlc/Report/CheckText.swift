import Experiments
import Schema

/// What `mtlc check` found.
enum CheckText {
  static func text(_ report: CheckReport) -> String {
    let (training, test) = (report.training, report.test)
    var text = "\(report.name): \(Format.count(training.rows)) training rows"
    text += test.map { ", \(Format.count($0.rows)) test rows\n\n" } ?? "\n\n"
    var tasks = Table(
      ["task", "label column", "labels", "missing", "base rate or mean"], left: [1])
    for label in training.labels {
      tasks.rows.append([
        label.task, label.column, Format.count(label.present), Format.count(label.missing),
        label.mean.map { Format.fixed($0, 4) } ?? "n/a",
      ])
    }
    text += tasks.text + "\n"
    var features = Table(
      ["feature", "column", "missing", "table rows", "unknown in test", "range"], left: [1, 5])
    for (index, feature) in training.features.enumerated() {
      var range = ""
      if let low = feature.minimum, let high = feature.maximum {
        range = "\(Format.plain(low)) … \(Format.plain(high))"
      }
      let unknown = feature.cardinality == nil ? nil : test?.features[index].outOfVocabularyShare
      features.rows.append([
        feature.name, feature.column, Format.percent(feature.missingShare),
        feature.cardinality.map(Format.count) ?? "", unknown.map(Format.percent) ?? "", range,
      ])
    }
    text += features.text + "\n"
    text +=
      "\(Format.count(report.weights)) weights; \(Format.bytes(report.memoryBytes)) of memory beside "
    text += "the data; \(report.stepsPerEpoch) steps an epoch\n"
    text += report.findings.isEmpty ? "no findings\n" : "\n"
    for finding in report.findings { text += "finding: \(finding)\n" }
    return text
  }

  static func json(_ report: CheckReport) -> JSON {
    let (training, test) = (report.training, report.test)
    return .object([
      ("name", .string(report.name)), ("training_rows", .integer(training.rows)),
      ("test_rows", test.map { .integer($0.rows) } ?? .null),
      (
        "tasks",
        .object(
          training.labels.map { label in
            (
              label.task,
              .object([
                ("column", .string(label.column)), ("labels", .integer(label.present)),
                ("missing", .integer(label.missing)), ("mean", .optional(label.mean)),
              ])
            )
          })
      ),
      (
        "features",
        .object(
          training.features.map { feature in
            (
              feature.name,
              .object([
                ("column", .string(feature.column)),
                ("missing_share", .number(feature.missingShare)),
                ("cut_rows", .integer(feature.cutRows)),
                ("cardinality", feature.cardinality.map { .integer($0) } ?? .null),
                ("minimum", .optional(feature.minimum)), ("maximum", .optional(feature.maximum)),
                ("mean", .optional(feature.mean)), ("deviation", .optional(feature.deviation)),
              ])
            )
          })
      ),
      ("weights", .integer(report.weights)), ("memory_bytes", .integer(report.memoryBytes)),
      ("findings", .strings(report.findings.map(\.message))),
    ])
  }
}

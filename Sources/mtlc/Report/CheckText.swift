import Experiments
import Schema

/// What `mtlc check` found.
enum CheckText {
  static func text(_ report: CheckReport) -> String {
    var text = ""
    text += rows(report)
    for array in report.images {
      text +=
        "\(array.file): \(Format.count(array.classes)) classes of \(array.examples) images of "
      text += "\(array.height)×\(array.width)\n"
    }
    text +=
      "\(Format.count(report.weights)) weights; \(Format.bytes(report.memoryBytes)) of memory beside "
    text +=
      "the data; \(report.stepsPerEpoch) \(report.learnsFromEpisodes ? "meta steps" : "steps an epoch")\n"
    text += report.findings.isEmpty ? "no findings\n" : "\n"
    for finding in report.findings { text += "finding: \(finding)\n" }
    return text
  }

  private static func rows(_ report: CheckReport) -> String {
    guard let training = report.training else { return "" }
    let test = report.test
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
    return text + features.text + "\n"
  }

  static func json(_ report: CheckReport) -> JSON {
    let model: [(String, JSON)] = [
      ("weights", .integer(report.weights)), ("memory_bytes", .integer(report.memoryBytes)),
      ("findings", .strings(report.findings.map(\.message))),
    ]
    guard let training = report.training else {
      let images = report.images.map { array in
        JSON.object([
          ("file", .string(array.file)), ("classes", .integer(array.classes)),
          ("examples", .integer(array.examples)), ("height", .integer(array.height)),
          ("width", .integer(array.width)),
        ])
      }
      return .object([("name", .string(report.name)), ("images", .array(images))] + model)
    }
    return .object(
      [
        ("name", .string(report.name)), ("training_rows", .integer(training.rows)),
        ("test_rows", report.test.map { .integer($0.rows) } ?? .null),
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
      ] + model)
  }
}

import Experiments
import Schema

/// What `mtlc check` found.
enum CheckText {
  static func text(_ report: CheckReport) -> String {
    var text = rows(report)
    for images in report.images {
      text += "\(images.file): \(Format.count(images.classes)) classes of \(images.examples) images"
      text += " of \(images.height)×\(images.width)\n"
    }
    let data = report.rowBytes > 0 ? "\(Format.bytes(report.rowBytes)) for the rows" : "the data"
    text +=
      "\(Format.count(report.weights)) weights; \(Format.bytes(report.memoryBytes)) of memory beside "
    text +=
      "\(data); \(Format.count(report.stepsPerEpoch, report.learnsFromEpisodes ? "meta step" : "step"))"
    text += report.learnsFromEpisodes ? "\n" : " an epoch\n"
    if let batches = report.microBatches {
      text +=
        "\(batches.count) micro-batches a step, of at most \(Format.count(batches.rows, "row"))"
      text += " in an arena of \(Format.bytes(batches.arenaBytes))\n"
    }
    text += report.findings.isEmpty ? "no findings\n" : "\n"
    for finding in report.findings.prefix(MessageText.mostFindings) {
      text += "finding: \(MessageText.message(finding.message))\n"
    }
    let more = report.findings.count - MessageText.mostFindings
    if more > 0 { text += "… and \(more) more, \(report.findings.count) findings in all\n" }
    return text
  }

  private static func rows(_ report: CheckReport) -> String {
    guard let training = report.training else { return "" }
    let test = report.test
    var text = "\(report.name): \(Format.count(training.rows)) training rows"
    text += test.map { ", \(Format.count($0.rows)) test rows\n\n" } ?? "\n\n"
    text +=
      Table(
        ["task", "label column", "labels", "missing", "base rate or mean"], left: [1],
        training.labels
      ) { label in
        [
          label.task, label.column, Format.count(label.present), Format.count(label.missing),
          label.mean.map { Format.fixed($0, 4) } ?? "n/a",
        ]
      }.text
    let features = Table(
      ["feature", "column", "missing", "table rows", "unknown in test", "range"], left: [1, 5],
      Array(training.features.enumerated())
    ) { index, feature in
      let unknown = feature.cardinality == nil ? nil : test?.features[index].outOfVocabularyShare
      let range = feature.minimum.flatMap { low in
        feature.maximum.map { "\(Format.plain(low)) … \(Format.plain($0))" }
      }
      return [
        feature.name, feature.column, Format.percent(feature.missingShare),
        feature.cardinality.map(Format.count) ?? "", unknown.map(Format.percent) ?? "",
        range ?? "",
      ]
    }
    return "\(text)\n\(features.text)\n"
  }

  static func json(_ report: CheckReport) -> JSON {
    let model: JSON = [
      "weights": report.weights, "memory_bytes": report.memoryBytes,
      "row_bytes": report.rowBytes,
      "micro_batches": report.microBatches?.count ?? 1,
      "findings": report.findings.map(\.message),
    ]
    guard let training = report.training else {
      let images: [JSON] = report.images.map {
        [
          "file": $0.file, "classes": $0.classes, "examples": $0.examples, "height": $0.height,
          "width": $0.width,
        ]
      }
      return ["name": report.name, "images": images] + model
    }
    let tasks = JSON.object(training.labels) { label in
      (
        label.task,
        [
          "column": label.column, "labels": label.present, "missing": label.missing,
          "mean": label.mean,
        ]
      )
    }
    let features = JSON.object(training.features) { feature in
      (
        feature.name,
        [
          "column": feature.column, "missing_share": feature.missingShare,
          "cut_rows": feature.sequence?.cut ?? 0, "cardinality": feature.cardinality,
          "minimum": feature.minimum, "maximum": feature.maximum, "mean": feature.mean,
          "deviation": feature.deviation,
        ]
      )
    }
    return [
      "name": report.name, "training_rows": training.rows, "test_rows": report.test?.rows,
      "tasks": tasks, "features": features,
    ] + model
  }
}

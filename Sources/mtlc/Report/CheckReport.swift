import Data
import Plan
import Schema

/// What `mtlc check` found.
struct CheckReport {
  let name: String
  let plan: Plan
  let training: DataStatistics
  let test: DataStatistics?
  let schema: DataSchema
  let leakage: [Leakage.Finding]
  let contradictions: [FunnelOrder.Contradiction]
  let testContradictions: [FunnelOrder.Contradiction]

  /// Things that are possible but seldom meant.
  var warnings: [String] {
    var found = leakage.map {
      "feature \($0.feature) alone ranks task \($0.task) with AUC \(Format.fixed($0.auc, 4)):"
        + " was it made from the label?"
    }
    found += contradictions.map { "training rows: \($0.text)" }
    found += testContradictions.map { "test rows: \($0.text)" }
    for (index, feature) in training.features.enumerated() {
      if feature.cutRows > 0, case .sequence(_, let layout) = schema.features[index].encoder {
        found.append(
          "feature \(feature.name): \(Format.count(feature.cutRows)) of \(Format.count(training.rows))"
            + " rows hold more than max_length \(layout.maxLength) ids (up to"
            + " \(Format.count(feature.longest))); the \(layout.keep.rawValue) ones are kept")
      }
      if feature.missingShare == 1 { found.append("feature \(feature.name) has no value at all") }
      if let low = feature.minimum, low == feature.maximum {
        found.append("feature \(feature.name) has the value \(low) in every row")
      }
      if feature.distinct == 1 { found.append("feature \(feature.name) has one value only") }
      guard let test, test.features.indices.contains(index) else { continue }
      let share = test.features[index].outOfVocabularyShare
      if share > 0.2 {
        found.append(
          "feature \(feature.name): \(Format.percent(share)) of the test values are not in the"
            + " training data")
      }
    }
    for (index, label) in training.labels.enumerated() {
      switch schema.labels[index].kind {
      case .binary, .positives: break
      case .number, .classes: continue
      }
      guard let rate = label.mean, let test, test.labels.indices.contains(index),
        let other = test.labels[index].mean
      else { continue }
      if other == 0 || max(rate / other, other / rate) > 1.5 {
        found.append(
          "task \(label.task): base rate \(Format.fixed(rate, 4)) in the training rows,"
            + " \(Format.fixed(other, 4)) in the test rows")
      }
    }
    return found
  }

  private var weights: Int { plan.parameters.reduce(0) { $0 + $1.rows * $1.columns } }

  var text: String {
    var text = "\(name): \(Format.count(training.rows)) training rows"
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
    text += "\(Format.count(weights)) weights; \(Format.bytes(plan.memoryBytes)) of memory beside "
    text += "the data; \(steps) steps an epoch\n"
    let warnings = warnings
    text += warnings.isEmpty ? "no findings\n" : "\n"
    for warning in warnings { text += "finding: \(warning)\n" }
    return text
  }

  private var steps: Int {
    (training.rows + plan.training.batchSize - 1) / max(1, plan.training.batchSize)
  }

  var json: JSON {
    .object([
      ("name", .string(name)), ("training_rows", .integer(training.rows)),
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
      ("weights", .integer(weights)), ("memory_bytes", .integer(plan.memoryBytes)),
      ("findings", .strings(warnings)),
    ])
  }
}

import Data
import ModelDefs
import Schema

/// Finds in the labels of the training rows what is possible but seldom meant.
struct LabelFindings {
  private let spec: Spec
  private let training: FittedData

  init(_ spec: Spec, _ training: FittedData) {
    self.spec = spec
    self.training = training
  }

  var findings: [Finding] {
    sharedLabels + emptyClasses + training.statistics.labels.flatMap(markers)
      + zip(training.schema.labels, training.statistics.labels).compactMap(outlier)
      + training.statistics.labels.flatMap(unseenValues)
      + zip(spec.tasks, training.statistics.labels).compactMap(amounts)
  }

  /// Texts of a task's sample space that its column never holds.
  private func unseenValues(_ label: LabelStatistics) -> [Finding] {
    guard !label.unseenValues.isEmpty else { return [] }
    let texts = label.unseenValues.map { "\"\(MessageText.printable($0))\"" }
    return [
      Finding(
        kind: .unseenValues, subject: label.task,
        message: "task \(label.task): no training row has \(Finding.names(texts)) in the column of"
          + " its \"where\"")
    ]
  }

  /// Regressions without anything to tell apart, and amounts that are never 0.
  private func amounts(_ task: TaskSpec, _ label: LabelStatistics) -> Finding? {
    guard let low = label.minimum, let high = label.maximum, label.present > 1 else { return nil }
    if task.loss == .ziln, low > 0 {
      return Finding(
        kind: .amounts, subject: task.name,
        message: "task \(task.name): no amount in column \"\(label.column)\" is 0, which the loss"
          + " ziln is for; learn it with mse, or give rows without a purchase a 0")
    }
    guard !task.isBinary, !task.isMulticlass, task.loss != .ziln, low == high else { return nil }
    return Finding(
      kind: .constant, subject: task.name,
      message: "task \(task.name): every row has the label \(Format.plain(low)) in column"
        + " \"\(label.column)\"")
  }

  /// Pairs of tasks that learn the same from one column.
  private var sharedLabels: [Finding] {
    training.schema.labels.enumerated().compactMap { place, label in
      let first = training.schema.labels[..<place].first {
        $0.column == label.column && $0.kind == label.kind && $0.space == label.space
          && $0.weightColumn == label.weightColumn
      }
      return first.map {
        Finding(
          kind: .sharedLabel, subject: label.task,
          message: "tasks \($0.task) and \(label.task) have the same label, column"
            + " \"\(label.column)\"")
      }
    }
  }

  private var emptyClasses: [Finding] {
    guard let labels = training.dataset.floats(FeedLayout.labels),
      let mask = training.dataset.floats(FeedLayout.labelMask)
    else { return [] }
    let width = training.schema.labels.count
    return training.schema.labels.enumerated().compactMap { column, label in
      guard case .classes(let names) = label.kind else { return nil }
      var seen = Set<Int>()
      for place in stride(from: column, to: labels.count, by: width) where mask[place] != 0 {
        seen.insert(Int(labels[place]))
      }
      let empty = names.indices.filter { !seen.contains($0) }.map { "\"\(names[$0])\"" }
      if empty.isEmpty { return nil }
      return Finding(
        kind: .emptyClass, subject: label.task,
        message:
          "task \(label.task): no training row is of \(empty.count == 1 ? "class" : "the classes")"
          + " \(Finding.names(empty))")
    }
  }

  private func markers(_ label: LabelStatistics) -> [Finding] {
    guard !label.undeclaredMissing.isEmpty else { return [] }
    return [
      Finding(
        kind: .missingMarkers, subject: label.task,
        message: "task \(label.task): \(Finding.counts(label.undeclaredMissing)) in column"
          + " \"\(label.column)\" count as negative labels;"
          + " \(Finding.declare(label.undeclaredMissing, training.schema.format))")
    ]
  }

  private func outlier(_ schema: LabelSchema, _ label: LabelStatistics) -> Finding? {
    guard case .number = schema.kind, let low = label.minimum, let high = label.maximum,
      let mean = label.mean, let deviation = label.deviation,
      StatisticsCheck.isOutlier(low, high, mean, deviation, count: label.present)
    else { return nil }
    return Finding(
      kind: .outlier, subject: label.task,
      message:
        "task \(label.task): labels from \(Format.plain(low)) to \(Format.plain(high)) with a mean"
        + " of \(Format.plain(mean)): the extreme ones outweigh all others; correct or declare them"
        + " missing")
  }
}

extension Finding {
  /// The first of some names, and how many more there are.
  static func names(_ names: [String], most: Int = 8) -> String {
    let left = names.count - most
    return left > 1
      ? names.prefix(most).joined(separator: ", ") + " and \(Format.count(left)) more"
      : names.joined(separator: ", ")
  }

  /// `"nan" (12 times), "None" (3 times)`.
  static func counts(_ texts: [TextCount]) -> String {
    names(texts.map { "\"\($0.text)\" (\(Format.count($0.count, "time")))" }, most: 5)
  }

  /// How a spec declares some more texts missing.
  static func declare(_ texts: [TextCount], _ format: TableFormat) -> String {
    let all = (format.missing + texts.map(\.text)).map { text in
      "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
    return
      "if they mean \"no value\", declare them: data: { missing: [\(all.joined(separator: ", "))] }"
  }
}

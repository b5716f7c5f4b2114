#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How well the class probabilities of a multi-class task fit its labels.
struct ClassMetrics {
  let entries: [TaskMetrics.Entry]

  /// - Parameters:
  ///   - predictions: row-major `[rows, classes]`.
  ///   - labels: the class's number, one a row.
  init(classes: Int, predictions: [Float], labels: [Float]) {
    precondition(predictions.count == labels.count * classes, "a probability for each class")
    let rows = labels.count
    var (correct, logLoss, isFinite) = (0, 0.0, true)
    var counts = [Int](repeating: 0, count: classes)
    // As for binary tasks: a confident miss costs about 16 and not infinity.
    let least = Double(Float.ulpOfOne)
    for row in 0..<rows {
      let start = row * classes
      var best = 0
      for k in 0..<classes {
        isFinite = isFinite && predictions[start + k].isFinite
        if predictions[start + k] > predictions[start + best] { best = k }
      }
      let label = Int(labels[row])
      guard (0..<classes).contains(label) else { continue }
      counts[label] += 1
      correct += best == label ? 1 : 0
      logLoss -= log(max(Double(predictions[start + label]), least))
    }
    func share(_ sum: Double) -> MetricValue {
      guard rows > 0 else { return .undefined(reason: "no rows with a label") }
      return isFinite
        ? .value(sum / Double(rows)) : .undefined(reason: "a prediction is not finite")
    }
    entries = [
      .init(name: "accuracy", value: share(Double(correct))),
      .init(
        name: "macro_auc",
        value: isFinite
          ? Self.macroArea(classes, predictions, labels, counts)
          : .undefined(reason: "a prediction is not finite")),
      .init(name: "log_loss", value: share(logLoss)),
      .init(name: "majority", value: share(Double(counts.max() ?? 0))),
    ]
  }

  /// The mean over the classes of the area under the ROC curve of one class against the rest;
  /// classes that no row or every row has are left out.
  private static func macroArea(
    _ classes: Int, _ predictions: [Float], _ labels: [Float], _ counts: [Int]
  ) -> MetricValue {
    var areas: [Double] = []
    for k in 0..<classes where counts[k] > 0 && counts[k] < labels.count {
      let scores = labels.indices.map { predictions[$0 * classes + k] }
      let own: [Float] = labels.map { Int($0) == k ? 1 : 0 }
      if let area = RankedRows(scores, own).area.value { areas.append(area) }
    }
    guard !areas.isEmpty else {
      return .undefined(
        reason: labels.isEmpty
          ? "no rows with a label" : "only one class in \(labels.count) rows")
    }
    return .value(areas.reduce(0, +) / Double(areas.count))
  }
}

import Schema

/// Sums over a task's rows, of which most metrics are means.
struct RowSums {
  /// Probabilities are kept this far from 0 and 1 in the logarithm: the spacing of floats at 1, so
  /// that a confident miss costs about 16 and not infinity.
  private static let clip = Double(Float.ulpOfOne)

  let rows: Int
  var label = 0.0
  var prediction = 0.0
  var logLoss = 0.0
  var correct = 0.0
  var squaredError = 0.0
  var absoluteError = 0.0
  /// Rows of the most frequent class of a multi-class task.
  var mostFrequent = 0.0
  /// Rows of each class.
  private var counts: [Int] = []
  /// Whether a probability of a class is no number.
  private var isBroken = false

  init<Rows: ScoredRows>(_ kind: TaskKind, _ scored: Rows) throws(Rows.Failure) {
    rows = scored.count
    switch kind {
    case .binary, .regression:
      try scored.forEachPiece { piece in
        for (prediction, label) in zip(piece.predictions, piece.labels) {
          add(Double(prediction), Double(label), isProbability: kind == .binary)
        }
      }
    case .multiclass(let classes):
      counts = [Int](repeating: 0, count: classes)
      try scored.forEachPiece { addClasses(classes, $0.predictions, $0.labels) }
      mostFrequent = Double(counts.max() ?? 0)
      // With a prediction that is NaN or infinite these sums are undefined.
      if isBroken { (correct, logLoss, mostFrequent) = (.nan, .nan, .nan) }
    }
  }

  private mutating func add(_ p: Double, _ y: Double, isProbability: Bool) {
    label += y
    prediction += p
    if isProbability {
      // max and min would turn NaN into a number.
      let q = p < Self.clip ? Self.clip : p > 1 - Self.clip ? 1 - Self.clip : p
      logLoss -= y * log(q) + (1 - y) * log(1 - q)
      correct += (p > 0.5) == (y > 0.5) ? 1 : 0
    } else {
      squaredError += (p - y) * (p - y)
      absoluteError += abs(p - y)
    }
  }

  /// - Parameter predictions: row-major `[rows, classes]`.
  private mutating func addClasses(_ classes: Int, _ predictions: [Float], _ labels: [Float]) {
    for row in labels.indices {
      let start = row * classes
      var best = 0
      for k in 0..<classes where predictions[start + k] > predictions[start + best] { best = k }
      let label = Int(labels[row])
      guard (0..<classes).contains(label) else { continue }
      counts[label] += 1
      correct += best == label ? 1 : 0
      logLoss -= log(max(Double(predictions[start + label]), Self.clip))
    }
    if !predictions.allSatisfy(\.isFinite) { isBroken = true }
  }

  func mean(_ sum: Double, _ finish: (Double) -> Double = { $0 }) -> MetricValue {
    guard rows > 0 else { return .undefined(reason: "no rows with a label") }
    let value = finish(sum / Double(rows))
    return value.isFinite ? .value(value) : .undefined(reason: "a prediction is not finite")
  }

  var calibration: MetricValue {
    guard rows > 0 else { return .undefined(reason: "no rows with a label") }
    guard label > 0 else { return .undefined(reason: "no positive label") }
    let ratio = prediction / label
    return ratio.isFinite ? .value(ratio) : .undefined(reason: "a prediction is not finite")
  }

  /// The mean over the classes of the area under the ROC curve of one class against the rest;
  /// classes that no row or every row has are left out.
  func macroArea<Rows: ScoredRows>(_ scored: Rows) throws(Rows.Failure) -> MetricValue {
    if isBroken { return .undefined(reason: "a prediction is not finite") }
    var areas: [Double] = []
    for k in counts.indices where counts[k] > 0 && counts[k] < rows {
      if let area = try scored.ranked(by: k).sums().area.value { areas.append(area) }
    }
    guard !areas.isEmpty else {
      return .undefined(
        reason: rows == 0 ? "no rows with a label" : "only one class in \(rows) rows")
    }
    return .value(areas.reduce(0, +) / Double(areas.count))
  }
}

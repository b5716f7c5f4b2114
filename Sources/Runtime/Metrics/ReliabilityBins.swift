import Schema

/// Probabilities in bins of equal width, with the labels of their rows.
package struct ReliabilityBins: Sendable {
  /// As many as the calibration error is measured with.
  package static let count = 15

  private struct Sums {
    var rows = 0
    var prediction = 0.0
    var label = 0.0
    /// The sum of prediction − label, row by row.
    var difference = 0.0
  }

  private var sums = [Sums](repeating: Sums(), count: count)
  /// Whether a prediction is no number of a bin.
  private(set) var isBroken = false

  package init(predictions: [Float], labels: [Float]) { add(predictions, labels) }

  init<Rows: ScoredRows>(_ rows: Rows) throws(Rows.Failure) {
    try rows.forEachPiece { add($0.predictions, $0.labels) }
  }

  private mutating func add(_ predictions: [Float], _ labels: [Float]) {
    for k in predictions.indices {
      guard predictions[k].isFinite else {
        isBroken = true
        return
      }
      let (prediction, label) = (Double(predictions[k]), Double(labels[k]))
      let place = min(Int(max(0, min(1, prediction)) * Double(Self.count)), Self.count - 1)
      sums[place].rows += 1
      sums[place].prediction += prediction
      sums[place].label += label
      sums[place].difference += prediction - label
    }
  }

  /// The sum over the bins of how far the predictions are from the labels.
  var distance: Double { sums.reduce(0) { $0 + abs($1.difference) } }

  /// Those with rows, from the lowest up.
  package var bins: [ReliabilityBin] {
    sums.filter { $0.rows > 0 }.map {
      ReliabilityBin(
        rows: $0.rows, prediction: $0.prediction / Double($0.rows),
        label: $0.label / Double($0.rows))
    }
  }
}

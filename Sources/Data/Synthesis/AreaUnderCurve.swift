import Schema

extension BestAUC {
  /// - Parameters:
  ///   - scores: The true probabilities of the rows.
  ///   - labels: As many as scores.
  init(_ task: String, _ scores: [Double], _ labels: [Bool]) {
    self.init(
      task: task, auc: areaUnderCurve(scores, labels),
      baseRate: Double(labels.count { $0 }) / Double(max(1, labels.count)))
  }
}

/// The exact area under the ROC curve, ties counted half. NaN when a class is absent.
func areaUnderCurve(_ scores: [Double], _ labels: [Bool]) -> Double {
  let order = scores.indices.sorted { scores[$0] < scores[$1] }
  var positives = 0
  var rankSum = 0.0
  var start = 0
  while start < order.count {
    var end = start
    var tiedPositives = 0
    while end < order.count, scores[order[end]] == scores[order[start]] {
      if labels[order[end]] { tiedPositives += 1 }
      end += 1
    }
    // 1-based ranks start + 1 … end, all of them their mean.
    rankSum += Double(tiedPositives) * Double(start + 1 + end) / 2
    positives += tiedPositives
    start = end
  }
  let negatives = labels.count - positives
  guard positives > 0, negatives > 0 else { return .nan }
  let least = Double(positives) * Double(positives + 1) / 2
  return (rankSum - least) / (Double(positives) * Double(negatives))
}

import Schema

/// The labels of binary rows in the order of their predictions, with ties kept together; metrics of a
/// ranking are computed from it. O(n) time, 8 bytes a row and as many while they are sorted.
package struct RankedRows {
  /// Per row the prediction's sortable bits and, below them, whether it is positive.
  private var keys: [UInt64] = []
  package private(set) var positives = 0
  /// Why nothing can be ranked.
  private let obstacle: String?
  package var negatives: Int { keys.count - positives }
  package var count: Int { keys.count }

  /// - Parameters:
  ///   - predictions: Scores, of which only the order matters.
  ///   - labels: Positive above 0.5; as many as predictions.
  package init(_ predictions: [Float], _ labels: [Float]) {
    precondition(predictions.count == labels.count, "a label for every prediction")
    let broken = predictions.count { $0.isNaN }
    obstacle =
      predictions.isEmpty
      ? "no rows with a label" : broken > 0 ? "\(broken) predictions are NaN" : nil
    keys.reserveCapacity(predictions.count)
    for (prediction, label) in zip(predictions, labels) {
      keys.append(UInt64(Self.order(prediction)) << 1 | (label > 0.5 ? 1 : 0))
      positives += label > 0.5 ? 1 : 0
    }
    Self.sort(&keys)
  }

  /// Sorts numbers of 33 bits: in three passes by 11 bits each, from the lowest up.
  private static func sort(_ keys: inout [UInt64]) {
    // Below this the counts of a pass take longer than the comparisons of an ordinary sort.
    guard keys.count > 4096 else { return keys.sort() }
    let (bits, buckets) = (11, 1 << 11)
    var other = [UInt64](repeating: 0, count: keys.count)
    for shift in [0, bits, 2 * bits] {
      var places = [Int](repeating: 0, count: buckets)
      for key in keys { places[Int(key >> shift) & (buckets - 1)] += 1 }
      var next = 0
      for bucket in places.indices { (places[bucket], next) = (next, next + places[bucket]) }
      for key in keys {
        let bucket = Int(key >> shift) & (buckets - 1)
        other[places[bucket]] = key
        places[bucket] += 1
      }
      swap(&keys, &other)
    }
  }

  /// Bits that sort as the float does, −0 and 0 alike.
  static func order(_ prediction: Float) -> UInt32 {
    let bits = (prediction + 0).bitPattern
    return bits >> 31 == 1 ? ~bits : bits | 0x8000_0000
  }

  /// Rows of one prediction, and what ranks below them.
  struct Tie {
    var positives: Int
    var negatives: Int
    var positivesBelow: Int
    var negativesBelow: Int
  }

  /// Calls `body` for each prediction that occurs, from the lowest up.
  func forEachTie(_ body: (Tie) -> Void) {
    var (positivesBelow, negativesBelow) = (0, 0)
    var start = 0
    while start < keys.count {
      var end = start
      var up = 0
      while end < keys.count, keys[end] >> 1 == keys[start] >> 1 {
        up += Int(keys[end] & 1)
        end += 1
      }
      let down = end - start - up
      body(
        Tie(
          positives: up, negatives: down, positivesBelow: positivesBelow,
          negativesBelow: negativesBelow))
      positivesBelow += up
      negativesBelow += down
      start = end
    }
  }

  /// The area under the ROC curve: the probability that a positive row scores above a negative one,
  /// ties counting half. Undefined with one class only.
  package var area: MetricValue {
    if let obstacle { return .undefined(reason: obstacle) }
    guard positives > 0, negatives > 0 else {
      return .undefined(reason: "only one class in \(count) rows")
    }
    // Twice the number of pairs in order, whole numbers throughout.
    var doubled = 0
    forEachTie { tie in doubled += tie.positives * (2 * tie.negativesBelow + tie.negatives) }
    return .value(Double(doubled) / 2 / Double(positives) / Double(negatives))
  }

  /// The standard error of `area` by the method of DeLong, DeLong and Clarke-Pearson (Biometrics
  /// 44, 1988), in the form of one sorted pass. Undefined with fewer than two rows of a class.
  package var areaError: MetricValue {
    if let obstacle { return .undefined(reason: obstacle) }
    guard positives > 1, negatives > 1 else {
      let few = positives > 1 ? "negative" : "positive"
      return .undefined(reason: "fewer than two \(few) rows")
    }
    let (m, n) = (Double(positives), Double(negatives))
    let mean = area.value ?? 0.5
    // The share of the negatives below each positive row, and of the positives above each negative
    // one: both have the area as their mean.
    var (overPositives, overNegatives) = (0.0, 0.0)
    forEachTie { tie in
      let below = (Double(tie.negativesBelow) + Double(tie.negatives) / 2) / n - mean
      let above = (m - Double(tie.positivesBelow) - Double(tie.positives) / 2) / m - mean
      overPositives += Double(tie.positives) * below * below
      overNegatives += Double(tie.negatives) * above * above
    }
    return .value((overPositives / (m - 1) / m + overNegatives / (n - 1) / n).squareRoot())
  }

  /// The area under the precision-recall curve as the average precision Σ (R_k − R_{k−1})·P_k over
  /// the thresholds k, without interpolation. Undefined without a positive row.
  package var averagePrecision: MetricValue {
    if let obstacle { return .undefined(reason: obstacle) }
    guard positives > 0 else { return .undefined(reason: "no positive label in \(count) rows") }
    var sum = 0.0
    forEachTie { tie in
      let found = Double(positives - tie.positivesBelow)
      let taken = found + Double(negatives - tie.negativesBelow)
      sum += Double(tie.positives) * found / taken
    }
    return .value(sum / Double(positives))
  }

  /// A bound of the area's 95 % confidence interval.
  /// - Parameter sign: −1 for the lower one, 1 for the upper.
  func areaBound(_ sign: Double) -> MetricValue {
    let (area, error) = (area, areaError)
    guard let middle = area.value, let error = error.value else {
      return .undefined(reason: area.reason ?? error.reason ?? "")
    }
    // The normal distribution's 97.5 % point.
    return .value(max(0, min(1, middle + sign * 1.959963984540054 * error)))
  }
}

import Schema

/// What the metrics of a ranking follow from, added up from its lowest tie to its highest.
struct RankingSums {
  let positives: Int
  let negatives: Int
  /// Why nothing can be ranked.
  let obstacle: String?

  /// Twice the number of pairs in order, ties counting half: whole numbers throughout.
  private var doubled = 0
  /// Sums over the positive rows of the squared distance from ½ of the share of the negatives below them, and
  /// over the negative rows of that of the positives above them.
  private var (overPositives, overNegatives) = (0.0, 0.0)
  private var precision = 0.0

  init(positives: Int, negatives: Int, obstacle: String?) {
    (self.positives, self.negatives, self.obstacle) = (positives, negatives, obstacle)
  }

  mutating func add(_ tie: Tie) {
    doubled += tie.positives * (2 * tie.negativesBelow + tie.negatives)
    let (m, n) = (Double(positives), Double(negatives))
    let below = (Double(tie.negativesBelow) + Double(tie.negatives) / 2) / n - 0.5
    let above = (m - Double(tie.positivesBelow) - Double(tie.positives) / 2) / m - 0.5
    overPositives += Double(tie.positives) * below * below
    overNegatives += Double(tie.negatives) * above * above
    let found = Double(positives - tie.positivesBelow)
    precision += Double(tie.positives) * found / (found + Double(negatives - tie.negativesBelow))
  }

  /// The area under the ROC curve: the probability that a positive row scores above a negative one,
  /// ties counting half. Undefined with one class only.
  var area: MetricValue {
    if let obstacle { return .undefined(reason: obstacle) }
    guard positives > 0, negatives > 0 else {
      return .undefined(reason: "only one class in \(positives + negatives) rows")
    }
    return .value(Double(doubled) / 2 / Double(positives) / Double(negatives))
  }

  /// The standard error of `area` by the method of DeLong, DeLong and Clarke-Pearson (Biometrics
  /// 44, 1988), in the form of one sorted pass. Undefined with fewer than two rows of a class.
  var areaError: MetricValue {
    if let obstacle { return .undefined(reason: obstacle) }
    guard positives > 1, negatives > 1 else {
      let few = positives > 1 ? "negative" : "positive"
      return .undefined(reason: "fewer than two \(few) rows")
    }
    let (m, n) = (Double(positives), Double(negatives))
    // The shares that are summed have the area as their mean, for both classes.
    let mean = (area.value ?? 0.5) - 0.5
    let ofPositives = max(0, overPositives - m * mean * mean)
    let ofNegatives = max(0, overNegatives - n * mean * mean)
    return .value((ofPositives / (m - 1) / m + ofNegatives / (n - 1) / n).squareRoot())
  }

  /// The area under the precision-recall curve as the average precision Σ (R_k − R_{k−1})·P_k over
  /// the thresholds k, without interpolation. Undefined without a positive row.
  var averagePrecision: MetricValue {
    if let obstacle { return .undefined(reason: obstacle) }
    guard positives > 0 else {
      return .undefined(reason: "no positive label in \(positives + negatives) rows")
    }
    return .value(precision / Double(positives))
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

import CKernels
import Schema

/// Count, range, mean and variance of numbers that come in parts (NaN counts as missing).
///
/// Parts are merged by Chan's update, and each part is read twice, so that nothing cancels.
struct NumberStatistics {
  private(set) var count = 0
  private(set) var missing = 0
  private(set) var minimum = Double.infinity
  private(set) var maximum = -Double.infinity
  private(set) var mean = 0.0
  /// The sum of squared differences from the mean.
  private(set) var squares = 0.0

  var deviation: Double { count > 0 ? (squares / Double(count)).squareRoot() : 0 }

  /// The moments of some numbers. The total depends on how numbers are cut into parts.
  struct Part {
    fileprivate var moments = mtlc_text_moments()
    fileprivate var missing: Int

    init(_ values: UnsafeBufferPointer<Double>) {
      mtlc_text_moments_of(values.baseAddress, Int64(values.count), &moments)
      missing = values.count - Int(moments.count)
    }
  }

  /// Adds a part.
  mutating func add(_ values: UnsafeBufferPointer<Double>) { add(Part(values)) }

  mutating func add(_ added: Part) {
    let part = added.moments
    missing += added.missing
    guard part.count > 0 else { return }
    minimum = min(minimum, part.minimum)
    maximum = max(maximum, part.maximum)
    let before = Double(count)
    let counted = Double(part.count)
    let difference = part.mean - mean
    squares += part.squares + difference * difference * (before * counted / (before + counted))
    mean += difference * (counted / (before + counted))
    count += Int(part.count)
  }
}

extension Normalizer {
  /// The normaliser of a column of training values.
  ///
  /// A missing number becomes what the mean becomes: 0 under zscore and log. A column with one
  /// value only gets scale 0, so that it is 0 everywhere. Throws `DataError` when the values are
  /// too large for their variance to be a number.
  ///
  /// - Parameter read: gives the values of some rows, NaN where missing.
  static func fit(
    _ kind: NormalizerKind, rowCount: Int, purpose: String,
    read: (_ rows: Range<Int>, _ values: UnsafeMutablePointer<Double>) -> Void
  ) throws -> Normalizer {
    var statistics = NumberStatistics()
    let chunk = 4096
    let logarithm = kind == .log
    var scratch = [Double](repeating: 0, count: chunk)
    scratch.withUnsafeMutableBufferPointer { part in
      guard let values = part.baseAddress else { return }
      for start in stride(from: 0, to: rowCount, by: chunk) {
        let rows = start..<min(start + chunk, rowCount)
        read(rows, values)
        if logarithm { for k in 0..<rows.count { values[k] = signedLog(values[k]) } }
        statistics.add(UnsafeBufferPointer(start: values, count: rows.count))
      }
    }
    guard statistics.count > 0 else { return Normalizer(logarithm: logarithm, scale: 0) }
    let range = statistics.maximum - statistics.minimum
    let isConstant = range == 0
    var normalizer = Normalizer(logarithm: logarithm)
    switch kind {
    // Quantiles are learned as a curve.
    case .none, .quantile: break
    case .zscore, .log:
      normalizer.offset = statistics.mean
      normalizer.scale = isConstant ? 0 : 1 / statistics.deviation
    case .minmax:
      normalizer.offset = statistics.minimum
      normalizer.scale = isConstant ? 0 : 1 / range
    }
    guard normalizer.offset.isFinite, normalizer.scale.isFinite, kind == .none || range.isFinite
    else {
      throw DataError(
        "the values of \(purpose) lie between \(statistics.minimum) and \(statistics.maximum): "
          + "too wide to normalise", hint: "use normalizer \"log\"")
    }
    if normalizer.scale != 0 {
      normalizer.missing = Normalizer(offset: normalizer.offset, scale: normalizer.scale)
        .apply(statistics.mean)
    }
    return normalizer
  }
}

extension Normalizer {
  /// The normaliser by a curve of a column of training values.
  ///
  /// A missing number becomes what the mean becomes.
  /// - Parameters:
  ///   - curve: The curve through the values in rising order, missing ones left out.
  ///   - read: As of the other fit.
  static func fit(
    rowCount: Int, _ curve: (_ sorted: [Double]) -> NumberCurve,
    read: (_ rows: Range<Int>, _ values: UnsafeMutablePointer<Double>) -> Void
  ) -> Normalizer {
    var values = [Double](repeating: 0, count: rowCount)
    values.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { read(0..<rowCount, base) }
    }
    values.removeAll(where: \.isNaN)
    values.sort()
    var normalizer = Normalizer(curve: curve(values))
    let mean = values.reduce(0) { $0 + $1 / Double(values.count) }
    if !values.isEmpty { normalizer.missing = normalizer.apply(mean) }
    return normalizer
  }
}

/// Boundaries that cut training values (NaN: missing, left out) into at most `buckets` buckets.
///
/// A value that alone makes up a bucket's share or more gets a bucket of its own; the others are
/// cut at quantiles of what remains. Boundaries rise strictly, and no bucket is empty in training.
func quantileBoundaries(_ values: UnsafeBufferPointer<Double>, buckets: Int) -> [Double] {
  var sorted = values.filter { !$0.isNaN }
  sorted.sort()
  guard buckets > 1, let smallest = sorted.first, let largest = sorted.last, smallest < largest
  else { return [] }
  var candidates: [Double] = []
  var others: [Double] = []
  others.reserveCapacity(sorted.count)
  var masses = 0
  var start = 0
  while start < sorted.count {
    var end = start + 1
    while end < sorted.count, sorted[end] == sorted[start] { end += 1 }
    let isMass = Double(end - start) * Double(buckets) >= Double(sorted.count)
    if isMass {
      masses += 1
      candidates.append(sorted[start])
      if end < sorted.count { candidates.append(between(sorted[start], sorted[end])) }
    } else {
      others.append(contentsOf: sorted[start..<end])
    }
    start = end
  }
  let share = buckets - masses
  if share > 1, others.count > 1 {
    for k in 1..<min(share, others.count) {
      let place = Double(k) * Double(others.count) / Double(min(share, others.count))
      candidates.append(others[min(others.count - 1, Int(place))])
    }
  }
  candidates.sort()
  // A boundary stays when a value lies between the one before it and itself: its bucket is in use.
  var boundaries: [Double] = []
  var position = 0
  for candidate in candidates where candidate > smallest {
    if let last = boundaries.last, candidate <= last { continue }
    let before = position
    while position < sorted.count, sorted[position] < candidate { position += 1 }
    if position > before, position < sorted.count { boundaries.append(candidate) }
  }
  return boundaries
}

/// A number above `low` and at most `high`: halfway, where doubles lie between them.
private func between(_ low: Double, _ high: Double) -> Double {
  let middle = low / 2 + high / 2
  return middle > low && middle <= high ? middle : high
}

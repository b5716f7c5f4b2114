import Schema

extension Normalizer {
  /// The scaled value of a number; NaN stands for a missing one.
  @inline(__always)
  package func apply(_ number: Double) -> Float {
    if number.isNaN { return missing }
    let x = logarithm ? Self.signedLog(number) : number
    let scaled = Float(curve.map { $0.value(number) } ?? (x - offset) * scale)
    // Beyond the range of a float the nearest one is kept, so that no infinity enters a model.
    return scaled.isFinite ? scaled : (scaled > 0 ? 1 : -1) * Float.greatestFiniteMagnitude
  }

  @inline(__always)
  package static func signedLog(_ x: Double) -> Double {
    // Counts and amounts are mostly 0.
    x == 0 ? 0 : x < 0 ? -log1p(-x) : log1p(x)
  }
}

/// The bucket id of a number: 0 for a missing one (NaN), else 1 + the number of boundaries ≤ v.
@inline(__always)
func bucket(of value: Double, _ boundaries: UnsafeBufferPointer<Double>) -> Int32 {
  if value.isNaN { return 0 }
  var low = 0
  var high = boundaries.count
  while low < high {
    let middle = (low &+ high) &>> 1
    if boundaries[middle] <= value { low = middle &+ 1 } else { high = middle }
  }
  return Int32(truncatingIfNeeded: low &+ 1)
}

extension Normalizer {
  /// The number that is scaled to y, which is a float: what its rounding leaves of a difference to the
  /// offset is zero.
  package func inverse(_ y: Float) -> Double {
    if let curve { return curve.inverse.value(Double(y)) }
    let shift = scale == 0 ? 0 : Double(y) / scale
    let x = shift + offset
    guard abs(x) > abs(shift) * 0x1p-22 else { return 0 }
    guard logarithm else { return x }
    let magnitude = exp(abs(x)) - 1
    return x < 0 ? -magnitude : magnitude
  }
}

extension FetchView {
  /// The first columns of the last run's rows, row-major.
  ///
  /// - Parameter target: Floats from a row to the next; nil for `width`.
  @inline(__always)
  func copyRows(
    _ rows: Int, width: Int, to destination: UnsafeMutablePointer<Float>, stride target: Int? = nil
  ) {
    let stride = strides.first ?? 0
    let target = target ?? width
    if width == 1 {
      for row in 0..<rows { destination[row * target] = base[row * stride] }
      return
    }
    let step = strides.count > 1 ? strides[1] : 1
    for row in 0..<rows {
      for column in 0..<width {
        destination[row * target + column] = base[row * stride + column * step]
      }
    }
  }
}

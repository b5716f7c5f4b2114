extension FetchView {
  /// The first columns of the last run's rows, row-major.
  @inline(__always)
  func copyRows(_ rows: Int, width: Int, to destination: UnsafeMutablePointer<Float>) {
    let stride = strides.first ?? 0
    if width == 1 {
      for row in 0..<rows { destination[row] = base[row * stride] }
      return
    }
    let step = strides.count > 1 ? strides[1] : 1
    for row in 0..<rows {
      for column in 0..<width {
        destination[row * width + column] = base[row * stride + column * step]
      }
    }
  }
}

/// Where the rows of a fetch lie.
struct FetchRows {
  private let base: UnsafePointer<Float>
  private let stride: Int
  /// Floats from a column to the next.
  private let step: Int

  init(_ view: FetchView) {
    base = view.base
    stride = view.strides.first ?? 0
    step = view.strides.count > 1 ? view.strides[1] : 1
  }

  /// The first columns of the last run's rows, row-major.
  ///
  /// - Parameter target: Floats from a row to the next; nil for `width`.
  @inline(__always)
  func copy(
    _ rows: Int, width: Int, to destination: UnsafeMutablePointer<Float>, stride target: Int? = nil
  ) {
    let target = target ?? width
    if width == 1 {
      for row in 0..<rows { destination[row * target] = base[row * stride] }
      return
    }
    for row in 0..<rows {
      for column in 0..<width {
        destination[row * target + column] = base[row * stride + column * step]
      }
    }
  }
}

import TensorTypes

extension Shape {
  /// The most elements a tensor may have (with a batch axis: a row of it). Sizes within it can be
  /// added and multiplied by the size of an element without overflow.
  public static let maximumCount = 1 << 40

  /// Why no tensor may have this shape, worded to follow its text; nil when it is well formed: at
  /// most one batch axis, sizes of at least 1, at most `maximumCount` elements.
  public var defect: String? {
    var count = 1
    var batches = 0
    for dimension in dimensions {
      if dimension.isBatch { batches += 1 }
      guard dimension.fixedFactor >= 1 else { return "has an axis of size \(dimension)" }
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension.fixedFactor)
      guard !overflow, product <= Shape.maximumCount else { return "has too many elements" }
      count = product
    }
    return batches > 1 ? "has \(batches) batch axes" : nil
  }

  /// The shape both broadcast to (trailing axes aligned, size 1 stretches), or nil.
  public func broadcast(with other: Shape) -> Shape? {
    let rank = Swift.max(self.rank, other.rank)
    var result: [Dimension] = []
    result.reserveCapacity(rank)
    for axis in 0..<rank {
      let a = axis - (rank - self.rank)
      let b = axis - (rank - other.rank)
      let da = a < 0 ? 1 : dimensions[a]
      let db = b < 0 ? 1 : other.dimensions[b]
      if da == db || db == 1 {
        result.append(da)
      } else if da == 1 {
        result.append(db)
      } else {
        return nil
      }
    }
    return Shape(result)
  }
}

extension TensorType {
  /// Why no value may have this type, worded to follow its text; nil when it is well formed.
  public var defect: String? { shape.defect }
}

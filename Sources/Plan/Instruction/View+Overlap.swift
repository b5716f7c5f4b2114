extension View {
  /// The offsets of the first and the last element for a run of `rows` rows, nil when there are
  /// none or when the numbers overflow. Strides are not negative in a valid view.
  package func bounds(rows: Int) -> ClosedRange<Int>? {
    var last = offset
    for (extent, stride) in zip(extents, strides) {
      let size = extent.size(rows: rows)
      guard size > 0 else { return nil }
      let (product, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
      guard !overflow else { return nil }
      let (sum, overflow2) = last.addingReportingOverflow(product)
      guard !overflow2 else { return nil }
      last = sum
    }
    guard last >= offset else { return nil }
    return offset...last
  }

  /// Whether two views may share an element; false only when that is certain.
  package func mayOverlap(_ other: View, rows: Int) -> Bool {
    guard buffer == other.buffer else { return false }
    guard let a = bounds(rows: rows), let b = other.bounds(rows: rows) else { return true }
    guard a.overlaps(b) else { return false }
    // Columns of one matrix: the same row stride, and column ranges that do not meet.
    guard let p = matrixColumns(rows: rows), let q = other.matrixColumns(rows: rows) else {
      return true
    }
    let stride = Swift.max(p.stride, q.stride)
    guard stride > 0, p.stride == stride || p.rows == 1, q.stride == stride || q.rows == 1 else {
      return true
    }
    let first = offset % stride
    let second = other.offset % stride
    guard first + p.width <= stride, second + q.width <= stride else { return true }
    return first < second + q.width && second < first + p.width
  }

  /// The view as rows of `width` neighbouring elements, if it is one.
  func matrixColumns(rows: Int) -> (rows: Int, stride: Int, width: Int)? {
    var width = 1
    var axis = extents.count - 1
    while axis >= 0 {
      let size = extents[axis].size(rows: rows)
      if size == 1 {
        axis -= 1
        continue
      }
      guard strides[axis] == width else { break }
      width *= size
      axis -= 1
    }
    var count = 1
    var stride = 0
    while axis >= 0 {
      let size = extents[axis].size(rows: rows)
      if size != 1 {
        if stride == 0 {
          stride = strides[axis]
          count = size
        } else if strides[axis] == stride * count {
          count *= size
        } else {
          return nil
        }
      }
      axis -= 1
    }
    return (count, stride, width)
  }
}

/// Which of some workers owns a row: worker r of n the rows r, r + n, r + 2n …, which are its rows 0, 1, 2 …
struct RowOwners {
  let count: Int32
  /// Of a power of two workers, how many bits tell the owner; −1 for another number.
  private let bits: Int32

  init(_ count: Int) {
    self.count = Int32(truncatingIfNeeded: count)
    bits = count.nonzeroBitCount == 1 ? Int32(count.trailingZeroBitCount) : -1
  }

  /// - Parameter row: Not negative.
  @inline(__always)
  func owner(of row: Int32) -> Int32 { bits >= 0 ? row & (count &- 1) : row % count }

  /// The number of a row at its owner.
  @inline(__always)
  func place(of row: Int32) -> Int32 { bits >= 0 ? row &>> bits : row / count }
}

import CKernels

/// Reads the numbers of a column, NaN where a marker says that there is none.
struct NumberColumn {
  /// The short markers, which the kernel knows.
  private let markers: [mtlc_text_marker]
  /// Bit n: some marker has n bytes (63: or more).
  private let lengths: UInt64

  init(missing: [String]) {
    lengths = TextList(missing).lengths
    markers = missing.filter { $0.utf8.count <= 8 }.map { text in
      TokenTable.withPaddedBytes(of: text) { start, length in
        mtlc_text_marker(
          word: mtlc_text_key_of(start, UInt32(length)).low, length: UInt32(length))
      }
    }
  }

  /// Reads some rows; row `rows.lowerBound` goes to the first of `numbers`.
  ///
  /// - Parameter slowly: the number of a row that needs a closer look.
  func read(
    _ block: RecordBlock, column: Int, rows: Range<Int>,
    into numbers: UnsafeMutablePointer<Double>, slowly: (_ row: Int) throws -> Double
  ) rethrows {
    try markers.withUnsafeBufferPointer { markers in
      var args = mtlc_text_numbers_args()
      args.fields = block.fields(column)
      args.markers = markers.baseAddress
      args.marker_count = Int64(markers.count)
      args.marker_lengths = lengths
      args.values = numbers - rows.lowerBound
      var row = rows.lowerBound
      while row < rows.upperBound {
        row = Int(mtlc_text_numbers(&args, Int64(row), Int64(rows.upperBound)))
        guard row < rows.upperBound else { return }
        numbers[row - rows.lowerBound] = try slowly(row)
        row += 1
      }
    }
  }
}

import CKernels

/// Reads the numbers of a column, NaN where a marker says that there is none.
final class NumberColumn {
  /// The kernel's arguments; its markers are those of at most 8 bytes.
  let arguments: UnsafeMutablePointer<mtlc_text_numbers_args>
  private let markers: UnsafeMutableBufferPointer<mtlc_text_marker>
  let reading: NumberReading

  init(missing: [String], _ reading: NumberReading = NumberReading()) {
    self.reading = reading
    let lengths = TextList(missing).lengths
    let short = missing.filter { $0.utf8.count <= 8 }
    markers = .allocate(capacity: short.count)
    _ = markers.initialize(
      from: short.map { text in
        TokenTable.withPaddedBytes(of: text) { start, length in
          mtlc_text_marker(
            word: mtlc_text_key_of(start, UInt32(length)).low, length: UInt32(length))
        }
      })
    arguments = .allocate(capacity: 1)
    arguments.initialize(to: mtlc_text_numbers_args())
    arguments.pointee.markers = UnsafePointer(markers.baseAddress)
    arguments.pointee.marker_count = Int64(markers.count)
    arguments.pointee.marker_lengths = lengths
  }

  deinit {
    markers.deallocate()
    arguments.deallocate()
  }

  /// Sets the arguments up for some rows; row `rows.lowerBound` goes to the first of `numbers`.
  func prepare(
    _ block: RecordBlock, column: Int, rows: Range<Int>, into numbers: UnsafeMutablePointer<Double>
  ) {
    arguments.pointee.fields = block.fields(column)
    arguments.pointee.values = numbers - rows.lowerBound
  }

  /// Reads the rows for which the arguments were prepared, from `first` on.
  ///
  /// - Parameter slowly: reads the number of a row that the kernel does not read.
  func read(
    _ rows: Range<Int>, from first: Int, slowly: (_ row: Int) throws -> Double
  ) rethrows {
    guard reading.isPlain else {
      for row in first..<rows.upperBound { arguments.pointee.values[row] = try slowly(row) }
      return
    }
    var row = first
    while row < rows.upperBound {
      row = Int(mtlc_text_numbers(arguments, Int64(row), Int64(rows.upperBound)))
      guard row < rows.upperBound else { return }
      arguments.pointee.values[row] = try slowly(row)
      row += 1
    }
  }

  /// Reads some rows; row `rows.lowerBound` goes to the first of `numbers`.
  func read(
    _ block: RecordBlock, column: Int, rows: Range<Int>,
    into numbers: UnsafeMutablePointer<Double>, slowly: (_ row: Int) throws -> Double
  ) rethrows {
    prepare(block, column: column, rows: rows, into: numbers)
    try read(rows, from: rows.lowerBound, slowly: slowly)
  }
}

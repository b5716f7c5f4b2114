import Schema

/// Where the rows of a matrix lie in a file, and how its numbers are written: little-endian, row by row.
struct VectorMatrix {
  enum Element: Equatable {
    case float16, bfloat16, float32, float64

    var bytes: Int {
      switch self {
      case .float16, .bfloat16: 2
      case .float32: 4
      case .float64: 8
      }
    }
  }

  let path: String
  let element: Element
  let rows: Int
  let columns: Int
  /// Bytes of the file before the first number.
  let offset: Int

  init(path: String, element: Element, rows: Int, columns: Int, offset: Int) {
    self.path = path
    self.element = element
    self.rows = rows
    self.columns = columns
    self.offset = offset
  }

  /// Reads the header of a `.npy` file. Throws `DataError`.
  init(npy path: String) throws {
    let header = try NpyHeader.matrix(path)
    let place = DataError.Place(file: path)
    switch header.element {
    case .float32: element = .float32
    case .float64: element = .float64
    case .uint8, .bool, .int32, .int64:
      throw DataError(
        "the array holds elements of type \(header.element.code)", at: place,
        hint: "vectors are of 32 or 64 bits: array.astype(\"float32\")")
    }
    self.path = path
    (rows, columns) = (header.shape[0], header.shape[1])
    offset = header.dataOffset
  }

  /// Visits the rows in their order.
  /// - Throws: `DataError` when the file ends before they do, and what the body throws.
  func forEachRow(
    _ body: (_ row: Int, _ bytes: UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let source = try FileSource(path)
    func take(_ count: Int, _ buffer: inout [UInt8]) throws {
      var filled = 0
      while filled < count {
        let got = try buffer.withUnsafeMutableBytes {
          try source.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[filled..<count]))
        }
        guard got > 0 else {
          throw DataError("the file ends before its last row", at: .init(file: path))
        }
        filled += got
      }
    }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var skipped = 0
    while skipped < offset {
      let count = min(offset - skipped, buffer.count)
      try take(count, &buffer)
      skipped += count
    }
    let rowBytes = columns * element.bytes
    let most = max(1, (1 << 18) / max(1, rowBytes))
    buffer = [UInt8](repeating: 0, count: min(rows, most) * rowBytes)
    var row = 0
    while row < rows {
      let count = min(most, rows - row)
      try take(count * rowBytes, &buffer)
      try buffer.withUnsafeBytes { bytes in
        for k in 0..<count {
          try body(
            row + k, UnsafeRawBufferPointer(rebasing: bytes[k * rowBytes..<(k + 1) * rowBytes]))
        }
      }
      row += count
    }
  }

  /// Number `k` of a row.
  func number(_ bytes: UnsafeRawBufferPointer, _ k: Int) -> Float {
    let place = k * element.bytes
    switch element {
    case .float32:
      return Float(
        bitPattern: UInt32(
          littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
    case .float64:
      let bits = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
      return Float(Double(bitPattern: UInt64(littleEndian: bits)))
    case .bfloat16, .float16:
      let bits = UInt16(
        littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt16.self))
      return element == .bfloat16
        ? Float(bitPattern: UInt32(bits) << 16) : Self.float(half: bits)
    }
  }

  /// The number that 16 bits of IEEE 754 stand for: a sign, 5 bits of exponent, 10 of the fraction.
  static func float(half bits: UInt16) -> Float {
    let fraction = Float(bits & 0x3FF)
    let size: Float =
      switch bits >> 10 & 0x1F {
      case 0: fraction * 0x1p-24
      case 31: fraction == 0 ? .infinity : .nan
      case let exponent:
        (1 + fraction * 0x1p-10) * Float(sign: .plus, exponent: Int(exponent) - 15, significand: 1)
      }
    return bits >> 15 == 0 ? size : -size
  }
}

extension VectorFile.Reader {
  /// Takes the rows of a matrix, whose keys stand in a file of their own, or which are those of the
  /// ids in their order.
  func read(_ matrix: VectorMatrix, into table: inout VectorTable) throws {
    try require(width: matrix.columns)
    guard let keyFile = file.keys else {
      return try readInOrder(matrix, into: &table)
    }
    guard ids.takesKeys else {
      throw DataError(
        "feature \"\(feature)\" hashes its ids, which have no keys", at: place,
        hint: "leave pretrained.keys away; row k is then bucket k")
    }
    var rows: [Int?] = []
    var keys: [Int: String] = [:]
    try TextLines.forEach(keyFile, longest: 1 << 16) { line, _ in
      let key = String(decoding: line, as: UTF8.self)
      let row = ids.row(key)
      if row == nil {
        table.addUnused(key)
      } else {
        keys[rows.count] = key
      }
      rows.append(row)
    }
    guard rows.count == matrix.rows else {
      throw DataError(
        "the file has \(rows.count) keys, one a line, and \(file.path) \(matrix.rows) rows",
        at: .init(file: keyFile))
    }
    try matrix.forEachRow { index, bytes in
      guard let row = rows[index] else { return }
      let key = keys[index] ?? ""
      let here = DataError.Place(file: keyFile, line: index + 1)
      let earlier = try table.add(row, line: index + 1) { target in
        try copy(bytes, of: matrix, to: target, key)
      }
      if let earlier { throw repeated(key, earlier, at: here) }
    }
  }

  private func copy(
    _ bytes: UnsafeRawBufferPointer, of matrix: VectorMatrix,
    to target: UnsafeMutableBufferPointer<Float>, _ key: String
  ) throws {
    for k in 0..<dim {
      target[k] = matrix.number(bytes, k)
      if !target[k].isFinite { throw notFinite(key, at: place) }
    }
  }

  private func readInOrder(_ matrix: VectorMatrix, into table: inout VectorTable) throws {
    guard ids.isOrderGiven else {
      throw DataError(
        "the rows have no keys, and the vocabulary of feature \"\(feature)\" is learned from the"
          + " training rows", at: place,
        hint: "name a file with the key of each row in pretrained.keys, or give the ids in"
          + " vocab_file, vocab_list or num_ids")
    }
    let count = ids.rowCount
    guard matrix.rows == count || matrix.rows == count - 1 else {
      throw DataError(
        "the matrix has \(matrix.rows) rows, feature \"\(feature)\" has \(count - 1) ids",
        at: place,
        hint: "without pretrained.keys there is a row for each id in order, or one more before them"
          + " for unknown ids")
    }
    let first = count - matrix.rows
    try matrix.forEachRow { index, bytes in
      let row = first + index
      _ = try table.add(row, line: index + 1) { target in
        try copy(bytes, of: matrix, to: target, row == 0 ? "unknown ids" : ids.name(row))
      }
    }
  }
}

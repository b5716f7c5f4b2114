import Schema

/// Two-dimensional `.npy` arrays: the columns of `NAME.npy` and then, where there is one, those of
/// `NAME.labels.npy` beside it.
enum NpyRows: RowFormat {
  static func open(_ path: String, _ request: TableRequest) throws -> TableReader {
    let source = try NpySource(path, missing: request.format.missing)
    let columns = request.format.columns ?? []
    let shorter = columns.count { !request.optional.contains($0) }
    guard source.allColumns == columns.count || source.allColumns == shorter else {
      throw DataError(
        "the array has \(source.allColumns) columns, data.columns names \(columns.count)",
        at: .init(file: path), hint: companionHint(path))
    }
    return try request.table(source, columns: columns)
  }

  /// The file of labels beside an array, where there is one.
  static func companions(of path: String) -> [String] {
    guard path.hasSuffix(".npy"), !path.hasSuffix(".labels.npy") else { return [] }
    let companion = "\(path.dropLast(4)).labels.npy"
    return FileManager.default.fileExists(atPath: companion) ? [companion] : []
  }

  private static func companionHint(_ path: String) -> String? {
    companions(of: path).isEmpty && path.hasSuffix(".npy")
      ? "labels of their own belong into \(path.dropLast(4)).labels.npy" : nil
  }
}

/// The elements of an array as text: a line for each row, with commas between the columns.
private final class NpySource: ByteSource {
  private let file: FileSource
  private let header: NpyHeader
  private let labels: NpySource?
  /// The text of a missing value, which stands for NaN.
  private let missing: [UInt8]
  private var row = 0
  private var output: [UInt8] = []
  private var used = 0

  private var columnCount: Int { header.shape[1] }
  /// Of the array and the labels beside it.
  var allColumns: Int { columnCount + (labels?.columnCount ?? 0) }

  var path: String { file.path }
  var size: Int? { file.size }

  /// Reads the headers. Throws `DataError`.
  init(_ path: String, missing: [String]) throws {
    let header = try NpyHeader.matrix(path)
    let labels = try NpyRows.companions(of: path).first.map { try NpySource($0, missing: missing) }
    if let labels, labels.header.shape[0] != header.shape[0] {
      throw DataError(
        "holds \(labels.header.shape[0]) rows, \(path) has \(header.shape[0])",
        at: .init(file: labels.path))
    }
    self.header = header
    self.labels = labels
    self.missing = Array((missing.first ?? "nan").utf8)
    file = try FileSource(path)
    _ = try take(header.dataOffset)
  }

  func requireUnchanged() throws {
    try file.requireUnchanged()
    try labels?.requireUnchanged()
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    if used == output.count { try refill() }
    let count = min(buffer.count, output.count - used)
    output.withUnsafeBytes { bytes in
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[used..<used + count]))
    }
    used += count
    return count
  }

  /// The next bytes of the file. Throws `DataError` when there are fewer.
  private func take(_ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let got = try bytes.withUnsafeMutableBytes { bytes in
        try file.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[filled...]))
      }
      guard got > 0 else {
        throw DataError("the array ends too early", at: .init(file: path, line: row + 1))
      }
      filled += got
    }
    return bytes
  }

  private func refill() throws {
    output.removeAll(keepingCapacity: true)
    used = 0
    let count = min(max(1, (1 << 16) / max(1, allColumns * 8)), header.shape[0] - row)
    guard count > 0 else {
      // Reads the end, as every source does.
      _ = try file.read(into: UnsafeMutableRawBufferPointer(start: nil, count: 0))
      return
    }
    let bytes = try take(count * columnCount * header.elementBytes)
    let beside = try labels.map { try $0.take(count * $0.columnCount * $0.header.elementBytes) }
    // A local variable: each access to a property of a class is checked for exclusivity.
    var text = output
    output = []
    for k in 0..<count {
      put(bytes, row: k, into: &text)
      if let labels, let beside {
        if columnCount > 0, labels.columnCount > 0 { text.append(UInt8(ascii: ",")) }
        labels.put(beside, row: k, into: &text)
      }
      text.append(10)
    }
    output = text
    row += count
    labels?.row = row
  }

  /// Appends the numbers of a row.
  private func put(_ bytes: [UInt8], row: Int, into text: inout [UInt8]) {
    let (columns, element, size) = (columnCount, header.element, header.elementBytes)
    let missing = self.missing
    bytes.withUnsafeBytes { bytes in
      for column in 0..<columns {
        if column > 0 { text.append(UInt8(ascii: ",")) }
        let place = (row * columns + column) * size
        switch element {
        case .uint8: Self.put(Int(bytes[place]), into: &text)
        case .bool: Self.put(bytes[place] == 0 ? 0 : 1, into: &text)
        case .int32:
          let value = bytes.loadUnaligned(fromByteOffset: place, as: Int32.self)
          Self.put(Int(Int32(littleEndian: value)), into: &text)
        case .int64:
          let value = bytes.loadUnaligned(fromByteOffset: place, as: Int64.self)
          Self.put(Int(Int64(littleEndian: value)), into: &text)
        case .float32:
          let bits = UInt32(
            littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
          let value = Float(bitPattern: bits)
          if !Self.putWhole(Double(value), missing, into: &text) {
            Self.put(value.description, into: &text)
          }
        case .float64:
          let bits = UInt64(
            littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
          let value = Double(bitPattern: bits)
          if !Self.putWhole(value, missing, into: &text) {
            Self.put(value.description, into: &text)
          }
        }
      }
    }
  }

  /// Appends a whole number, or the text of a missing value for NaN. False for other numbers, of which
  /// the caller appends the shortest text that reads back as the same number.
  private static func putWhole(
    _ value: Double, _ missing: [UInt8], into text: inout [UInt8]
  ) -> Bool {
    if value.isNaN {
      text += missing
      return true
    }
    guard value.magnitude < 1e9, value == value.rounded(.towardZero) else { return false }
    put(Int(value), into: &text)
    return true
  }

  private static func put(_ value: Int, into text: inout [UInt8]) {
    if 0...9 ~= value {
      text.append(48 + UInt8(value))
    } else {
      put(value.description, into: &text)
    }
  }

  private static func put(_ number: String, into text: inout [UInt8]) {
    var number = number
    number.withUTF8 { text.append(contentsOf: $0) }
  }
}

extension NpyHeader {
  /// The header of an array of rows and columns; the file holds all of its elements.
  static func matrix(_ path: String) throws -> NpyHeader {
    let source = try FileSource(path)
    guard let size = source.size else {
      throw DataError("a .npy array cannot come through a pipe", at: .init(file: path))
    }
    var bytes: [UInt8] = []
    while true {
      let more = try source.read(count: 4096)
      bytes += more
      do {
        var header = try NpyHeader(bytes)
        guard (1...2).contains(header.shape.count) else {
          throw DataError(
            "the array has the shape \(NpyHeader.text(header.shape)), expected (rows, columns)",
            at: .init(file: path))
        }
        if header.shape.count == 1 { header.shape.append(1) }
        // The header was checked: no more elements than 2^40.
        let needed = header.count * header.elementBytes
        guard size - header.dataOffset == needed else {
          throw DataError(
            "the file holds \(size - header.dataOffset) bytes of elements, its shape"
              + " \(NpyHeader.text(header.shape)) needs \(needed)", at: .init(file: path))
        }
        return header
      } catch let error as NpyHeader.Malformed {
        guard error.isTruncated, !more.isEmpty else {
          throw DataError(error.message, at: .init(file: path))
        }
      }
    }
  }
}

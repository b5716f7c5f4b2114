/// The bytes of a file of lines as those of a table: each line becomes one of the table, so that line
/// numbers stay. What a line is turned into is said by `convert`; damaged lines that are skipped
/// become blank.
class LineSource: ByteSource {
  /// What becomes of lines that are not of the form.
  private let damage: DamageLog?
  private var line = 0
  /// Bytes read that are not a whole line yet.
  private var rest: [UInt8] = []
  /// Bytes of the table that were not handed out yet, from `used` on.
  private var output: [UInt8] = []
  private var used = 0
  private var atEnd = false

  /// Throws `DataError`.
  init(_ path: String, damage: DamageLog?) throws {
    self.damage = damage
    try super.init(path)
  }

  override func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while used == output.count, !atEnd { try refill() }
    let count = min(buffer.count, output.count - used)
    output.withUnsafeBytes { bytes in
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[used..<used + count]))
    }
    used += count
    return count
  }

  private func convertOrSkip(_ text: UnsafeBufferPointer<UInt8>) throws {
    let before = output.count
    do {
      try convert(text, into: &output)
    } catch let error as DataError {
      guard let damage else { throw error }
      try damage.skip(error)
      output.removeLast(output.count - before)
    }
  }

  /// Appends to `output` what a line is in the table, without its line feed. The line comes without
  /// its end. Throws `DataError`.
  func convert(_ text: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) throws {
    preconditionFailure("a source of lines must say how it converts")
  }

  /// A place in the present line, from 0 on.
  final func place(_ column: Int) -> DataError.Place {
    .init(file: path, line: max(1, line), column: column + 1)
  }

  /// Reads on and turns the whole lines into lines of the table.
  private func refill() throws {
    output.removeAll(keepingCapacity: true)
    used = 0
    let before = rest.count
    let size = 1 << 16
    rest.append(contentsOf: repeatElement(0, count: size))
    let count = try rest.withUnsafeMutableBytes { bytes in
      try super.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[before..<before + size]))
    }
    rest.removeLast(size - count)
    if count == 0 {
      atEnd = true
      if let last = rest.last, last != 10 { rest.append(10) }
    }
    let text = rest
    var start = 0
    try text.withUnsafeBufferPointer { bytes in
      // What was there before holds no line feed, but for the one added at the end.
      var position = atEnd ? 0 : before
      while position < bytes.count {
        if bytes[position] == 10 {
          line += 1
          let end = position > start && bytes[position - 1] == 13 ? position - 1 : position
          try convertOrSkip(UnsafeBufferPointer(rebasing: bytes[start..<end]))
          output.append(10)
          start = position + 1
        }
        position += 1
      }
    }
    rest.removeFirst(start)
    guard rest.count <= TableReader.maximumRecordBytes else {
      throw DataError(
        "the line is longer than \(TableReader.maximumRecordBytes >> 20) MiB", at: place(0))
    }
  }
}

func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }

import Schema

/// Turns the lines of a file format into lines of a table.
protocol LineConverter {
  /// Appends to `output` what a line is in the table, without its line feed. Throws `DataError`.
  mutating func convert(_ line: TextLine, into output: inout [UInt8]) throws
}

/// A line of a file, without its end.
struct TextLine {
  let text: UnsafeBufferPointer<UInt8>
  fileprivate let file: String
  /// 1-based.
  fileprivate let number: Int

  /// The place of a byte of the line, counted from 0.
  func place(_ byte: Int) -> DataError.Place { .init(file: file, line: number, column: byte + 1) }

  /// Some bytes of the line.
  subscript(range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: text[range])
  }
}

/// The lines of a file as the lines of a table: each becomes one, so that line numbers stay. A
/// damaged line that is skipped becomes a blank one.
final class LineSource<Converter: LineConverter>: ByteSource {
  private let file: TextSource
  private var converter: Converter
  /// Where damaged lines are noted; nil: the first ends the reading.
  private let damage: DamageLog?
  private var line = 0
  /// Bytes that were read and are not a whole line yet.
  private var partial: [UInt8] = []
  /// Bytes of the table; those from `used` on were not handed out yet.
  private var output: [UInt8] = []
  private var used = 0
  private var atEnd = false
  /// Whether nothing was read yet.
  private var isAtStart = true

  var path: String { file.path }
  var size: Int? { file.size }

  init(_ file: TextSource, _ converter: Converter, damage: DamageLog?) {
    self.file = file
    self.converter = converter
    self.damage = damage
  }

  func requireUnchanged() throws { try file.requireUnchanged() }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
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
      try converter.convert(TextLine(text: text, file: path, number: line), into: &output)
    } catch let error as DataError {
      guard let damage else { throw error }
      try damage.skip(error)
      output.removeLast(output.count - before)
    }
  }

  /// Reads on and converts the whole lines.
  private func refill() throws {
    output.removeAll(keepingCapacity: true)
    used = 0
    let before = partial.count
    let size = 1 << 16
    partial.append(contentsOf: repeatElement(0, count: size))
    let count = try partial.withUnsafeMutableBytes { bytes in
      try file.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[before..<before + size]))
    }
    partial.removeLast(size - count)
    if isAtStart, !partial.isEmpty {
      isAtStart = false
      let mark = try partial.withUnsafeBufferPointer { try TextSignature.length($0, path: path) }
      partial.removeFirst(mark)
    }
    if count == 0 {
      atEnd = true
      if let last = partial.last, last != 10 { partial.append(10) }
    }
    let text = partial
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
    partial.removeFirst(start)
    guard partial.count <= TableReader.maximumRecordBytes else {
      throw DataError(
        "the line is longer than \(TableReader.maximumRecordBytes >> 20) MiB",
        at: .init(file: path, line: max(1, line), column: 1))
    }
  }
}

func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }

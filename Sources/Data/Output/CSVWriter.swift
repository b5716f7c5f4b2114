/// Writes a text table: fields are quoted where a reader would otherwise not get them back.
public final class CSVWriter {
  private let file: AtomicFile
  private let delimiter: UInt8
  private var line: [UInt8] = []
  private var fieldCount = 0

  /// `delimiter` is one ASCII byte.
  public init(_ file: AtomicFile, delimiter: UInt8 = UInt8(ascii: ",")) {
    self.file = file
    self.delimiter = delimiter
  }

  public func field(_ text: String) {
    var text = text
    text.withUTF8 { field(UnsafeRawBufferPointer($0)) }
  }

  public func field(_ bytes: UnsafeRawBufferPointer) {
    startField()
    guard needsQuotes(bytes) else {
      line.append(contentsOf: bytes)
      return
    }
    let quote = UInt8(ascii: "\"")
    line.append(quote)
    for byte in bytes {
      if byte == quote { line.append(quote) }
      line.append(byte)
    }
    line.append(quote)
  }

  /// The shortest decimal that reads back as the same float.
  public func field(_ number: Float) { plain(number.description) }
  public func field(_ number: Double) { plain(number.description) }
  public func field(_ number: Int) { plain(String(number)) }

  /// Ends the record. Throws `FileError`.
  public func endRow() throws {
    // An empty line would be skipped by a reader; a quoted nothing is a record.
    if line.isEmpty { line += [UInt8(ascii: "\""), UInt8(ascii: "\"")] }
    line.append(10)
    fieldCount = 0
    try line.withUnsafeBytes { try file.write($0) }
    line.removeAll(keepingCapacity: true)
  }

  public func header(_ names: [String]) throws {
    for name in names { field(name) }
    try endRow()
  }

  /// Completes the file. Throws `FileError`.
  public func finish() throws { try file.commit() }

  private func plain(_ text: String) {
    startField()
    line.append(contentsOf: text.utf8)
  }

  private func startField() {
    if fieldCount > 0 { line.append(delimiter) }
    fieldCount += 1
  }

  private func needsQuotes(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let first = bytes.first, let last = bytes.last else { return false }
    if first <= 32 || last <= 32 { return true }
    // A first field that looks like a comment or a byte order mark.
    if fieldCount == 1, first == UInt8(ascii: "#") || first == UInt8(ascii: "|") || first == 0xEF {
      return true
    }
    return bytes.contains {
      $0 == delimiter || $0 == UInt8(ascii: "\"") || $0 == 10 || $0 == 13
    }
  }
}

/// Records of a text table in memory: fields are quoted where a reader would otherwise not get them
/// back.
package struct CSVText: Sendable {
  /// The records so far.
  package private(set) var bytes: [UInt8] = []
  private let delimiter: UInt8
  private var fieldCount = 0
  /// Where the record that is not ended begins.
  private var start = 0

  /// `delimiter` is one ASCII byte.
  package init(delimiter: UInt8 = UInt8(ascii: ",")) { self.delimiter = delimiter }

  package mutating func field(_ text: String) {
    var text = text
    text.withUTF8 { field(UnsafeRawBufferPointer($0)) }
  }

  package mutating func field(_ text: UnsafeRawBufferPointer) {
    startField()
    guard needsQuotes(text) else {
      bytes.append(contentsOf: text)
      return
    }
    let quote = UInt8(ascii: "\"")
    bytes.append(quote)
    for byte in text {
      if byte == quote { bytes.append(quote) }
      bytes.append(byte)
    }
    bytes.append(quote)
  }

  /// The shortest decimal that reads back as the same float.
  package mutating func field(_ number: Float) { plain(number.description) }
  package mutating func field(_ number: Double) { plain(number.description) }
  package mutating func field(_ number: Int) { plain(String(number)) }

  package mutating func endRow() {
    // An empty line would be skipped by a reader; a quoted nothing is a record.
    if bytes.count == start { bytes += [UInt8(ascii: "\""), UInt8(ascii: "\"")] }
    bytes.append(10)
    fieldCount = 0
    start = bytes.count
  }

  /// Removes all records and keeps their memory for the next ones.
  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    start = 0
  }

  private mutating func plain(_ text: String) {
    startField()
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func startField() {
    if fieldCount > 0 { bytes.append(delimiter) }
    fieldCount += 1
  }

  private func needsQuotes(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let first = text.first, let last = text.last else { return false }
    if first <= 32 || last <= 32 { return true }
    // A first field that looks like a comment or a byte order mark.
    if fieldCount == 1, first == UInt8(ascii: "#") || first == UInt8(ascii: "|") || first == 0xEF {
      return true
    }
    return text.contains {
      $0 == delimiter || $0 == UInt8(ascii: "\"") || $0 == 10 || $0 == 13
    }
  }
}

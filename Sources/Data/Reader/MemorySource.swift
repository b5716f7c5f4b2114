/// The bytes of a file that are in memory.
final class MemorySource: ByteSource {
  let path: String
  let size: Int?
  private let bytes: [UInt8]
  private var taken = 0

  /// - Parameter path: What messages call the file.
  init(_ bytes: UnsafeRawBufferPointer, path: String) {
    self.path = path
    self.bytes = Array(bytes)
    size = bytes.count
  }

  /// Rows as a table with commas and without a header.
  ///
  /// - Parameters:
  ///   - columns: In the order of the table; a row that lacks one has the text `missing` there.
  ///   - path: What messages call it.
  init(_ rows: [[String: String]], columns: [String], missing: String, path: String) {
    var bytes: [UInt8] = []
    for row in rows {
      for (k, column) in columns.enumerated() {
        if k > 0 { bytes.append(UInt8(ascii: ",")) }
        Self.append(row[column] ?? missing, to: &bytes)
      }
      bytes.append(UInt8(ascii: "\n"))
    }
    self.path = path
    self.bytes = bytes
    size = bytes.count
  }

  /// An empty field has quotes too: a line must not be blank.
  private static func append(_ text: String, to bytes: inout [UInt8]) {
    let special: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: "\""), 10, 13]
    guard text.isEmpty || text.utf8.contains(where: special.contains) else {
      bytes += text.utf8
      return
    }
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\"") { bytes.append(byte) }
      bytes.append(byte)
    }
    bytes.append(UInt8(ascii: "\""))
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = min(buffer.count, bytes.count - taken)
    bytes.withUnsafeBytes { source in
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[taken..<taken + count]))
    }
    taken += count
    return count
  }

  func requireUnchanged() throws {}
}

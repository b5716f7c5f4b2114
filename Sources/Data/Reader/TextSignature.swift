import Schema

/// What a file is by its first bytes, where it is no text table.
enum TextSignature {
  /// The length of a byte order mark to skip. Throws `DataError` for other kinds of files.
  static func length(_ bytes: UnsafeBufferPointer<UInt8>, path: String) throws -> Int {
    if let (what, hint) = kind(bytes) {
      throw DataError("the file is \(what), not a text table", at: .init(file: path), hint: hint)
    }
    return bytes.starts(with: mark) ? mark.count : 0
  }

  /// Throws `DataError` for a file that is no text in any encoding.
  static func requireText(_ bytes: UnsafeBufferPointer<UInt8>, path: String) throws {
    guard wideText(bytes) == nil, let (what, hint) = kind(bytes) else { return }
    throw DataError("the file is \(what), not a text table", at: .init(file: path), hint: hint)
  }

  /// The name of the encoding of a text in units of two or four bytes; nil for any other.
  static func wideText(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    marks.first { bytes.starts(with: $0.0) }?.1 ?? wide(bytes)
  }

  private static let marks: [([UInt8], String)] = [
    ([0xFF, 0xFE, 0, 0], "UTF-32"), ([0, 0, 0xFE, 0xFF], "UTF-32"), ([0xFF, 0xFE], "UTF-16"),
    ([0xFE, 0xFF], "UTF-16"),
  ]

  private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
  private static let workbook = "save it as \"CSV UTF-8\""

  private static func kind(_ bytes: UnsafeBufferPointer<UInt8>) -> (String, hint: String)? {
    if let name = wideText(bytes) {
      let declare = name.contains("16") ? "set data.encoding: \"\(name)\", or " : ""
      return ("\(name) text", "\(declare)convert it to UTF-8: iconv -f \(name) -t UTF-8")
    }
    for (start, what, hint) in binary where bytes.starts(with: start) { return (what, hint) }
    if bytes.starts(with: "PK\u{3}\u{4}".utf8) {
      let names = String(decoding: bytes.prefix(1 << 12), as: UTF8.self)
      return names.contains("[Content_Types].xml") || names.contains("xl/")
        ? ("an Excel workbook", workbook) : ("a zip archive", "unpack it")
    }
    // A pickle of protocol 2 or later; text does not begin with this byte.
    if bytes.count > 1, bytes[0] == 0x80, 2...5 ~= bytes[1] {
      return ("a Python pickle", "export it as CSV")
    }
    return markup(bytes)
  }

  private static let binary: [([UInt8], String, hint: String)] = [
    ([0x1F, 0x8B], "compressed with gzip", "unpack it, or pipe it in: gzip -dc FILE | … -"),
    (
      [0x28, 0xB5, 0x2F, 0xFD], "compressed with zstd",
      "unpack it, or pipe it in: zstd -dc FILE | … -"
    ),
    (
      [0xFD] + Array("7zXZ".utf8), "compressed with xz",
      "unpack it, or pipe it in: xz -dc FILE | … -"
    ),
    (Array("BZh".utf8), "compressed with bzip2", "unpack it, or pipe it in: bzip2 -dc FILE | … -"),
    (
      [0x04, 0x22, 0x4D, 0x18], "compressed with lz4",
      "unpack it, or pipe it in: lz4 -dc FILE | … -"
    ),
    (Array("7z".utf8) + [0xBC, 0xAF], "a 7z archive", "unpack it"),
    (Array("PAR1".utf8), "a Parquet file", "export it as CSV"),
    (Array("ARROW1".utf8), "an Arrow file", "export it as CSV"),
    (Array("FEA1".utf8), "a Feather file", "export it as CSV"),
    (Array("Obj\u{1}".utf8), "an Avro file", "export it as CSV"),
    ([0x89] + Array("HDF".utf8), "an HDF5 file", "export it as CSV"),
    (Array("SQLite format 3".utf8), "an SQLite database", "export the table as CSV"),
    ([0xD0, 0xCF, 0x11, 0xE0], "an Excel workbook of the old format", workbook),
    (Array("%PDF".utf8), "a PDF document", "export the table as CSV"),
    ([0x93] + Array("NUM".utf8), "a NumPy array", "set data.format: \"npy\""),
    (
      Array("version https://git-lfs".utf8), "a Git LFS pointer",
      "git lfs pull fetches the file that it stands for"
    ),
    (
      Array("/annex/objects/".utf8), "a git-annex pointer",
      "git annex get fetches the file that it stands for"
    ),
  ]

  /// UTF-16 or UTF-32 without a byte order mark: most characters have zeros beside them.
  private static func wide(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    let count = min(bytes.count, 256) & ~3
    guard count >= 8 else { return nil }
    var zeros = [0, 0, 0, 0]
    for k in 0..<count where bytes[k] == 0 { zeros[k & 3] += 1 }
    let most = count / 4
    if zeros[0] == 0, zeros[1] + zeros[2] + zeros[3] >= 3 * most - 3 { return "UTF-32LE" }
    if zeros[3] == 0, zeros[0] + zeros[1] + zeros[2] >= 3 * most - 3 { return "UTF-32BE" }
    if zeros[0] + zeros[2] == 0, zeros[1] + zeros[3] > most / 2 { return "UTF-16LE" }
    if zeros[1] + zeros[3] == 0, zeros[0] + zeros[2] > most / 2 { return "UTF-16BE" }
    return nil
  }

  private static func markup(_ bytes: UnsafeBufferPointer<UInt8>) -> (String, hint: String)? {
    var text = bytes.prefix(64)
    if text.starts(with: mark) { text = text.dropFirst(mark.count) }
    let start = String(decoding: text.drop { [9, 10, 13, 32].contains($0) }, as: UTF8.self)
      .lowercased()
    if start.hasPrefix("<!doctype html") || start.hasPrefix("<html") {
      return ("a web page", "download the file itself")
    }
    if start.hasPrefix("<?xml") { return ("XML", "export it as CSV") }
    if start.hasPrefix("{\"") || start.hasPrefix("[{\"") { return ("JSON", "export it as CSV") }
    return nil
  }
}

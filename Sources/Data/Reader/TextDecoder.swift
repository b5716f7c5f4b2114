import Schema

/// Converts the bytes of a file from another encoding to UTF-8, by the system's `iconv`.
final class TextDecoder {
  private let file: any ByteSource
  private let encoding: TableFormat.Encoding
  private let converter: iconv_t
  /// Bytes of the file; those from `used` to `filled` were not converted yet.
  private var input: [UInt8]
  private var used = 0
  private var filled = 0
  private var isAtEnd = false
  private var hasStarted = false
  /// UTF-8; bytes from `given` to `made` were not handed out yet.
  private var output: [UInt8]
  private var given = 0
  private var made = 0
  /// The place behind all of the output: its line, and the bytes of that line.
  private var line = 1
  private var column = 1

  private static let pieceBytes = 1 << 16

  /// Throws `DataError` where the system does not know the encoding.
  init(_ file: any ByteSource, _ encoding: TableFormat.Encoding) throws {
    self.file = file
    self.encoding = encoding
    input = [UInt8](repeating: 0, count: Self.pieceBytes)
    // A byte becomes four at most.
    output = [UInt8](repeating: 0, count: 4 * Self.pieceBytes)
    let opened = iconv_open("UTF-8", encoding.systemName)
    guard let opened, Int(bitPattern: opened) != -1 else {
      throw DataError(
        "this system cannot read \(encoding.rawValue): its iconv does not know"
          + " \(encoding.systemName)", at: .init(file: file.path),
        hint: "convert the file to UTF-8 where iconv knows it, and leave data.encoding out")
    }
    converter = opened
  }

  deinit { iconv_close(converter) }

  /// Fills at most `buffer.count` bytes; 0 at the end. Throws `DataError`, for a byte that does not fit
  /// the encoding too.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while given == made {
      if isAtEnd, used == filled { return 0 }
      try convert()
    }
    let count = min(buffer.count, made - given)
    output.withUnsafeBytes {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[given..<given + count]))
    }
    given += count
    return count
  }

  /// Converts what there is, and reads on where that is not a whole character.
  private func convert() throws {
    (given, made) = (0, 0)
    if filled - used < 8, !isAtEnd { try refill() }
    if !hasStarted {
      hasStarted = true
      try checkStart()
    }
    guard used < filled else { return }
    var failure: Int32 = 0
    let (usedBytes, madeBytes) = input.withUnsafeMutableBytes { input in
      output.withUnsafeMutableBytes { output in
        var from = input.baseAddress?.advanced(by: used).assumingMemoryBound(to: CChar.self)
        var to = output.baseAddress?.assumingMemoryBound(to: CChar.self)
        var fromLeft = filled - used
        var toLeft = output.count
        if iconv(converter, &from, &fromLeft, &to, &toLeft) == -1 {
          failure = errno
        }
        return (filled - used - fromLeft, output.count - toLeft)
      }
    }
    used += usedBytes
    made = madeBytes
    for byte in output[..<made] {
      column += 1
      if byte == 10 { (line, column) = (line + 1, 1) }
    }
    // An error is told when the text before it was handed out, a part of a character is read on.
    guard made == 0, failure != 0, failure != EINVAL || isAtEnd else { return }
    throw unfitting(isCut: failure == EINVAL)
  }

  private func refill() throws {
    input.withUnsafeMutableBytes { bytes in
      bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[used..<filled]))
    }
    filled -= used
    used = 0
    let count = try input.withUnsafeMutableBytes {
      try file.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[filled...]))
    }
    filled += count
    isAtEnd = count == 0
  }

  private func unfitting(isCut: Bool) -> DataError {
    let place = DataError.Place(file: file.path, line: line, column: column)
    let likelier = DeclaredEncoding.likelier(than: encoding, in: file.path)
    let hint =
      "data.encoding says \(encoding.rawValue)"
      + (likelier.map { ", and the file seems to be \($0.rawValue): set it to that" }
        ?? ": correct it, or what is damaged")
    if isCut {
      return DataError("the file ends inside a character", at: place, hint: hint)
    }
    let byte = String(input[used], radix: 16)
    return DataError(
      "the byte 0x\(byte.count < 2 ? "0" : "")\(byte) does not fit \(encoding.rawValue)", at: place,
      hint: hint)
  }

  // MARK: What the file is

  /// Throws `DataError` for a file that is clearly something else by its first bytes.
  private func checkStart() throws {
    try input.withUnsafeBufferPointer { input in
      let start = UnsafeBufferPointer(rebasing: input[used..<filled])
      if let other = TextEncoding.contradiction(to: encoding, start) {
        let known = TableFormat.Encoding(rawValue: other)
        throw DataError(
          "the file is \(other), not \(encoding.rawValue)", at: .init(file: file.path),
          hint: known == .utf8
            ? "remove data.encoding"
            : known == nil ? "correct data.encoding" : "set data.encoding to that")
      }
      try TextSignature.requireText(start, path: file.path)
    }
  }
}

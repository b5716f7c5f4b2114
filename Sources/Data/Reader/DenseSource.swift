import Schema

/// The bytes of a file of numbers with spaces, tabs or commas between them as those of a table with
/// commas. Any number of spaces separates once, beside a comma or not.
final class DenseSource: LineSource {
  private let comment: [UInt8]
  private static let comma = UInt8(ascii: ",")

  /// Throws `DataError`.
  init(_ path: String, format: TableFormat, damage: DamageLog?) throws {
    comment = Array((format.comment ?? "").utf8)
    try super.init(path, damage: damage)
  }

  override func convert(
    _ text: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]
  ) throws {
    if !comment.isEmpty && text.starts(with: comment) { return }
    var hasStarted = false
    var isAfterSpace = false
    var isAfterComma = false
    for byte in text {
      if byte == Self.comma {
        if isAfterComma { output.append(Self.comma) }
        isAfterComma = true
        hasStarted = true
      } else if isSpace(byte) {
        isAfterSpace = true
      } else {
        if hasStarted, isAfterSpace || isAfterComma { output.append(Self.comma) }
        output.append(byte)
        isAfterSpace = false
        isAfterComma = false
        hasStarted = true
      }
    }
    if isAfterComma { output.append(Self.comma) }
  }
}

extension TableFormat {
  /// The table that the lines or rows of another layout are turned into.
  func asTable(columns: [String]) -> TableFormat {
    TableFormat(
      delimiter: UInt8(ascii: ","), hasHeader: false, columns: columns, missing: missing)
  }
}

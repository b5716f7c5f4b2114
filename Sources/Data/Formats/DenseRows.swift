import Schema

/// Lines of numbers with spaces, tabs or commas between them. Any number of spaces separates once,
/// beside a comma or not.
enum DenseRows: RowFormat {
  static func open(_ path: String, _ request: TableRequest) throws -> TableReader {
    let converter = Converter(comment: Array((request.format.comment ?? "").utf8))
    return try request.table(
      LineSource(request.text(path), converter, damage: request.damage),
      columns: request.format.columns ?? [])
  }

  private struct Converter: LineConverter {
    let comment: [UInt8]

    func convert(_ line: TextLine, into output: inout [UInt8]) throws {
      if !comment.isEmpty && line.text.starts(with: comment) { return }
      let comma = UInt8(ascii: ",")
      var hasStarted = false
      var isAfterSpace = false
      var isAfterComma = false
      for byte in line.text {
        if byte == comma {
          if isAfterComma { output.append(comma) }
          isAfterComma = true
          hasStarted = true
        } else if isSpace(byte) {
          isAfterSpace = true
        } else {
          if hasStarted, isAfterSpace || isAfterComma { output.append(comma) }
          output.append(byte)
          isAfterSpace = false
          isAfterComma = false
          hasStarted = true
        }
      }
      if isAfterComma { output.append(comma) }
    }
  }
}

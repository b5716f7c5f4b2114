import Schema

/// An error in input data: the one error that reading and fitting throw.
package struct DataError: Error, Sendable, Hashable {
  /// Where it was found; line and column are 1-based, the column counts bytes.
  package struct Place: Sendable, Hashable {
    package var file: String
    package var line: Int?
    package var column: Int?

    package init(file: String, line: Int? = nil, column: Int? = nil) {
      self.file = file
      self.line = line
      self.column = column
    }
  }

  package var place: Place?
  package var message: String
  /// What the user can do about it.
  package var hint: String?

  package init(_ message: String, at place: Place? = nil, hint: String? = nil) {
    self.place = place
    self.message = message
    self.hint = hint
  }
}

extension DataError.Place: CustomStringConvertible {
  package var description: String {
    var text = file == "-" ? "<stdin>" : file
    if let line {
      text += ":\(line)"
      if let column { text += ":\(column)" }
    }
    return text
  }
}

extension DataError: CustomStringConvertible {
  /// `train.csv:17:5: expected 15 fields, found 14 — hint`, printable and of bounded length.
  package var description: String {
    var text = place.map { "\($0): " } ?? ""
    text += message
    if let hint { text += " — \(hint)" }
    return MessageText.message(text)
  }
}

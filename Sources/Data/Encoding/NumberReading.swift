import Schema

/// How the text of a cell becomes a number.
struct NumberReading {
  private let decimal: UInt8
  /// The mark between thousands in its spellings; empty where there is none.
  private let thousands: [[UInt8]]
  private let time: TimeReader?
  /// Whether a number is written with a decimal point alone, as the kernels read it.
  let isPlain: Bool

  init(_ marks: NumberMarks = NumberMarks(), time: TimeReading? = nil) {
    decimal = marks.decimal
    thousands =
      marks.thousands == " "
      ? [" ", "\u{A0}", "\u{202F}"].map { Array($0.utf8) }
      : marks.thousands.isEmpty ? [] : [Array(marks.thousands.utf8)]
    self.time = time.map(TimeReader.init)
    isPlain = time == nil && decimal == UInt8(ascii: ".") && thousands.isEmpty
  }

  init(_ cells: CellReading) { self.init(cells.numbers, time: cells.time) }

  /// Whether the cell holds a date or a time.
  var isTime: Bool { time != nil }

  /// Whether a cell can hold a number itself, and not a time that is written in another way.
  var readsNumbers: Bool { time?.readsNumbers ?? true }

  /// What a cell with this number says; nil where it is no time.
  @inline(__always)
  func number(_ value: Double) -> Double? {
    guard let time else { return value }
    return time.number(value)
  }

  /// The number of a cell that is not missing.
  func number(_ field: UnsafeBufferPointer<UInt8>) -> ParsedNumber {
    guard let start = field.baseAddress else { return .unreadable }
    if isPlain { return parseNumber(start, start + field.count) }
    if let time { return time.number(field).map { .finite($0) } ?? .unreadable }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: field.count + 1) { plain in
      guard let count = rewrite(field, into: plain), let start = plain.baseAddress else {
        return .unreadable
      }
      return parseNumber(start, start + count)
    }
  }

  /// Writes a number without marks between thousands and with a decimal point. Nil where the marks are not
  /// between groups of three digits (of two, but for the last, as in India).
  private func rewrite(
    _ field: UnsafeBufferPointer<UInt8>, into plain: UnsafeMutableBufferPointer<UInt8>
  ) -> Int? {
    var count = 0
    // Digits since the last mark, and of the groups before it.
    var digits = 0
    var groups: [Int] = []
    var isWhole = true
    var k = 0
    func isGrouped() -> Bool {
      guard let first = groups.first else { return true }
      let inner = groups.dropFirst()
      return digits == 3 && 1...3 ~= first
        && (inner.allSatisfy { $0 == 3 } || (first <= 2 && inner.allSatisfy { $0 == 2 }))
    }
    while k < field.count {
      let byte = field[k]
      if isWhole, let mark = thousands.first(where: { field[k...].starts(with: $0) }) {
        groups.append(digits)
        digits = 0
        k += mark.count
        continue
      }
      if byte == decimal, isWhole {
        guard isGrouped() else { return nil }
        isWhole = false
        plain[count] = UInt8(ascii: ".")
      } else if byte == UInt8(ascii: ".") {
        return nil
      } else {
        if isWhole, !(48...57 ~= byte), count > 0 {
          // An exponent ends the digits that marks divide.
          guard isGrouped() else { return nil }
          isWhole = false
        }
        digits += 48...57 ~= byte ? 1 : 0
        plain[count] = byte
      }
      count += 1
      k += 1
    }
    return isWhole && !isGrouped() ? nil : count
  }
}

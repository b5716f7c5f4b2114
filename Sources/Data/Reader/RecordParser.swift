import Schema

/// Cuts a buffer into records and fields, by the positions that a `StructuralIndex` found.
///
/// A quote opens a quoted field only where a field starts; elsewhere it is an ordinary byte. In a
/// quoted field a doubled quote is one quote, and delimiters and line breaks are text. Where the format
/// has an escape, the index holds no escaped byte, so that it is text without more ado.
struct RecordParser {
  /// The first byte of the delimiter, and those behind it.
  let delimiter: UInt8
  let delimiterRest: [UInt8]
  let quote: UInt8
  /// 0 where there is none.
  let escape: UInt8
  let trimsSpaces: Bool
  let comment: [UInt8]

  /// Fields of all complete records, in order; room for one per structural byte.
  private(set) var bounds: UnsafeMutablePointer<FieldBounds>
  private var boundsCapacity = 0
  private(set) var lines: UnsafeMutablePointer<Int>
  private(set) var rowCount = 0
  /// Where the first incomplete record starts: what the next buffer must begin with.
  private(set) var consumed = 0
  /// Where the last record that was looked at starts.
  private(set) var recordStart = 0
  /// The line at `consumed`, 1-based.
  var line = 1
  /// Where the quote that is still open at the buffer's end stands, if that is why it ends.
  private(set) var openQuote: Int?
  /// Quoted fields with doubled quotes in the present record. They are rewritten in place only
  /// when the record is complete, for an incomplete one is parsed again.
  var doubled: [Int] = []

  init(_ format: TableFormat) {
    delimiter = format.delimiter
    delimiterRest = format.delimiterRest
    quote = format.quote
    escape = format.escape
    trimsSpaces = format.trimsSpaces
    comment = Array((format.comment ?? "").utf8)
    bounds = .allocate(capacity: 1)
    lines = .allocate(capacity: 1)
  }

  func deallocate() {
    bounds.deallocate()
    lines.deallocate()
  }

  /// The number of fields of the last record, the last ones in `bounds`.
  private(set) var fieldCount = 0
  private(set) var firstField = 0

  /// What stopped `parse`, always at its last record.
  enum Finding {
    /// The record has `fieldCount` fields, not the number asked for.
    case ragged
    /// Text follows the closing quote at this position.
    case textAfterQuote(Int)
  }

  /// Parses the complete records in the indexed bytes.
  ///
  /// - Parameters:
  ///   - start: where the first record starts, at `line`.
  ///   - columnCount: the fields that each record must have; nil parses one record of any length.
  mutating func parse(
    _ base: UnsafeMutablePointer<UInt8>, index: StructuralIndex, length: Int, from start: Int,
    columnCount: Int?, rowLimit: Int = .max
  ) -> Finding? {
    reserve(index.count)
    // Left from an incomplete record of the buffer before.
    doubled.removeAll(keepingCapacity: true)
    rowCount = 0
    openQuote = nil
    let positions = index.positions
    let count = index.count
    let bounds = self.bounds
    let limit = columnCount == nil ? 1 : rowLimit
    let mayComment = !comment.isEmpty
    let trims = trimsSpaces
    let quote = self.quote
    let isQuoting = quote != 0
    let delimiterLength = 1 + delimiterRest.count
    var k = 0
    while k < count, Int(positions[k]) < start { k &+= 1 }
    var p = start
    var written = 0

    records: while true {
      consumed = p
      recordStart = p
      if rowCount >= limit || p >= length { break }
      let rowStart = written
      let rowLine = line
      if mayComment || base[p] <= 32, skipsLine(base, p, length) {
        while k < count, base[Int(positions[k])] != 10 { k &+= 1 }
        guard k < count else { break }
        p = Int(positions[k]) &+ 1
        k &+= 1
        line &+= 1
        continue
      }
      fields: while true {
        guard k < count else {
          line = rowLine
          break records
        }
        var s = Int(positions[k])
        var byte = base[s]
        if byte == quote {
          if isQuoting, s == p || (trims && skipSpaces(base, p, s) == s) {
            switch quotedField(base, index, &k, openedAt: s, length: length, number: written) {
            case .incomplete:
              line = rowLine
              break records
            case .stray(let position):
              fieldCount = written &- rowStart
              firstField = rowStart
              lines[rowCount] = rowLine
              rowCount &+= 1
              while k < count, Int(positions[k]) < position || base[Int(positions[k])] != 10 {
                k &+= 1
              }
              doubled.removeAll(keepingCapacity: true)
              // The record ends with the line, as far as can be told.
              if k < count {
                consumed = Int(positions[k]) &+ 1
                line &+= 1
              } else {
                line = rowLine
              }
              return .textAfterQuote(position)
            case .closed(let end):
              written &+= 1
              if base[end] == 10 {
                p = end &+ 1
                break fields
              }
              p = end &+ delimiterLength
              continue fields
            }
          }
          // A quote inside an unquoted field is text: look on for the field's end.
          repeat {
            k &+= 1
            guard k < count else {
              line = rowLine
              break records
            }
            s = Int(positions[k])
            byte = base[s]
          } while byte == quote
        }
        var first = p
        var last = s
        let ends = byte == 10
        if ends, last > first, base[last &- 1] == 13 { last &-= 1 }
        if trims {
          if first < last, base[first] <= 32 { first = skipSpaces(base, first, last) }
          while last > first, isSpace(base[last &- 1]) { last &-= 1 }
        }
        bounds[written] = FieldBounds(
          start: UInt32(truncatingIfNeeded: first), end: UInt32(truncatingIfNeeded: last))
        written &+= 1
        p = s &+ (ends ? 1 : delimiterLength)
        k &+= 1
        if ends { break }
      }
      if escape != 0 {
        line &+= dropEscapes(base, rowStart..<written)
      } else if !doubled.isEmpty {
        joinDoubled(base)
      }
      lines[rowCount] = rowLine
      line &+= 1
      rowCount &+= 1
      fieldCount = written &- rowStart
      firstField = rowStart
      if let columnCount, fieldCount != columnCount {
        consumed = p
        return .ragged
      }
    }
    return nil
  }

  private enum QuotedEnd {
    /// The buffer ends before the field does.
    case incomplete
    case stray(Int)
    /// The field is stored; the delimiter or line feed after it is here.
    case closed(Int)
  }

  /// Reads the field whose opening quote is structural byte `k`; leaves `k` after the field's end.
  private mutating func quotedField(
    _ base: UnsafeMutablePointer<UInt8>, _ index: StructuralIndex, _ k: inout Int,
    openedAt open: Int, length: Int, number: Int
  ) -> QuotedEnd {
    let positions = index.positions
    let count = index.count
    var hasDoubled = false
    k &+= 1
    while k < count {
      let s = Int(positions[k])
      k &+= 1
      if base[s] == 10 { line &+= 1 }
      guard base[s] == quote else { continue }
      if k < count, Int(positions[k]) == s &+ 1, base[s &+ 1] == quote {
        hasDoubled = true
        k &+= 1
        continue
      }
      var after = s &+ 1
      if trimsSpaces { after = skipSpaces(base, after, length) }
      if after < length, base[after] == 13 { after &+= 1 }
      guard after < length else { break }
      if base[after] != 10 {
        guard base[after] == delimiter else { return .stray(after) }
        // A delimiter of several bytes is in the index only where it is whole.
        guard after &+ delimiterRest.count < length else { break }
        guard delimiterRest.isEmpty || k < count && Int(positions[k]) == after else {
          return .stray(after)
        }
      }
      bounds[number] = FieldBounds(
        start: UInt32(truncatingIfNeeded: open &+ 1), end: UInt32(truncatingIfNeeded: s))
      if hasDoubled { doubled.append(number) }
      k &+= 1
      return .closed(after)
    }
    if openQuote == nil { openQuote = open }
    doubled.removeAll(keepingCapacity: true)
    return .incomplete
  }

  /// Whether the line that starts at `p` is a comment or holds nothing but spaces.
  private func skipsLine(_ base: UnsafeMutablePointer<UInt8>, _ p: Int, _ length: Int) -> Bool {
    var q = p
    if trimsSpaces { q = skipSpaces(base, p, length) }
    if q < length, base[q] == 13 { q &+= 1 }
    if q < length, base[q] == 10 { return true }
    guard !comment.isEmpty, length &- p >= comment.count else { return false }
    for (offset, byte) in comment.enumerated() where base[p &+ offset] != byte { return false }
    return true
  }

  @inline(__always)
  private func isSpace(_ byte: UInt8) -> Bool {
    (byte == 32 || byte == 9) && byte != delimiter
  }

  @inline(__always)
  private func skipSpaces(_ base: UnsafeMutablePointer<UInt8>, _ from: Int, _ to: Int) -> Int {
    var p = from
    while p < to, isSpace(base[p]) { p &+= 1 }
    return p
  }

  private mutating func reserve(_ structural: Int) {
    guard boundsCapacity < structural + 1 else { return }
    boundsCapacity = structural + 1 + structural / 8
    bounds.deallocate()
    lines.deallocate()
    bounds = .allocate(capacity: boundsCapacity)
    lines = .allocate(capacity: boundsCapacity)
  }
}

import Schema

/// What the cells of a column hold, as far as they were looked at.
package struct ColumnProfile: Sendable {
  package var name: String
  /// Cells with a value.
  package private(set) var present = 0
  /// Usual words for "no value", and how often they occur.
  package private(set) var markers: [String: Int] = [:]
  /// Cells that are numbers, and among them whole ones.
  package private(set) var numbers = 0
  package private(set) var integers = 0
  package private(set) var minimum = Double.infinity
  package private(set) var maximum = -Double.infinity
  /// Cells that begin with a date, `2024-02-29`, and those that go on with a time.
  package private(set) var dates = 0
  package private(set) var times = 0
  /// By separator the cells in which it stands between two items.
  package private(set) var lists: [UInt8: Int] = [:]
  /// The longest list by separator.
  package private(set) var longest: [UInt8: Int] = [:]
  /// Values and how often they occur, up to `mostValues` of them.
  package private(set) var values: [String: Int] = [:]
  /// Whether there are more values than that.
  package private(set) var hasMoreValues = false

  package static let mostValues = 20_000
  private static let separators = Array("|;^,".utf8)

  init(_ name: String) { self.name = name }

  mutating func add(_ cell: UnsafeBufferPointer<UInt8>) {
    if UsualMarkers.contains(cell) {
      markers[String(decoding: cell, as: UTF8.self), default: 0] += 1
      return
    }
    present += 1
    if let start = cell.baseAddress,
      case .finite(let number) = parseNumber(start, start + cell.count)
    {
      numbers += 1
      integers += number == number.rounded() ? 1 : 0
      minimum = min(minimum, number)
      maximum = max(maximum, number)
    } else {
      note(text: cell)
    }
    let text = String(decoding: cell, as: UTF8.self)
    if let known = values[text] {
      values[text] = known + 1
    } else if values.count < Self.mostValues {
      values[text] = 1
    } else {
      hasMoreValues = true
    }
  }

  private mutating func note(text cell: UnsafeBufferPointer<UInt8>) {
    let date = cell.prefix(10)
    let isDate =
      date.count == 10
      && date.enumerated().allSatisfy { place, byte in
        place == 4 || place == 7 ? byte == UInt8(ascii: "-") : 48...57 ~= byte
      }
    if isDate {
      dates += 1
      times += cell.count > 12 ? 1 : 0
    }
    for separator in Self.separators {
      let inner = cell.dropFirst().dropLast().count { $0 == separator }
      guard inner > 0 else { continue }
      lists[separator, default: 0] += 1
      longest[separator] = max(longest[separator] ?? 0, inner + 1)
    }
  }
}

/// What the first rows of a table hold, column by column.
package struct TableProfile: Sendable {
  package var rows = 0
  package var columns: [ColumnProfile]
  /// By column the cells of the rows, of those that were asked for.
  package var cells: [String: [String]] = [:]

  /// Reads the first rows of a table.
  ///
  /// - Parameter keeping: Columns whose cells are kept.
  /// - Throws: `DataError`, for a column to be kept that there is not, too.
  package init(
    _ path: String, _ format: TableFormat, keeping: [String], rowLimit: Int
  ) throws {
    let reader = try TableReader(
      TextSource(path, encoding: format.encoding), format: format)
    columns = reader.names.map(ColumnProfile.init)
    let kept = try keeping.map { (name: $0, column: try reader.column($0, for: "a label")) }
    for (name, _) in kept { cells[name] = [] }
    while rows < rowLimit, try reader.nextBlock(rowLimit: rowLimit - rows) {
      let block = reader.block
      for row in 0..<block.rowCount {
        for column in columns.indices { columns[column].add(block.field(row, column)) }
        for (name, column) in kept {
          cells[name]?.append(String(decoding: block.field(row, column), as: UTF8.self))
        }
      }
      rows += block.rowCount
    }
    guard rows > 0 else { throw DataError("there are no rows", at: .init(file: path)) }
  }
}

import Schema

/// A table of text, aligned for characters of any width: the first column to the left, the others to the right.
struct Table {
  var head: [String]
  var rows: [[String]]
  /// Columns beside the first that are aligned to the left.
  var left: Set<Int>

  init(_ head: [String], left: Set<Int> = [], rows: [[String]] = []) {
    self.head = head
    self.left = left.union([0])
    self.rows = rows
  }

  /// A row for each item.
  init<Item>(
    _ head: [String], left: Set<Int> = [], _ items: [Item], _ cells: (Item) -> [String]
  ) {
    self.init(head, left: left, rows: items.map(cells))
  }

  var text: String {
    let all = ([head] + rows).map { $0.map(MessageText.printable) }
    let widths = head.indices.map { column in
      all.map { column < $0.count ? $0[column].width : 0 }.max() ?? 0
    }
    return all.map { row in
      let cells = widths.enumerated().map { column, width in
        let cell = column < row.count ? row[column] : ""
        return left.contains(column) ? cell.padding(to: width) : cell.leftPadding(to: width)
      }
      var line = cells.joined(separator: "  ")
      while line.hasSuffix(" ") { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}

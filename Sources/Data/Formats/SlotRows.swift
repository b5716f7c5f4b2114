import Schema

/// Lines `field,…,slot:id,slot:id,…`: leading fields by place, then items in any number and order.
/// Each slot that a feature reads is a column by its name, which holds the slot's ids in their order
/// with the feature's separator between them; other slots are dropped.
enum SlotRows: RowFormat {
  static func open(_ path: String, _ request: TableRequest) throws -> TableReader {
    let table = try SlotTable(request)
    var format = request.format
    format.layout = .table
    format.hasHeader = false
    format.columns = table.leading + table.slots.map(\.name)
    return try TableReader(
      LineSource(request.text(path), SlotConverter(table, format), damage: request.damage),
      format: format, optional: request.optional, damage: request.damage)
  }
}

/// The columns of the table that the lines are turned into.
private struct SlotTable {
  struct Slot: Equatable {
    var name: String
    /// What goes between the ids of a slot that occurs several times; nil for a feature that reads
    /// one id.
    var separator: UInt8?
  }

  var leading: [String]
  /// Leading columns that a file may lack, all of them together.
  var optional: Set<String>
  var slots: [Slot] = []

  /// Throws `DataError` where features read one slot in two ways.
  init(_ request: TableRequest) throws {
    leading = request.format.columns ?? []
    optional = request.optional
    for column in request.columns where column.isFeature && !leading.contains(column.name) {
      let slot = Slot(name: column.name, separator: column.sequence?.separator)
      guard let known = slots.first(where: { $0.name == slot.name }) else {
        slots.append(slot)
        continue
      }
      guard known == slot else {
        throw DataError(
          "\(column.purpose) reads the slot \"\(slot.name)\" in another way than a feature before",
          hint: "the features of one slot must have the same type and the same separator")
      }
    }
  }
}

/// Converts a line to its leading fields and a field for each slot of the table. Blank lines and
/// comments stay as they are.
private struct SlotConverter: LineConverter {
  private let table: SlotTable
  private let delimiter: UInt8
  private let comment: [UInt8]
  private let names: SlotNames
  /// How many fields lead, once that is known.
  private var leadingCount: Int?
  /// The ids of each slot in the present line, by place in it.
  private var items: [[Range<Int>]]

  init(_ table: SlotTable, _ format: TableFormat) {
    self.table = table
    delimiter = format.delimiter
    comment = Array((format.comment ?? "").utf8)
    names = SlotNames(table.slots.map(\.name))
    items = Array(repeating: [], count: table.slots.count)
  }

  mutating func convert(_ line: TextLine, into output: inout [UInt8]) throws {
    let text = line.text
    if text.allSatisfy(isSpace) || (!comment.isEmpty && text.starts(with: comment)) {
      output += text
      return
    }
    for k in items.indices { items[k].removeAll(keepingCapacity: true) }
    let leading = try leadingCount ?? countLeading(line)
    var field = 0
    var start = 0
    var leadingEnd = text.count
    for position in 0...text.count where position == text.count || text[position] == delimiter {
      if field < leading {
        leadingEnd = position
      } else {
        try add(line, start..<position)
      }
      field += 1
      start = position + 1
    }
    // Known from the first line that is of the form.
    leadingCount = leading
    output += text[..<leadingEnd]
    for (k, slot) in table.slots.enumerated() {
      output.append(delimiter)
      for (number, item) in items[k].enumerated() {
        if number > 0, let separator = slot.separator { output.append(separator) }
        output += text[item]
      }
    }
  }

  /// Fields before the first `slot:id`.
  private func countLeading(_ line: TextLine) throws -> Int {
    let text = line.text
    var count = 0
    var start = 0
    for position in 0...text.count where position == text.count || text[position] == delimiter {
      if text[start..<position].contains(UInt8(ascii: ":")) { break }
      count += 1
      start = position + 1
    }
    let shorter = table.leading.count { !table.optional.contains($0) }
    guard count == table.leading.count || count == shorter else {
      throw DataError(
        "the line begins with \(count) fields before the first slot:id, data.columns names"
          + " \(table.leading.count)", at: line.place(0))
    }
    return count
  }

  /// Adds one `slot:id` of the line to the ids of its slot.
  private mutating func add(_ line: TextLine, _ range: Range<Int>) throws {
    let text = line.text
    var (first, last) = (range.lowerBound, range.upperBound)
    while first < last, isSpace(text[first]) { first += 1 }
    while last > first, isSpace(text[last - 1]) { last -= 1 }
    guard first < last else { return }
    guard let colon = text[first..<last].firstIndex(of: UInt8(ascii: ":")), colon > first else {
      let item = excerpt(line[first..<last])
      throw DataError(
        "\"\(item)\" is not of the form slot:id", at: line.place(first),
        hint: "the fields before the slots must be those that data.columns names")
    }
    guard let slot = names.index(of: line[first..<colon]),
      colon + 1 < last
    else { return }
    if table.slots[slot].separator == nil, !items[slot].isEmpty {
      throw DataError(
        "the slot \"\(table.slots[slot].name)\" occurs more than once, but its feature reads one"
          + " id", at: line.place(first), hint: "declare the feature with type: \"sequence\"")
    }
    items[slot].append(colon + 1..<last)
  }
}

/// Finds slots by the bytes of their names.
private struct SlotNames {
  private var places: [UInt64: [Int]] = [:]
  private let names: [[UInt8]]

  init(_ names: [String]) {
    self.names = names.map { Array($0.utf8) }
    for (k, name) in self.names.enumerated() {
      places[name.withUnsafeBufferPointer { fnv1a($0) }, default: []].append(k)
    }
  }

  func index(of text: UnsafeBufferPointer<UInt8>) -> Int? {
    places[fnv1a(text)]?.first { names[$0].elementsEqual(text) }
  }
}

import Schema

/// The bytes of a file of `field,…,slot:id,slot:id,…` lines as those of a table: a line for each
/// line, with the leading fields and then a field for each slot of the table, which holds the slot's
/// ids in their order, with the slot's separator between them. Slots that no feature reads are
/// dropped; blank lines and comments stay as they are.
final class SlotSource: LineSource {
  private let table: SlotTable
  private let delimiter: UInt8
  private let comment: [UInt8]
  private let names: SlotNames
  /// How many fields lead, once that is known.
  private var leadingCount: Int?
  /// The ids of each slot in the present line, by place in it.
  private var items: [[Range<Int>]]

  /// Throws `DataError`.
  init(_ path: String, table: SlotTable, format: TableFormat, damage: DamageLog? = nil) throws {
    self.table = table
    delimiter = format.delimiter
    comment = Array((format.comment ?? "").utf8)
    names = SlotNames(table.slots.map(\.name))
    items = Array(repeating: [], count: table.slots.count)
    try super.init(path, damage: damage)
  }

  override func convert(
    _ text: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]
  ) throws {
    if text.allSatisfy(isSpace) || (!comment.isEmpty && text.starts(with: comment)) {
      output += text
      return
    }
    for k in items.indices { items[k].removeAll(keepingCapacity: true) }
    let leading = try leadingCount ?? countLeading(text)
    var field = 0
    var start = 0
    var leadingEnd = text.count
    for position in 0...text.count where position == text.count || text[position] == delimiter {
      if field < leading {
        leadingEnd = position
      } else {
        try take(text, start..<position)
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
  private func countLeading(_ text: UnsafeBufferPointer<UInt8>) throws -> Int {
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
          + " \(table.leading.count)", at: place(0))
    }
    return count
  }

  /// Files one `slot:id` of the line.
  private func take(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) throws {
    var (first, last) = (range.lowerBound, range.upperBound)
    while first < last, isSpace(text[first]) { first += 1 }
    while last > first, isSpace(text[last - 1]) { last -= 1 }
    guard first < last else { return }
    guard let colon = text[first..<last].firstIndex(of: UInt8(ascii: ":")), colon > first else {
      let item = excerpt(UnsafeBufferPointer(rebasing: text[first..<last]))
      throw DataError(
        "\"\(item)\" is not of the form slot:id", at: place(first),
        hint: "the fields before the slots must be those that data.columns names")
    }
    guard let slot = names.index(of: UnsafeBufferPointer(rebasing: text[first..<colon])),
      colon + 1 < last
    else { return }
    if table.slots[slot].separator == nil, !items[slot].isEmpty {
      throw DataError(
        "the slot \"\(table.slots[slot].name)\" occurs more than once, but its feature reads one"
          + " id", at: place(first), hint: "declare the feature with type: \"sequence\"")
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
      places[name.withUnsafeBufferPointer { Self.hash($0) }, default: []].append(k)
    }
  }

  private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return hash
  }

  func index(of text: UnsafeBufferPointer<UInt8>) -> Int? {
    places[Self.hash(text)]?.first { names[$0].elementsEqual(text) }
  }
}

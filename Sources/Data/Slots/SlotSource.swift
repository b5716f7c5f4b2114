import Schema

/// The bytes of a file of `field,…,slot:id,slot:id,…` lines as those of a table: a line for each
/// line, with the leading fields and then a field for each slot of the table, which holds the slot's
/// ids in their order, with the slot's separator between them. Slots that no feature reads are
/// dropped; blank lines and comments stay as they are, damaged lines that are skipped become blank.
final class SlotSource: ByteSource {
  private let table: SlotTable
  private let delimiter: UInt8
  private let comment: [UInt8]
  private let names: SlotNames
  /// What becomes of lines that are not of the form.
  private let damage: DamageLog?
  /// How many fields lead, once that is known.
  private var leadingCount: Int?
  private var line = 0
  /// Bytes read that are not a whole line yet.
  private var rest: [UInt8] = []
  /// Bytes of the table that were not handed out yet, from `used` on.
  private var output: [UInt8] = []
  private var used = 0
  private var atEnd = false
  /// The ids of each slot in the present line, by place in it.
  private var items: [[Range<Int>]]

  /// Throws `DataError`.
  init(_ path: String, table: SlotTable, format: TableFormat, damage: DamageLog? = nil) throws {
    self.table = table
    self.damage = damage
    delimiter = format.delimiter
    comment = Array((format.comment ?? "").utf8)
    names = SlotNames(table.slots.map(\.name))
    items = Array(repeating: [], count: table.slots.count)
    try super.init(path)
  }

  override func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while used == output.count, !atEnd { try refill() }
    let count = min(buffer.count, output.count - used)
    output.withUnsafeBytes { bytes in
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[used..<used + count]))
    }
    used += count
    return count
  }

  /// Reads on and turns the whole lines into lines of the table.
  private func refill() throws {
    output.removeAll(keepingCapacity: true)
    used = 0
    let before = rest.count
    let size = 1 << 16
    rest.append(contentsOf: repeatElement(0, count: size))
    let count = try rest.withUnsafeMutableBytes { bytes in
      try super.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[before..<before + size]))
    }
    rest.removeLast(size - count)
    if count == 0 {
      atEnd = true
      if let last = rest.last, last != 10 { rest.append(10) }
    }
    let text = rest
    var start = 0
    try text.withUnsafeBufferPointer { bytes in
      // What was there before holds no line feed, but for the one added at the end.
      var position = atEnd ? 0 : before
      while position < bytes.count {
        if bytes[position] == 10 {
          line += 1
          try convertOrSkip(UnsafeBufferPointer(rebasing: bytes[start..<position]))
          start = position + 1
        }
        position += 1
      }
    }
    rest.removeFirst(start)
    guard rest.count <= TableReader.maximumRecordBytes else {
      throw DataError(
        "the line is longer than \(TableReader.maximumRecordBytes >> 20) MiB", at: place(0))
    }
  }

  private func place(_ column: Int) -> DataError.Place {
    .init(file: path, line: max(1, line), column: column + 1)
  }

  private func convertOrSkip(_ whole: UnsafeBufferPointer<UInt8>) throws {
    do {
      try convert(whole)
    } catch let error as DataError {
      guard let damage else { throw error }
      try damage.skip(error)
      // The line goes on counting.
      output.append(10)
    }
  }

  private func convert(_ whole: UnsafeBufferPointer<UInt8>) throws {
    let isReturn = whole.last == 13
    let text = UnsafeBufferPointer(rebasing: isReturn ? whole.dropLast() : whole[...])
    let isBlank = text.allSatisfy { $0 == 32 || $0 == 9 }
    if isBlank || (!comment.isEmpty && text.starts(with: comment)) {
      output += text
      output.append(10)
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
    output.append(10)
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
    func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }
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

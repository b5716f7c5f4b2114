import Schema

/// Encodes a column with several ids a cell into the feed `ids.<feature>`, padded with −1, and
/// the weights beside them, padded with 0.
///
/// Empty items are skipped; an item without `:weight` weighs 1.
final class SequenceEncoder: ColumnEncoder {
  let coder: IdCoder
  let layout: SequenceLayout
  private let idFeed: Int
  private let weightFeed: Int?
  private var items: [Range<Int>] = []

  init(
    column: String, purpose: String, missing: [String], coder: IdCoder, layout: SequenceLayout,
    idFeed: Int, weightFeed: Int?
  ) {
    self.coder = coder
    self.layout = layout
    self.idFeed = idFeed
    self.weightFeed = weightFeed
    super.init(column: column, purpose: purpose, missing: missing)
  }

  override func encode(
    _ reader: TableReader, rows: Range<Int>, into storage: FeedStorage, at target: Int
  ) throws {
    let block = reader.block
    let length = layout.maxLength
    for row in rows {
      let field = block.field(row, index)
      let place = (target + row - rows.lowerBound) * length
      let ids = storage.feeds[idFeed].assumingMemoryBound(to: Int32.self) + place
      let weights = weightFeed.map {
        storage.feeds[$0].assumingMemoryBound(to: Float.self) + place
      }
      split(field)
      let first = layout.keep == .last ? max(0, items.count - length) : 0
      var used = 0
      for (number, item) in items.enumerated() {
        let isKept = number >= first && used < length
        // Items that are cut off still count for a vocabulary that learns.
        guard isKept || coder.learns else { continue }
        var text = UnsafeBufferPointer(rebasing: field[item])
        var weight: Float = 1
        if layout.weighted, let colon = text.lastIndex(of: UInt8(ascii: ":")) {
          guard let parsed = Self.weight(UnsafeBufferPointer(rebasing: text[(colon + 1)...])) else {
            throw reader.fieldError(
              row: row, column: index,
              { "the weight in \"\(excerpt(text))\" of column \"\(column)\" (\($0)) is no number" })
          }
          weight = parsed
          text = UnsafeBufferPointer(rebasing: text[..<colon])
        }
        guard isKept else {
          coder.observe(text)
          continue
        }
        guard let id = coder.code(text) else { throw idError(reader, row) }
        ids[used] = id
        weights?[used] = weight
        used += 1
      }
      while used < length {
        ids[used] = -1
        weights?[used] = 0
        used += 1
      }
    }
  }

  override func settle(rows: Range<Int>, output storage: FeedStorage) {
    guard coder.learns else { return }
    let cells = storage.feeds[idFeed].assumingMemoryBound(to: Int32.self)
    coder.settle(
      cells + rows.lowerBound * layout.maxLength, count: rows.count * layout.maxLength, stride: 1)
  }

  override func finish() throws { try coder.finishSettling() }

  /// Finds the items of a cell, without spaces around them and without empty ones.
  private func split(_ field: UnsafeBufferPointer<UInt8>) {
    items.removeAll(keepingCapacity: true)
    if missing.contains(field) { return }
    func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }
    var start = 0
    for position in 0...field.count {
      guard position == field.count || field[position] == layout.separator else { continue }
      var first = start
      var last = position
      while first < last, isSpace(field[first]) { first += 1 }
      while last > first, isSpace(field[last - 1]) { last -= 1 }
      if first < last { items.append(first..<last) }
      start = position + 1
    }
  }

  private static func weight(_ text: UnsafeBufferPointer<UInt8>) -> Float? {
    guard let start = text.baseAddress,
      case .finite(let value) = parseNumber(start, start + text.count)
    else { return nil }
    let weight = Float(value)
    return weight.isFinite ? weight : nil
  }
}

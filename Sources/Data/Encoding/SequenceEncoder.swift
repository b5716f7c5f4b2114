import CKernels
import Schema

/// Encodes a column with several ids a cell into the feed `ids.<feature>`, padded with −1, and
/// the weights beside them, padded with 0.
///
/// Empty items are skipped; an item without `:weight` weighs 1, as do all items of a row whose column of
/// weights has no value.
final class SequenceEncoder: ColumnEncoder {
  @exclusivity(unchecked) var source: SourceColumn
  /// The column of weights, where they have one.
  @exclusivity(unchecked) var furtherSources: [SourceColumn]
  let coder: IdCoder
  let layout: SequenceLayout
  private let idFeed: Int
  private let weightFeed: Int?
  private let reading: NumberReading
  private let list: ListItems
  @exclusivity(unchecked) var items: [Range<Int>] = []
  /// The weights of the present row that have a column of their own; empty for all 1.
  @exclusivity(unchecked) var ownWeights: [Float] = []
  /// Whether the present row's weights stand apart from its ids.
  var weighsApart: Bool
  /// The places of the weights in a cell of their own.
  @exclusivity(unchecked) private var weightPlaces: [Range<Int>] = []
  @exclusivity(unchecked) private(set) var statistics = SequenceStatistics()
  private(set) var emptyCells = 0

  init(
    column: String, purpose: String, missing: [String], reading: NumberReading, coder: IdCoder,
    layout: SequenceLayout, idFeed: Int, weightFeed: Int?
  ) {
    self.reading = reading
    list = ListItems(separator: layout.separator, brackets: layout.brackets)
    furtherSources =
      layout.weightsColumn.map {
        [SourceColumn($0, purpose: "the weights of \(purpose)", missing: missing)]
      } ?? []
    weighsApart = layout.weightsColumn != nil
    self.coder = coder
    self.layout = layout
    self.idFeed = idFeed
    self.weightFeed = weightFeed
    source = SourceColumn(column, purpose: purpose, missing: missing)
  }

  func encode(
    _ block: TextBlock, rows: Range<Int>, into storage: FeedStorage, at target: Int
  ) throws {
    for row in rows {
      let field = block.records.field(row, index)
      split(field)
      note(field)
      try readWeights(block, row)
      try write(field, block, row, into: storage, at: target + row - rows.lowerBound)
    }
  }

  /// Writes the row whose items, in `field`, and weights were found to row `target` of the feeds.
  func write(
    _ field: UnsafeBufferPointer<UInt8>, _ block: TextBlock, _ row: Int,
    into storage: FeedStorage, at target: Int
  ) throws {
    let length = layout.maxLength
    let ids = storage.feeds[idFeed].assumingMemoryBound(to: Int32.self) + target * length
    let weights = weightFeed.map {
      storage.feeds[$0].assumingMemoryBound(to: Float.self) + target * length
    }
    var (sum, magnitude) = (Float(0), Float(0))
    var isNegative = false
    let first = layout.keep == .last ? max(0, items.count - length) : 0
    var used = 0
    for (number, item) in items.enumerated() {
      let isKept = number >= first && used < length
      // Items that are cut off still count for a vocabulary that learns.
      guard isKept || coder.learns else { continue }
      let (text, weight) = try parts(
        UnsafeBufferPointer(rebasing: field[item]), number, block, row)
      do {
        guard isKept else {
          try coder.observe(text)
          continue
        }
        ids[used] = try coder.code(text, isASCII: block.records.isASCII)
      } catch {
        throw idError(block, row, error)
      }
      weights?[used] = weight
      sum += weight
      magnitude += weight.magnitude
      isNegative = isNegative || weight < 0
      used += 1
    }
    if isNegative {
      statistics.negative += 1
      if sum.magnitude <= 0.01 * magnitude { statistics.cancelling += 1 }
    }
    while used < length {
      ids[used] = -1
      weights?[used] = 0
      used += 1
    }
  }

  func verify(_ block: TextBlock, _ row: Int) throws {
    let field = block.records.field(row, index)
    split(field)
    try readWeights(block, row)
    for (number, item) in items.enumerated() {
      let text = try parts(UnsafeBufferPointer(rebasing: field[item]), number, block, row).token
      do { try coder.verify(text) } catch { throw idError(block, row, error) }
    }
  }

  /// How a kernel replaces the provisional ids of a lane's rows.
  func finalIds(lane: Int, output storage: FeedStorage) -> mtlc_text_settling? {
    coder.finalIds(
      .words(storage.feeds[idFeed].assumingMemoryBound(to: Int32.self)), width: layout.maxLength,
      stride: layout.maxLength, lane: lane)
  }

  /// Adds the counts of the encoder of the same column on another thread.
  func absorb(_ replica: SequenceEncoder) {
    coder.absorb(replica.coder)
    statistics.add(replica.statistics)
    emptyCells += replica.emptyCells
  }

  private static let separators: [UInt8] = Array("|,; ^\t/&\u{1}\u{2}\u{3}".utf8)

  /// Counts a cell whose items were found.
  private func note(_ field: UnsafeBufferPointer<UInt8>) {
    statistics.cells += 1
    statistics.cut += items.count > layout.maxLength ? 1 : 0
    statistics.longest = max(statistics.longest, items.count)
    guard let first = items.first, let last = items.last else {
      emptyCells += 1
      return
    }
    if !layout.brackets, field[first.lowerBound] == UInt8(ascii: "["),
      field[last.upperBound - 1] == UInt8(ascii: "]")
    {
      statistics.bracketed += 1
    }
    let item = UnsafeBufferPointer(rebasing: field[first])
    if let colon = item.lastIndex(of: UInt8(ascii: ":")), colon > 0,
      layout.weighted || weight(UnsafeBufferPointer(rebasing: item[(colon + 1)...])) != nil
    {
      statistics.pairs += 1
    }
    if layout.separator != SequenceStatistics.mapSeparator,
      item.lazy.filter({ $0 == SequenceStatistics.mapSeparator }).count == 1
    {
      statistics.add(SequenceStatistics.mapPair, 1)
    } else if statistics.longest == 1 {
      for separator in Self.separators
      where separator != layout.separator && item.contains(separator) {
        statistics.add(String(UnicodeScalar(separator)), 1)
      }
    }
  }

  /// The token and the weight of an item.
  private func parts(
    _ item: UnsafeBufferPointer<UInt8>, _ number: Int, _ block: TextBlock, _ row: Int
  ) throws -> (token: UnsafeBufferPointer<UInt8>, weight: Float) {
    if weighsApart {
      return (item, ownWeights.isEmpty ? 1 : ownWeights[number])
    }
    guard layout.weighted, let colon = item.lastIndex(of: UInt8(ascii: ":")) else {
      return (item, 1)
    }
    guard let weight = weight(UnsafeBufferPointer(rebasing: item[(colon + 1)...])) else {
      throw block.fieldError(
        row: row, column: index,
        { "the weight in \"\(excerpt(item))\" of column \"\(shownColumn)\" (\($0)) is no number" })
    }
    return (UnsafeBufferPointer(rebasing: item[..<colon]), weight)
  }

  /// Finds the items of a cell.
  func split(_ field: UnsafeBufferPointer<UInt8>) {
    if source.missing.contains(field) {
      items.removeAll(keepingCapacity: true)
    } else {
      list.find(field, into: &items)
    }
  }

  /// Reads the weights of a row whose items were found, from their own column.
  func readWeights(_ block: TextBlock, _ row: Int) throws {
    guard let source = furtherSources.first else { return }
    ownWeights.removeAll(keepingCapacity: true)
    let field = block.records.field(row, source.index)
    if source.missing.contains(field) { return }
    list.find(field, into: &weightPlaces)
    try requireWeights(weightPlaces.count, for: items.count, source, block, row)
    for place in weightPlaces {
      let text = UnsafeBufferPointer(rebasing: field[place])
      guard let weight = weight(text) else {
        throw block.fieldError(
          row: row, column: source.index,
          {
            "the weight \"\(excerpt(text))\" in \"\($0)\" of column"
              + " \"\(MessageText.printable(source.name))\" is no number"
          })
      }
      ownWeights.append(weight)
    }
  }

  /// Throws where the column of weights has not one for each id.
  func requireWeights(
    _ count: Int, for ids: Int, _ source: SourceColumn, _ block: TextBlock, _ row: Int
  ) throws {
    guard count != ids else { return }
    throw block.fieldError(
      row: row, column: source.index,
      {
        "\"\($0)\" in column \"\(MessageText.printable(source.name))\" holds \(count) weights"
          + " for \(ids) ids of column \"\(shownColumn)\""
      }, hint: "each id needs a weight, with the same separator between them")
  }

  private func weight(_ text: UnsafeBufferPointer<UInt8>) -> Float? {
    guard case .finite(let value) = reading.number(text) else { return nil }
    let weight = Float(value)
    return weight.isFinite ? weight : nil
  }
}

import CKernels
import Schema

/// Turns one column of the table into its part of the feeds, a block of records at a time.
///
/// One column after another, not one record after another: each loop then has one kind of cell,
/// and its table of tokens stays in the cache.
class ColumnEncoder {
  /// The column's name in the table.
  let column: String
  /// Who needs it, for messages: `feature "age"`.
  let purpose: String
  /// Whether a table without the column can be read.
  let isOptional: Bool
  /// The column's place in the present file, −1 when it is absent.
  private(set) var index = -1
  let missing: TextList

  init(column: String, purpose: String, isOptional: Bool = false, missing: [String]) {
    self.column = column
    self.purpose = purpose
    self.isOptional = isOptional
    self.missing = TextList(missing)
  }

  /// Finds the column in a file. Throws `DataError` when it is not there but needed.
  final func bind(to reader: TableReader) throws {
    if isOptional, !reader.names.contains(column) {
      index = -1
    } else {
      index = try reader.column(column, for: purpose)
    }
  }

  final func bind(like twin: ColumnEncoder) { index = twin.index }

  /// Encodes the cells of a block.
  ///
  /// - Parameters:
  ///   - rows: the block's records to encode.
  ///   - output: the feeds; row `rows.lowerBound` goes to row `target`.
  func encode(
    _ block: TextBlock, rows: Range<Int>, into output: FeedStorage, at target: Int
  ) throws {
    preconditionFailure("a column encoder must say how it encodes")
  }

  /// What `encode` would give a kernel to do, as a column that is encoded with others, few rows at
  /// a time; nil when the encoder does all itself. What is pointed to stays until `complete`.
  func kernelColumn(
    _ block: TextBlock, rows: Range<Int>, into output: FeedStorage, at target: Int
  ) throws -> mtlc_text_column? { nil }

  /// Does the rest of what `encode` does, from the first row on that the kernel did not.
  func complete(
    _ block: TextBlock, rows: Range<Int>, from row: Int, into output: FeedStorage, at target: Int
  ) throws {}

  /// Throws what `encode` would throw for one record, and leaves no trace.
  func verify(_ block: TextBlock, _ row: Int) throws {}

  /// The vocabulary that encoding adds to, if there is one.
  var learningVocabulary: TokenVocabulary? { nil }

  /// The largest id that the column can have, as far as it is known before any row is read.
  var largestId: Int { 0 }

  /// Ids of rows of a feed of bytes that fit none; a feed with some must be widened.
  final var wideIds: [(row: Int, id: Int32)] = []

  /// Puts them where they belong, in a feed that was widened.
  func writeWideIds(to storage: FeedStorage) {}

  /// Numbers that cannot be kept as those before them: where they start, NaN where missing. What is
  /// kept must change, which concerns the twins too.
  final var oddNumbers: [(row: Int, values: [Double])] = []

  /// Makes room for such numbers, of `rows` rows.
  func keepOddNumbers(rows: Int, in storage: FeedStorage) throws {}

  /// Puts them where they belong.
  func writeOddNumbers() {}

  /// Makes room beside the feeds for as many rows as they have room for.
  func reserve(_ storage: FeedStorage) throws {}

  /// Whether something waits for all threads to come to rest.
  final var needsRest: Bool { !wideIds.isEmpty || !oddNumbers.isEmpty }

  /// What the numbers of the column are, as far as they were added up.
  private(set) final var statistics = NumberStatistics()
  /// Where parts wait, with the encoder's number, to be added up in the order of the file.
  final var waiting: (parts: WaitingParts, number: Int)?

  final func addUp(_ values: UnsafeBufferPointer<Double>) {
    let part = NumberStatistics.Part(values)
    if let (parts, number) = waiting { parts.add(part, of: number) } else { addUp(part) }
  }

  final func addUp(_ part: NumberStatistics.Part) { statistics.add(part) }

  /// Counts what a twin counted: the encoder of the same column on another thread.
  func absorb(_ twin: ColumnEncoder) {}

  /// Learns from all `rowCount` rows what encoding left open.
  func fit(rowCount: Int, storage: FeedStorage) throws {}

  /// What a kernel has to do with the ids of the rows that a lane encoded, after `fit`; nil when they
  /// are what they should be.
  func settling(lane: Int, output: FeedStorage) -> mtlc_text_settling? { nil }

  /// How a kernel has to scale the cells of rows that were seen before `fit`; nil when they are what they should be, or `settle` sees to it.
  func scaling() -> (output: FeedColumn, normalizer: Normalizer)? { nil }

  /// Encodes with what `fit` learned rows that were seen before it, as far as no kernel does. Other
  /// rows may be settled at the same time.
  func settle(rows: Range<Int>, output: FeedStorage) {}

  /// Whether that has something to do.
  var settles: Bool { false }

  /// Runs after all rows are settled, with how many ids became 0.
  func finish(zeros: Int) throws {}
}

/// Columns of 4-byte elements in a row-major feed, as one encoder writes it.
struct FeedColumn {
  var feed: Int
  var width: Int
  var offset: Int

  /// A pointer to row `row` of this column; the next row is `width` elements on.
  @inline(__always)
  func pointer<T>(_ storage: FeedStorage, row: Int, as type: T.Type) -> UnsafeMutablePointer<T> {
    storage.feeds[feed].assumingMemoryBound(to: T.self) + (row &* width &+ offset)
  }

  /// The same for a feed of ids, whose elements may be bytes.
  @inline(__always)
  func ids(_ storage: FeedStorage, row: Int) -> IdCells {
    let place = row &* width &+ offset
    let feed = storage.feeds[feed]
    return storage.elementBytes[self.feed] == 1
      ? .bytes(feed.assumingMemoryBound(to: UInt8.self) + place)
      : .words(feed.assumingMemoryBound(to: Int32.self) + place)
  }
}

/// The first of some cells of ids.
enum IdCells {
  case words(UnsafeMutablePointer<Int32>)
  case bytes(UnsafeMutablePointer<UInt8>)

  /// Writes the id of the cell that is `place` elements on. False when it is a byte and the id fits
  /// none.
  @inline(__always)
  func store(_ id: Int32, at place: Int) -> Bool {
    switch self {
    case .words(let cells): cells[place] = id
    case .bytes(let cells):
      cells[place] = UInt8(truncatingIfNeeded: id)
      return UInt32(bitPattern: id) <= 255
    }
    return true
  }
}

/// Parts of the statistics of several columns, in the order of rows.
final class WaitingParts {
  typealias Part = (number: Int, part: NumberStatistics.Part)
  private var parts: [Part] = []

  func add(_ part: NumberStatistics.Part, of number: Int) { parts.append((number, part)) }

  /// Gives away all of them.
  func take() -> [Part] {
    var taken: [Part] = []
    taken.reserveCapacity(parts.count)
    swap(&taken, &parts)
    return taken
  }
}

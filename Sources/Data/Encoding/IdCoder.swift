import CKernels
import Schema

/// How the texts of one feature become ids, with counts of known, missing and unknown texts.
final class IdCoder {
  enum Coding {
    case vocabulary(TokenVocabulary)
    case hash(buckets: UInt64)
    case identity(count: Int)
  }

  let coding: Coding
  private let missing: TextList
  private(set) var valueCount = 0
  private(set) var missingCount = 0
  private(set) var unknownCount = 0
  /// Hashed texts that mostly stand for "no value", with their counts. A given vocabulary has such texts in
  /// the row for missing ones anyway.
  private var markers: [String: Int] = [:]

  convenience init(_ coding: Coding, missing: [String]) {
    self.init(coding, TextList(missing))
  }

  private init(_ coding: Coding, _ missing: TextList) {
    self.coding = coding
    self.missing = missing
  }

  /// A coder of the same feature for another thread.
  /// - Parameter vocabularies: the replicas of vocabularies that were met already.
  func replica(_ vocabularies: inout [ObjectIdentifier: TokenVocabulary]) -> IdCoder {
    guard case .vocabulary(let vocabulary) = coding else { return IdCoder(coding, missing) }
    let replica = vocabularies[ObjectIdentifier(vocabulary)] ?? vocabulary.replica()
    vocabularies[ObjectIdentifier(vocabulary)] = replica
    return IdCoder(.vocabulary(replica), missing)
  }

  /// Adds the counts of a replica; vocabularies are absorbed on their own.
  func absorb(_ replica: IdCoder) {
    valueCount += replica.valueCount
    missingCount += replica.missingCount
    unknownCount += replica.unknownCount
    markers.merge(replica.markers, uniquingKeysWith: +)
  }

  /// Whether ids are provisional until all rows were seen.
  var learns: Bool {
    if case .vocabulary(let vocabulary) = coding { return vocabulary.learns }
    return false
  }

  var learningVocabulary: TokenVocabulary? {
    if case .vocabulary(let vocabulary) = coding, vocabulary.learns { return vocabulary }
    return nil
  }

  /// The largest id; 0 for a vocabulary that is still to be learned.
  var largestId: Int {
    switch coding {
    case .vocabulary(let vocabulary): vocabulary.largestId
    case .hash(let buckets): Int(clamping: buckets)
    case .identity(let count): count
    }
  }

  /// Why a text has no id.
  enum Refusal: Error {
    /// It should be an integer and is none.
    case noInteger
    case noUTF8
  }

  /// Throws the refusal of a text that cannot be coded; counts nothing.
  func verify(_ field: UnsafeBufferPointer<UInt8>) throws(Refusal) {
    guard TextEncoding.isValid(field) else { throw .noUTF8 }
    if case .identity(let count) = coding, !missing.contains(field) {
      _ = try Self.integer(field, count)
    }
  }

  /// The id of a text that should be an integer; nil when it is none below `count`.
  private static func integer(
    _ field: UnsafeBufferPointer<UInt8>, _ count: Int
  ) throws(Refusal) -> Int32? {
    guard let start = field.baseAddress,
      case .finite(let value) = parseNumber(start, start + field.count)
    else { throw .noInteger }
    return try integer(value, count)
  }

  /// The id of a number that should be an integer; nil when it is none below `count`.
  static func integer(_ value: Double, _ count: Int) throws(Refusal) -> Int32? {
    guard value == value.rounded(.towardZero), value.isFinite else { throw .noInteger }
    return value >= 0 && value < Double(count) ? Int32(value) + 1 : nil
  }

  /// Texts among the values that mostly stand for "no value", but are not declared to.
  var undeclaredMissing: [TextCount] {
    FeatureStatistics.usualMarkers { text in
      if let learningVocabulary { return learningVocabulary.count(of: text) }
      return markers[text] ?? 0
    }
  }

  private func noteMarker(_ field: UnsafeBufferPointer<UInt8>) {
    guard UsualMarkers.contains(field) else { return }
    markers[String(decoding: field, as: UTF8.self), default: 0] += 1
  }

  /// Lets a vocabulary that learns see a text that is not kept.
  func observe(_ field: UnsafeBufferPointer<UInt8>) throws(Refusal) {
    if case .vocabulary(let vocabulary) = coding, let start = field.baseAddress,
      vocabulary.code(start, field.count).seen == .invalid
    {
      throw .noUTF8
    }
  }

  /// The id of a text.
  /// - Parameter isASCII: Whether it is known to hold nothing else.
  func code(_ field: UnsafeBufferPointer<UInt8>, isASCII: Bool) throws(Refusal) -> Int32 {
    guard let start = field.baseAddress else { return 0 }
    valueCount &+= 1
    if case .vocabulary(let vocabulary) = coding {
      let (id, seen) = vocabulary.code(start, field.count)
      switch seen {
      case .known: break
      case .missing: missingCount &+= 1
      case .unknown: unknownCount &+= 1
      case .invalid: throw .noUTF8
      }
      return id
    }
    return try codeByRule(field, isASCII: isASCII)
  }

  /// Codes one column of a block into cells `stride` apart. Returns the first row whose text has no
  /// id, and why.
  /// - Parameter wide: called with rows whose cell is a byte and whose id does not fit it.
  func codeColumn(
    _ block: RecordBlock, column: Int, rows: Range<Int>, into cells: IdCells, stride: Int,
    wide: (_ row: Int, _ id: Int32) -> Void
  ) -> (row: Int, Refusal)? {
    if case .vocabulary(let vocabulary) = coding {
      var arguments = vocabulary.arguments(
        block, column: column, rows: rows, into: cells, stride: stride)
      return complete(
        &arguments, block, column: column, rows: rows, from: rows.lowerBound, into: cells,
        stride: stride, wide: wide
      ).map { ($0, .noUTF8) }
    }
    var place = 0
    for row in rows {
      valueCount &+= 1
      let id: Int32
      do {
        id = try codeByRule(block.field(row, column), isASCII: block.isASCII)
      } catch {
        return (row, error)
      }
      if !cells.store(id, at: place) { wide(row, id) }
      place &+= stride
    }
    return nil
  }

  /// Codes by a vocabulary the rows from `first` on, those before which a kernel coded. Returns the
  /// first row whose text is not UTF-8.
  func complete(
    _ arguments: inout mtlc_text_tokens_args, _ block: RecordBlock, column: Int, rows: Range<Int>,
    from first: Int, into cells: IdCells, stride: Int, wide: (_ row: Int, _ id: Int32) -> Void
  ) -> Int? {
    guard case .vocabulary(let vocabulary) = coding else { return nil }
    let (missing, unknown, invalid) = vocabulary.codeColumn(
      &arguments, block, column: column, rows: rows, from: first, into: cells, stride: stride,
      wide: wide)
    valueCount += rows.count
    missingCount += missing
    unknownCount += unknown
    return invalid
  }

  private func codeByRule(
    _ field: UnsafeBufferPointer<UInt8>, isASCII: Bool
  ) throws(Refusal) -> Int32 {
    if missing.contains(field) {
      missingCount &+= 1
      return 0
    }
    switch coding {
    case .vocabulary: return 0
    case .hash(let buckets):
      guard isASCII || TextEncoding.isValid(field) else { throw .noUTF8 }
      noteMarker(field)
      return Int32(truncatingIfNeeded: fnv1a(field) % buckets &+ 1)
    case .identity(let count):
      if let id = try Self.integer(field, count) { return id }
      unknownCount &+= 1
      return 0
    }
  }

  /// Ranks the learned tokens, after all rows were seen.
  func rank() {
    if case .vocabulary(let vocabulary) = coding, vocabulary.learns { vocabulary.prepare() }
  }

  /// How a kernel replaces the provisional ids of a lane's rows, `width` neighbours each `stride`
  /// cells; after `rank`. Nil where the ids are final.
  /// - Parameter cells: of row 0.
  func finalIds(_ cells: IdCells, width: Int, stride: Int, lane: Int) -> mtlc_text_settling? {
    guard case .vocabulary(let vocabulary) = coding, vocabulary.learns else { return nil }
    var remapping = mtlc_text_settling()
    remapping.width = Int64(width)
    remapping.stride = Int64(stride)
    switch cells {
    case .words(let cells):
      remapping.cells = cells
      remapping.ids = UnsafePointer(vocabulary.laneIds[lane].ids)
    case .bytes(let cells):
      remapping.bytes = cells
      remapping.byte_ids = UnsafePointer(vocabulary.laneIds[lane].byteIds)
    }
    return remapping
  }

  /// Ends a fit whose final ids include `zeros` zeros, those of missing values among them. Throws
  /// `DataError`.
  func finishFit(zeros: Int) throws {
    guard case .vocabulary(let vocabulary) = coding, vocabulary.learns else { return }
    unknownCount += zeros
    if vocabulary.isFull {
      throw DataError(
        "more than \(Int32.max - 2) different ids", hint: "use hash_bucket_size for this feature")
    }
    unknownCount = max(0, unknownCount - missingCount)
  }

  var encoding: IdEncoding {
    switch coding {
    case .vocabulary(let vocabulary): .vocabulary(vocabulary.rank().tokens)
    case .hash(let buckets): .hash(buckets: Int(buckets))
    case .identity(let count): .identity(count: count)
    }
  }
}

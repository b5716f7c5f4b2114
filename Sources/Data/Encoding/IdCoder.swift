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

  /// Whether a text can be coded; counts nothing.
  func accepts(_ field: UnsafeBufferPointer<UInt8>) -> Bool {
    guard case .identity = coding, !missing.contains(field) else { return true }
    guard let start = field.baseAddress,
      case .finite(let value) = parseNumber(start, start + field.count)
    else { return false }
    return value == value.rounded(.towardZero)
  }

  /// Lets a vocabulary that learns see a text that is not kept.
  func observe(_ field: UnsafeBufferPointer<UInt8>) {
    if case .vocabulary(let vocabulary) = coding, let start = field.baseAddress {
      _ = vocabulary.code(start, field.count)
    }
  }

  /// The id of a text; nil when it should be an integer and is none.
  func code(_ field: UnsafeBufferPointer<UInt8>) -> Int32? {
    guard let start = field.baseAddress else { return 0 }
    valueCount &+= 1
    if case .vocabulary(let vocabulary) = coding {
      let (id, seen) = vocabulary.code(start, field.count)
      if seen != .known {
        if seen == .missing { missingCount &+= 1 } else { unknownCount &+= 1 }
      }
      return id
    }
    return codeByRule(field)
  }

  /// Codes one column of a block into cells `stride` apart. Returns the first row with a text that
  /// should be an integer and is none.
  /// - Parameter wide: called with rows whose cell is a byte and whose id does not fit it.
  func codeColumn(
    _ block: RecordBlock, column: Int, rows: Range<Int>, into cells: IdCells, stride: Int,
    wide: (_ row: Int, _ id: Int32) -> Void
  ) -> Int? {
    if case .vocabulary(let vocabulary) = coding {
      var arguments = vocabulary.arguments(
        block, column: column, rows: rows, into: cells, stride: stride)
      complete(
        &arguments, block, column: column, rows: rows, from: rows.lowerBound, into: cells,
        stride: stride, wide: wide)
      return nil
    }
    var place = 0
    for row in rows {
      valueCount &+= 1
      guard let id = codeByRule(block.field(row, column)) else { return row }
      if !cells.store(id, at: place) { wide(row, id) }
      place &+= stride
    }
    return nil
  }

  /// Codes by a vocabulary the rows from `first` on, those before which a kernel coded.
  func complete(
    _ arguments: inout mtlc_text_tokens_args, _ block: RecordBlock, column: Int, rows: Range<Int>,
    from first: Int, into cells: IdCells, stride: Int, wide: (_ row: Int, _ id: Int32) -> Void
  ) {
    guard case .vocabulary(let vocabulary) = coding else { return }
    let (missing, unknown) = vocabulary.codeColumn(
      &arguments, block, column: column, rows: rows, from: first, into: cells, stride: stride,
      wide: wide)
    valueCount += rows.count
    missingCount += missing
    unknownCount += unknown
  }

  private func codeByRule(_ field: UnsafeBufferPointer<UInt8>) -> Int32? {
    if missing.contains(field) {
      missingCount &+= 1
      return 0
    }
    switch coding {
    case .vocabulary: return 0
    case .hash(let buckets):
      return Int32(truncatingIfNeeded: fnv1a(field) % buckets &+ 1)
    case .identity(let count):
      guard let start = field.baseAddress,
        case .finite(let value) = parseNumber(start, start + field.count),
        value == value.rounded(.towardZero)
      else { return nil }
      guard value >= 0, value < Double(count) else {
        unknownCount &+= 1
        return 0
      }
      return Int32(value) + 1
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

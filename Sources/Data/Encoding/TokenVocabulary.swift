import CKernels

/// The ids of the tokens of one or more columns, given or learned while rows are read.
///
/// While it learns, `code` gives provisional numbers, which `rank` replaces by ids. A vocabulary holds
/// texts: a token that is not UTF-8 is none.
final class TokenVocabulary {
  private let table: TokenTable
  /// The first entries are the missing markers.
  private let missingEntries: Int32
  let learns: Bool
  private let minFrequency: Int
  private let missing: [String]
  private var counts: UnsafeMutablePointer<Int64>
  private var countsCapacity = 64
  private var ranking: (tokens: [String], ids: [Int32])?
  /// Whether there were more tokens than ids.
  private(set) var isFull = false

  /// A vocabulary that learns from what `code` sees.
  init(minFrequency: Int, missing: [String]) {
    table = TokenTable()
    learns = true
    self.minFrequency = minFrequency
    self.missing = missing
    counts = .allocate(capacity: countsCapacity)
    counts.initialize(repeating: 0, count: countsCapacity)
    for text in missing where table.find(text) < 0 {
      _ = table.add(text, value: Int32(table.count))
    }
    missingEntries = Int32(table.count)
    reserveCounts()
  }

  /// A fixed vocabulary: token k has id k + 1, missing markers have id 0. Of equal tokens the
  /// first counts.
  init(tokens: [String], missing: [String]) {
    table = TokenTable()
    learns = false
    ranking = (tokens, [])
    minFrequency = 0
    self.missing = missing
    counts = .allocate(capacity: 1)
    for text in missing where table.find(text) < 0 { _ = table.add(text, value: 0) }
    missingEntries = Int32(table.count)
    for (k, token) in tokens.enumerated() where table.find(token) < 0 {
      _ = table.add(token, value: Int32(clamping: k + 1))
    }
  }

  /// A vocabulary for another thread: one that learns, and is absorbed in the end, or one that looks
  /// up the tokens of this.
  func replica() -> TokenVocabulary {
    learns ? TokenVocabulary(minFrequency: minFrequency, missing: missing) : .init(sharing: self)
  }

  private init(sharing other: TokenVocabulary) {
    table = TokenTable(sharing: other.table)
    missingEntries = other.missingEntries
    learns = false
    ranking = other.ranking
    minFrequency = 0
    missing = other.missing
    counts = .allocate(capacity: 1)
  }

  deinit {
    counts.deallocate()
    for ids in laneIds { ids.deallocate() }
  }

  enum Seen { case known, missing, unknown, invalid }

  /// The id of a token (while learning a provisional number), and whether it was missing, unknown or
  /// not UTF-8. `TokenTable.padding` bytes after the token must be readable.
  @inline(__always)
  func code(_ text: UnsafePointer<UInt8>, _ length: Int) -> (id: Int32, seen: Seen) {
    let entry = table.find(text, length)
    if entry < 0 { return codeUnknown(text, length) }
    let value = table.value(of: entry)
    if learns { counts[Int(value)] &+= 1 }
    return (value, value < (learns ? missingEntries : 1) ? .missing : .known)
  }

  /// The arguments of the kernel that codes one column of a block as `code` does, into cells `stride`
  /// apart.
  func arguments(
    _ block: RecordBlock, column: Int, rows: Range<Int>, into cells: IdCells, stride: Int
  ) -> mtlc_text_tokens_args {
    var args = arguments(stride: stride)
    args.fields = block.fields(column)
    switch cells {
    case .words(let cells): args.cells = cells - rows.lowerBound * stride
    case .bytes(let cells): args.bytes = cells - rows.lowerBound * stride
    }
    return args
  }

  /// The same but for the block's fields and the cells.
  func arguments(stride: Int) -> mtlc_text_tokens_args {
    var args = mtlc_text_tokens_args()
    args.table = table.table
    args.counts = learns ? counts : nil
    args.learns = learns ? 1 : 0
    args.missing_limit = learns ? missingEntries : 1
    args.cell_stride = Int64(stride)
    return args
  }

  /// Codes the rows from `first` on, after a kernel coded those before it with these arguments. Counts
  /// missing and unknown tokens of both. Stops at a token that is not UTF-8, whose row it returns.
  /// - Parameter wide: called with rows whose cell is a byte and whose id does not fit it.
  func codeColumn(
    _ args: inout mtlc_text_tokens_args, _ block: RecordBlock, column: Int, rows: Range<Int>,
    from first: Int, into cells: IdCells, stride: Int, wide: (_ row: Int, _ id: Int32) -> Void
  ) -> (missing: Int, unknown: Int, invalid: Int?) {
    var missing = 0
    var unknown = 0
    func note(_ row: Int, _ id: Int32, _ seen: Seen) {
      if seen == .missing { missing &+= 1 }
      if seen == .unknown { unknown &+= 1 }
      if !cells.store(id, at: (row - rows.lowerBound) &* stride) { wide(row, id) }
    }
    var row = first
    while row < rows.upperBound {
      if !fits(cells) {
        // Few rows come here: the feed is widened at the end of the block.
        let field = block.field(row, column)
        if let text = field.baseAddress {
          let (id, seen) = code(text, field.count)
          if seen == .invalid { return (missing, unknown, row) }
          note(row, id, seen)
        }
        row &+= 1
        continue
      }
      args.counts = learns ? counts : nil
      row = Int(mtlc_text_tokens(&args, Int64(row), Int64(rows.upperBound)))
      guard row < rows.upperBound else { break }
      let field = block.field(row, column)
      if let text = field.baseAddress {
        let (id, seen) = codeUnknown(text, field.count)
        if seen == .invalid { return (missing, unknown, row) }
        note(row, id, seen)
      }
      row &+= 1
    }
    return (missing + Int(args.missing), unknown + Int(args.unknown), nil)
  }

  /// Whether all ids that the kernel may give have room.
  func fits(_ cells: IdCells) -> Bool {
    switch cells {
    case .words: true
    case .bytes: learns ? table.limit <= 256 : largestId <= 255
    }
  }

  @inline(never)
  private func codeUnknown(
    _ text: UnsafePointer<UInt8>, _ length: Int
  ) -> (id: Int32, seen: Seen) {
    guard TextEncoding.isValid(UnsafeBufferPointer(start: text, count: length)) else {
      return (0, .invalid)
    }
    guard learns else { return (0, .unknown) }
    let entry = insert(text, length)
    guard entry >= 0 else {
      isFull = true
      return (0, .unknown)
    }
    counts[Int(entry)] &+= 1
    return (entry, .known)
  }

  /// Adds a token whose provisional number is that of its entry; −1 when there is no room.
  private func insert(_ text: UnsafePointer<UInt8>, _ length: Int) -> Int32 {
    let entry = table.add(text, length, value: Int32(clamping: table.count))
    reserveCounts()
    return entry
  }

  /// Makes room for counts up to the table's limit, since the kernel adds tokens up to it.
  private func reserveCounts() {
    let wanted = max(table.limit, table.count)
    guard wanted > countsCapacity else { return }
    let capacity = max(wanted, countsCapacity * 2)
    let larger = UnsafeMutablePointer<Int64>.allocate(capacity: capacity)
    larger.initialize(repeating: 0, count: capacity)
    larger.update(from: counts, count: countsCapacity)
    counts.deallocate()
    counts = larger
    countsCapacity = capacity
  }

  /// The largest id that is given; while learning 0.
  var largestId: Int { learns ? 0 : rank().tokens.count }

  /// The id of each provisional number of a lane.
  struct LaneIds {
    let ids: UnsafeMutablePointer<Int32>
    /// Where all numbers are bytes: 256.
    let byteIds: UnsafeMutablePointer<UInt8>

    init(_ ids: [Int32]) {
      self.ids = .allocate(capacity: ids.count)
      self.ids.initialize(from: ids, count: ids.count)
      byteIds = .allocate(capacity: 256)
      for k in 0..<256 {
        (byteIds + k).initialize(to: k < ids.count ? UInt8(truncatingIfNeeded: ids[k]) : 0)
      }
    }

    func deallocate() {
      ids.deallocate()
      byteIds.deallocate()
    }
  }

  /// The ids of each lane; after `prepare`. Lane 0 is this vocabulary, the others are the replicas in
  /// the order in which they were absorbed.
  private(set) var laneIds: [LaneIds] = []
  /// The number in this vocabulary of each number of a replica.
  private var replicaNumbers: [[Int32]] = []

  /// Ranks the tokens after all rows were read, for several threads to look up ids at once.
  func prepare() {
    // Several columns may share this.
    guard laneIds.isEmpty else { return }
    let ids = rank().ids
    // From here on only the copies are used.
    ranking?.ids = []
    laneIds = [LaneIds(ids)]
    for numbers in replicaNumbers { laneIds.append(LaneIds(numbers.map { ids[Int($0)] })) }
    replicaNumbers = []
  }

  /// Adds the tokens and counts of a replica, which is not used after it.
  func absorb(_ replica: TokenVocabulary) {
    var numbers = [Int32](repeating: 0, count: replica.table.count)
    for entry in 0..<replica.table.count {
      let text = replica.table.text(of: Int32(entry))
      guard let start = text.baseAddress else { continue }
      var known = table.find(start, text.count)
      if known < 0 { known = insert(start, text.count) }
      guard known >= 0 else {
        isFull = true
        continue
      }
      numbers[entry] = table.value(of: known)
      counts[Int(numbers[entry])] &+= replica.counts[entry]
    }
    if replica.isFull { isFull = true }
    replicaNumbers.append(numbers)
  }

  /// Entries of the table.
  var size: Int { table.count }

  /// Tokens seen while learning, missing markers not counted.
  var distinct: Int { table.count - Int(missingEntries) }

  /// How often a token was seen while learning; 0 for missing markers.
  func count(of text: String) -> Int {
    let entry = table.find(text)
    return learns && entry >= missingEntries ? Int(counts[Int(entry)]) : 0
  }

  /// The tokens that occurred often enough, most frequent first, ties in the order of their bytes;
  /// and the id of each provisional number, 0 for rare and missing tokens. Of a fixed vocabulary,
  /// which has no provisional numbers, its tokens.
  func rank() -> (tokens: [String], ids: [Int32]) {
    if let ranking { return ranking }
    var kept: [Int32] = []
    for entry in Int(missingEntries)..<table.count
    where counts[entry] >= Int64(max(1, minFrequency)) {
      kept.append(Int32(entry))
    }
    kept.sort { a, b in
      let countA = counts[Int(a)]
      let countB = counts[Int(b)]
      if countA != countB { return countA > countB }
      return table.text(of: a).lexicographicallyPrecedes(table.text(of: b))
    }
    var ids = [Int32](repeating: 0, count: table.count)
    var tokens: [String] = []
    tokens.reserveCapacity(kept.count)
    for (k, entry) in kept.enumerated() {
      ids[Int(entry)] = Int32(k + 1)
      tokens.append(String(decoding: table.text(of: entry), as: UTF8.self))
    }
    ranking = (tokens, ids)
    return (tokens, ids)
  }
}

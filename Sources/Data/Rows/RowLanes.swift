import Schema

/// Reads files into rows that stay in memory, on one thread or several.
///
/// Each thread is a lane: in its turn it cuts a block of text off the file and encodes it alone, with
/// a replica of the encoder that has vocabularies of its own. So text and rows stay in one core's
/// cache. What the replicas learned is merged in the end, in a way that does not depend on who read
/// what. Where something concerns the rows of all lanes (more room, wider ids), all lanes pause first.
final class RowLanes {
  /// The most tokens that a lane learns on its own: each may be learned by every lane, which takes
  /// memory, and merging them takes time. With more of them the lanes share the columns.
  static let mostTokens = 1 << 14

  /// Cutting blocks takes about a fifth of the time and is done in turns: more lanes would wait.
  static let mostLanes = 8

  /// The records of a block, with the rows that they become.
  private struct Job {
    var number: Int
    var pieces: [RowPiece]
    var rowCount: Int
  }

  private final class Lane {
    let number: Int
    let encoder: RowEncoder
    let parts = DeferredParts()
    var text: TextBlock?
    /// A block that was cut before the lanes paused, to be encoded first.
    var held: Job?

    init(_ number: Int, _ encoder: RowEncoder) {
      self.number = number
      self.encoder = encoder
    }
  }

  let encoder: RowEncoder
  let storage: FeedStorage
  let options: ReadOptions
  let threads: Int
  private let rowLimit: Int
  private var lanes: [Lane]
  private var laneRows = LaneRows()
  /// Whether lanes encode columns, not blocks, from now on.
  private var sharesColumns = false
  private var rows = 0
  /// Bytes of the files that were read before.
  private var bytes = 0

  // Of the present file; a lane reads and writes these only in its turn.
  private var firstRow = 0
  private var jobs = 0
  /// Statistics of blocks that wait for those of an earlier block.
  private var parts: [Int: [DeferredParts.Part]] = [:]
  private var addedJobs = 0
  private var atEnd = false
  private var mustPause = false
  private let errors = ErrorLog()

  /// Throws `DataError` when rows are too large to be counted.
  init(_ encoder: RowEncoder, _ options: ReadOptions) throws {
    self.encoder = encoder
    self.options = options
    threads = max(1, options.threads ?? ProcessInfo.processInfo.activeProcessorCount)
    rowLimit = options.rowLimit ?? .max
    lanes = [Lane(0, encoder)]
    storage = try FeedStorage(
      encoder.layout, memoryLimit: options.memoryLimit, extraRowBytes: encoder.extraRowBytes,
      byteFeed: options.keepsBytes ? encoder.byteFeed : nil)
  }

  /// Whether there are as many rows as may be read.
  var isFull: Bool { rows >= rowLimit }

  /// Reads a file behind those before. Throws the first `DataError` in its order.
  func read(_ file: String) throws {
    let reader = try encoder.open(file, damage: options.damage)
    firstRow = rows
    jobs = 0
    addedJobs = 0
    atEnd = false
    if !sharesColumns {
      start(reader)
      try readBlocks(reader)
    }
    if sharesColumns { try readColumns(reader) }
    bytes += reader.bytesRead
  }

  /// The rows, with all that is to be learned from them.
  func finish() throws -> (dataset: Dataset, statistics: DataStatistics) {
    absorbReplicas()
    try encoder.finish(rowCount: rows, lanes: laneRows, output: storage, threads: threads)
    try storage.shrink(to: rows)
    if options.keepsBytes { try storage.narrow(rows: rows) }
    return (Dataset(storage, rowCount: rows), encoder.statistics(rows: rows, bytes: bytes))
  }
}

// MARK: - A block on each lane

extension RowLanes {
  /// Gives each lane text of the file to work on.
  private func start(_ reader: TableReader) {
    // A lane is worth it from some blocks on.
    let blocks = reader.source.size.map { $0 / (2 * TableReader.blockBytes) } ?? .max
    let count = min(threads, blocks, Self.mostLanes)
    while lanes.count < count { lanes.append(Lane(lanes.count, encoder.replica())) }
    for lane in lanes {
      lane.text = lane.number == 0 ? reader.current : nil
      if lane.number > 0 { lane.encoder.bind(like: encoder) }
      guard lanes.count > 1 else { continue }
      for (k, encoder) in lane.encoder.summing.enumerated() {
        encoder.sums.deferred = (lane.parts, k)
      }
    }
  }

  /// Reads to the end of the file, or until the lanes must share columns.
  private func readBlocks(_ reader: TableReader) throws {
    // The first rows tell how many there will be.
    lanes[0].held = take(lanes[0], reader)
    while true {
      let held = lanes.lazy.compactMap(\.held).first?.rowCount ?? 0
      try RowEncoder.writeDeferred(lanes.map(\.encoder), rows: rows - held, storage)
      if sharesColumns { break }
      if let error = errors.first { throw error }
      if atEnd, held == 0 { break }
      try reserve(reader)
      mustPause = false
      let turn = Guarded(false)
      concurrently(lanes.count) { number in
        let lane = lanes[number]
        var job: Job?
        turn.withLock { _ in job = next(lane, reader) }
        while let present = job {
          lane.encoder.encodeBeside(present.pieces, into: storage, errors)
          turn.withLock { _ in
            close(present, lane, reader)
            job = next(lane, reader)
          }
        }
      }
    }
    if let error = errors.first { throw error }
  }

  /// What a lane does next; nil when it must pause, or nothing is left.
  private func next(_ lane: Lane, _ reader: TableReader) -> Job? {
    if let held = lane.held {
      lane.held = nil
      return held
    }
    guard !mustPause, let job = take(lane, reader) else { return nil }
    if rows <= storage.capacity { return job }
    lane.held = job
    mustPause = true
    return nil
  }

  /// Cuts a block off the file.
  private func take(_ lane: Lane, _ reader: TableReader) -> Job? {
    let text = lane.text ?? reader.makeBlock()
    lane.text = text
    do {
      while !atEnd, rows < rowLimit {
        guard try reader.nextBlock(into: text, rowLimit: rowLimit - rows) else { break }
        let pieces = try pieces(of: [text], by: lane.encoder)
        guard let last = pieces.last else { continue }
        let count = last.target + last.rows.count - rows
        laneRows.add(from: rows, lane: lane.number)
        rows += count
        jobs += 1
        return Job(number: jobs - 1, pieces: pieces, rowCount: count)
      }
    } catch {
      errors.add(error)
    }
    atEnd = true
    return nil
  }

  /// Adds up what a lane found in a block.
  private func close(_ job: Job, _ lane: Lane, _ reader: TableReader) {
    if lanes.count > 1 {
      parts[job.number] = lane.parts.take()
      while let next = parts.removeValue(forKey: addedJobs) {
        for (number, part) in next { encoder.summing[number].sums.add(part) }
        addedJobs += 1
      }
      if lane.encoder.tokenCount > Self.mostTokens {
        sharesColumns = true
        mustPause = true
      }
    }
    if errors.first != nil {
      atEnd = true
      mustPause = true
    }
    if lane.encoder.hasDeferred { mustPause = true }
    options.progress?(bytes + reader.bytesRead)
  }

  private func absorbReplicas() {
    encoder.absorb(lanes.dropFirst().map(\.encoder), threads: threads)
    lanes.removeLast(lanes.count - 1)
    for encoder in encoder.summing { encoder.sums.deferred = nil }
  }
}

// MARK: - Some columns on each lane

extension RowLanes {
  /// Reads the rest of a file, a few blocks at a time.
  private func readColumns(_ reader: TableReader) throws {
    // A block that was cut, but not encoded, before the lanes paused.
    if let lane = lanes.first(where: { $0.held != nil }), let held = lane.held,
      let first = held.pieces.first
    {
      // Once: its block holds other records when the next file is read.
      lane.held = nil
      laneRows.add(from: first.target, lane: 0)
      absorbReplicas()
      try reserve(reader)
      try encoder.encode(held.pieces, into: storage, threads: threads)
    }
    absorbReplicas()
    laneRows.add(from: rows, lane: 0)
    // A pipe is read when its rows are wanted: whoever writes to it may wait for an answer.
    let readsAhead = rowLimit == .max && reader.source.size != nil
    // Several blocks between two meetings of the threads, which take as long as dozens of rows. But
    // damaged records are noted in the order of the file.
    let ahead = options.damage == nil ? 4 : 1
    while rows < rowLimit {
      let blocks =
        readsAhead
        ? try reader.nextBlocks()
        : try reader.nextBlock(rowLimit: rowLimit - rows) ? [reader.current] : []
      guard !blocks.isEmpty else { break }
      let pieces = try pieces(of: blocks, by: encoder)
      guard let last = pieces.last else { continue }
      rows = last.target + last.rows.count
      try reserve(reader)
      try encoder.encode(
        pieces, into: storage, threads: threads,
        beside: readsAhead ? { reader.readAhead(ahead) } : nil)
      options.progress?(bytes + reader.bytesRead)
    }
  }
}

// MARK: - Rows

extension RowLanes {
  /// The records of blocks, without damaged ones, behind the rows so far.
  private func pieces(of blocks: [TextBlock], by encoder: RowEncoder) throws -> [RowPiece] {
    var pieces: [RowPiece] = []
    var target = rows
    for block in blocks {
      let runs =
        try options.damage.map { try encoder.goodRows(block, $0) } ?? [0..<block.records.rowCount]
      for run in runs {
        pieces.append(RowPiece(block: block, rows: run, target: target))
        target += run.count
      }
    }
    return pieces
  }

  /// Makes room for all rows so far, and for those that are likely to come.
  private func reserve(_ reader: TableReader) throws {
    var expected = 0
    if let size = reader.source.size, reader.bytesRead > 0 {
      // An estimate from the rows so far; 2 % more saves the last growth.
      let read = Double(rows - firstRow)
      let cut = max(1, reader.bytesRead - reader.current.unread)
      let estimate = read * Double(size) / Double(cut) * 1.02
      expected = firstRow + Int(min(estimate, Double(min(rowLimit, Int(Int32.max)))))
    }
    try storage.reserve(rows, expected: expected)
    for lane in lanes { try lane.encoder.reserve(storage) }
  }
}

import Plan
import Schema
import Transport

/// The training step of a plan with micro-batches: the training program runs once for each, its gradients are
/// added up in one fixed tree, and the update program steps the parameters.
///
/// A mean over the rows of the batch is the mean over its micro-batches, each weighted by its share of the rows; so
/// are losses, gradients and what the programs assign to parameters.
///
/// Several workers may share the micro-batches, each with the same parameters and rows: each runs those of its own
/// share, and all take the same step, with the bits of one worker alone.
final class MicroBatchedStep {
  private let session: Session
  private let batches: MicroBatches
  /// The micro-batches that this worker runs.
  private let own: Range<Int>
  private let exchange: GradientExchange?
  /// What workers of one machine have in common: tables, and the feeds of the update.
  private var common: CommonMemory?
  /// Of workers that share tables: what fetches the rows of a batch, and what sends their gradients back.
  private let copiedRows: RowCopies?
  private let rowGradients: RowGradientExchange?
  var exchangeCost: ExchangeCost? { exchange?.cost }
  private let train: Program
  private let update: Program
  /// The most rows of a batch.
  let capacity: Int
  /// The feeds of a whole batch, for the caller to write.
  let feeds: [FeedBlock]
  private let memory: [MemoryBlock]
  /// Those of the training program, and of them those that the update is fed with.
  private let parts: [FeedBlock]
  private let shared: [(from: UnsafeMutableRawPointer, to: FeedBlock)]
  /// The training program on the rows of a micro-batch of a whole batch where they lie, by micro-batch. Rows of a
  /// batch that is short, or of one of many micro-batches, are copied to the program's own feeds.
  private let placed: [Int: (program: LinkedProgram, rows: Range<Int>)]
  /// Gradients of looked up rows, from each micro-batch to their place in the batch.
  private let rows: [(from: FetchView, to: FeedBlock)]
  private let copies: RowGradientCopies
  private let sums: GradientSums
  private let weights: BatchWeightSums?
  /// The fetches whose means over the batch are kept, and these.
  private let means: [FetchView]
  private(set) var values: [Float]
  /// By micro-batch, each mean times its share of the rows.
  private var shares: [Double]
  /// What the workers tell each other with a step, by worker: its part of `shares`, and 1 if it asks to stop.
  private var reports: [Double]
  /// Whether this worker asks all of them to stop after a step.
  var asksToStop: (() -> Bool)?
  /// Whether a worker has asked for it: all know after the same step.
  private(set) var isStopAgreed = false

  /// - Parameters:
  ///   - means: Scalars of the training program.
  ///   - transport: To the other workers; nil for one alone.
  ///   - tables: Those that the workers share; nil where each has them whole.
  /// - Throws: `LinkError`, `SessionError` for a plan without micro-batches, `TransportError` where the workers
  ///   cannot share them.
  init(
    _ session: Session, means: [FetchView], transport: (any Transport)? = nil,
    tables: ShardedTables? = nil
  ) throws {
    self.session = session
    let plan = session.plan
    batches = plan.training.microBatches
    let workers = transport?.count ?? 1
    let each = batches.count / workers
    guard each * workers == batches.count, workers == 1 || each.nonzeroBitCount == 1 else {
      throw TransportError.workers(workers, microBatches: batches.count)
    }
    let first = each * (transport?.rank ?? 0)
    own = first..<first + each
    guard let train = plan.program(.train), let update = plan.program(.update) else {
      throw SessionError.noProgram(Program.Kind.update.rawValue)
    }
    (self.train, self.update) = (train, update)
    let capacity = min(plan.training.batchSize, update.batchCapacity)
    self.capacity = capacity
    parts = try session.feeds(.train)
    memory = try parts.map { part in
      try MemoryBlock(floats: capacity.times(part.width), what: "the feed \(part.name)")
    }
    feeds = zip(parts, memory).map { part, block in
      FeedBlock(
        name: part.name, base: block.base, width: part.width, isInteger: part.isInteger,
        capacity: capacity)
    }
    let all = feeds
    placed = try Self.placed(session, batches, own, all, capacity: capacity)
    shared = try session.feeds(.update).compactMap { feed in
      all.first { $0.name == feed.name && $0.width == feed.width }.map { ($0.base, feed) }
    }
    rows = try train.rowGradients.compactMap { feed in
      update.feeds.contains { $0.name == feed.name && $0.width == feed.width }
        ? (try session.fetch(feed.name, .train), try session.feed(feed.name, .update)) : nil
    }
    copies = RowGradientCopies(rows, pool: session.pool)
    let (runs, block) = (update.readGradients, session.shared.gradients)
    sums = try GradientSums(each, runs: runs, of: block, pool: session.pool)
    exchange =
      try workers > 1
      ? transport.map { try GradientExchange($0, runs: runs, of: block, pool: session.pool) } : nil
    copiedRows = try tables.map {
      try RowCopies($0.shards, .train, feeds: all, session.shared.parameters, $0.exchange)
    }
    rowGradients = try tables.map {
      try RowGradientExchange(
        $0.shards, batch: all, update: session.feeds(.update), $0.exchange)
    }
    weights = BatchWeightSums(session, feeds)
    self.means = means
    values = means.map { _ in .nan }
    shares = [Double](repeating: 0, count: means.count * batches.count)
    reports = [Double](repeating: 0, count: shares.count + workers)
  }

  /// Programs take time and memory to link, so that copies pay where there are many.
  private static let mostPlaced = 32

  private static func placed(
    _ session: Session, _ batches: MicroBatches, _ own: Range<Int>, _ feeds: [FeedBlock],
    capacity: Int
  ) throws -> [Int: (program: LinkedProgram, rows: Range<Int>)] {
    guard own.count <= mostPlaced else { return [:] }
    var placed: [Int: (program: LinkedProgram, rows: Range<Int>)] = [:]
    for place in own {
      let rows = batches.rows(place, of: capacity)
      let parts = feeds.map { $0.rows(from: rows.lowerBound) }
      placed[place] = (try session.place(.train, at: parts), rows)
    }
    return placed
  }

  /// One step on the first rows of `feeds`.
  func step(rows: Int) throws {
    try accumulate(rows: rows)
    try session.run(.update, rows: rows)
  }

  /// Has workers of one machine update tables together, in memory that they have in common; all workers call it,
  /// between steps.
  func share(_ common: CommonMemory) throws {
    if try session.share(common) { self.common = common }
  }

  /// The same, slowly.
  /// - Returns: Where a value that is not finite was met first; nil when all are finite.
  func stepLookingForNonFinite(rows: Int) throws -> String? {
    var found: String?
    func look(_ kind: Program.Kind, _ rows: Int) throws {
      let origin = try session.runLookingForNonFinite(kind, rows: rows)
      if found == nil { found = origin }
    }
    try accumulate(rows: rows, looking: look)
    guard common == nil else {
      // Others run a part of the update.
      try session.run(.update, rows: rows)
      return found
    }
    try look(.update, rows)
    return found
  }

  /// The gradients of the first rows of `feeds`, in the gradient block and as rows of tables; nothing is moved.
  func accumulate(rows: Int) throws {
    try accumulate(rows: rows, looking: nil)
  }

  /// - Parameter look: Runs a program in place of the session.
  private func accumulate(
    rows: Int, looking look: ((Program.Kind, _ rows: Int) throws -> Void)?
  ) throws {
    guard rows > 0, rows <= capacity else { throw SessionError.rows(rows, capacity: capacity) }
    // The update reads the ids of the whole batch.
    let written = common == nil ? 0..<rows : self.range(of: own.lowerBound / own.count, rows)
    for (from, to) in shared {
      let start = 4 * written.lowerBound * to.width
      to.base.advanced(by: start).copyMemory(
        from: from + start, byteCount: 4 * written.count * to.width)
    }
    weights?.sum(batches, rows: rows)
    defer {
      session.shared.firstRow.pointee = 0
      weights?.clear()
    }
    for k in shares.indices { shares[k] = 0 }
    rowGradients?.writeOwned(rows: rows)
    try copiedRows?.fetch(rows: self.range(of: own.lowerBound / own.count, rows))
    for place in own {
      let range = batches.rows(place, of: rows)
      guard !range.isEmpty else {
        sums.take(place - own.lowerBound, scale: nil)
        continue
      }
      let share = Double(range.count) / Double(rows)
      session.shared.firstRow.pointee = Int64(range.lowerBound)
      weights?.set(share: share, rows: rows)
      if look == nil, let placed = placed[place], placed.rows == range {
        try session.run(placed: placed.program, rows: range.count)
      } else {
        for (part, whole) in zip(parts, feeds) {
          part.base.copyMemory(
            from: whole.rows(from: range.lowerBound).base, byteCount: 4 * part.width * range.count)
        }
        try look?(.train, range.count) ?? session.run(.train, rows: range.count)
      }
      for k in means.indices { shares[place * means.count + k] = share * Double(means[k].scalar) }
      copies.copy(to: range, times: Float(share))
      sums.take(place - own.lowerBound, scale: Float(share))
    }
    if let exchange { try self.exchange(rows, by: exchange) }
    for k in means.indices {
      var total = 0.0
      for place in 0..<batches.count { total += shares[place * means.count + k] }
      values[k] = Float(total)
    }
  }

  /// Gives all workers what each has computed.
  private func exchange(_ rows: Int, by exchange: GradientExchange) throws {
    try exchange.add { !range(of: $0, rows).isEmpty }
    if let rowGradients {
      try rowGradients.run { range(of: $0, rows) }
    } else if common == nil {
      for (_, to) in self.rows {
        try exchange.gather(to.base) { 4 * to.width * range(of: $0, rows).count }
      }
    }
    try exchangeReports(by: exchange)
    common?.meeting.meet()
  }

  /// The rows of a worker in a batch of so many.
  private func range(of worker: Int, _ rows: Int) -> Range<Int> {
    let first = batches.rows(worker * own.count, of: rows).lowerBound
    return first..<batches.rows((worker + 1) * own.count - 1, of: rows).upperBound
  }

  private func exchangeReports(by exchange: GradientExchange) throws {
    let part = means.count * own.count
    let ownPart = own.lowerBound * means.count
    let start = own.lowerBound / own.count * (part + 1)
    for k in 0..<part { reports[start + k] = shares[ownPart + k] }
    reports[start + part] = asksToStop?() == true ? 1 : 0
    try reports.withUnsafeMutableBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      try exchange.gather(base) { _ in 8 * (part + 1) }
    }
    for worker in 0..<batches.count / own.count {
      let start = worker * (part + 1)
      for k in 0..<part { shares[worker * part + k] = reports[start + k] }
      if reports[start + part] != 0 { isStopAgreed = true }
    }
  }

  /// The gradient of a parameter after `accumulate`, row-major, of a table too.
  func gradient(of record: ParameterRecord, rows: Int) throws -> [Float] {
    guard let sparse = sparseUpdate(of: record), sparse.sources.allSatisfy({ $0.ids != nil }) else {
      return try session.gradient(record.name)
    }
    var gradient = [Float](repeating: 0, count: record.rows * record.columns)
    for source in sparse.sources { add(source, rows: rows, record, to: &gradient) }
    return gradient
  }

  private func sparseUpdate(of record: ParameterRecord) -> SparseUpdateInstruction? {
    for case .sparseUpdate(let found) in update.instructions
    where update[found.table.buffer].offset + found.table.offset == record.offset {
      return found
    }
    return nil
  }

  /// Adds what the rows of a lookup contribute.
  private func add(
    _ source: SparseUpdateInstruction.Source, rows: Int, _ table: ParameterRecord,
    to gradient: inout [Float]
  ) {
    guard let view = source.ids,
      let base = update.feeds.first(where: { $0.buffer == view.buffer }),
      let ids = try? session.feed(base.name, .update),
      let rowFeed = update.feeds.first(where: { $0.buffer == source.matrix.buffer }),
      let values = try? session.feed(rowFeed.name, .update)
    else { return }
    let numbers = ids.base.assumingMemoryBound(to: Int32.self) + view.offset
    let floats = values.base.assumingMemoryBound(to: Float.self) + source.matrix.offset
    let length = view.extents.count == 2 ? view.extents[1].size(rows: 1) : 1
    for row in 0..<rows {
      let present = (0..<length).filter { numbers[row * view.strides[0] + $0] >= 0 }
      for place in present {
        let id = Int(numbers[row * view.strides[0] + place])
        let target = (id < table.rows ? id : 0) * table.columns
        let start =
          row * source.matrix.strides[0]
          + (source.pooling == .concat ? place * table.columns : 0)
        let scale = source.pooling == .mean ? 1 / Float(present.count) : 1
        for column in 0..<table.columns {
          gradient[target + column] += scale * floats[start + column]
        }
      }
    }
  }
}

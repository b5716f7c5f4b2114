import CKernels
import Plan
import Schema

/// A plan whose tables that are updated by rows are spread over several workers: worker r of n owns the rows r,
/// r + n, r + 2n … of each, with their optimizer states.
///
/// The plan of a worker has its own rows in place of the whole tables, which its update program steps. The other
/// programs read copies: behind what the plan calls the parameter block lies for each table a matrix of the rows that
/// a run looks up, and a feed tells the lookups where in it their rows are.
package struct TableShards: Sendable {
  /// One table.
  struct Table: Sendable {
    /// Its place in the plan of one worker alone, and that of this worker's rows.
    let whole: ParameterRecord
    let own: ParameterRecord
    /// Where in the parameter block the copies of rows begin, and how many there may be.
    var copiesOffset = 0
    var copies = 0
    /// Floats that a state has for each row, from one row to the next.
    let stateStride: Int

    /// Floats from the first element of the whole table to the last.
    var floats: Int { (whole.rows - 1) * whole.rowStride + whole.columns }
    var range: Range<Int> { whole.offset..<whole.offset + floats }
  }

  /// A stretch of the parameter block.
  enum Segment: Sendable {
    /// What every worker has, and where it begins at this one.
    case replicated(Range<Int>, own: Int)
    /// The table of that number.
    case table(Int)
  }

  /// What a program looks up in a table: ids that follow each other in the rows of a feed.
  struct Lookup: Sendable {
    var instruction: Int
    /// The number of the feature of a gather, or of the source of an update.
    var part: Int
    var table: Int
    var feed: String
    /// Of the ids in that feed, and of what stands for them in the feed of the worker's plan.
    var column: Int
    var ownColumn: Int
    var length: Int
  }

  /// A lookup from the side of the update: where the gradients of what it gave lie.
  struct Source: Sendable {
    var lookup: Lookup
    var feed: String
    var offset: Int
    var stride: Int
    var isConcatenated: Bool
  }

  /// The feed of the programs that look up: rows among the copies.
  static let placesFeed = "table_rows"
  /// The feed of the update: for each id its row among those of the worker, or `elsewhere`.
  static let ownedFeed = "owned_rows"
  /// An id whose row another worker owns; it counts for the mean of a lookup.
  static let elsewhere = Int32(MTLC_ROW_ELSEWHERE)

  let rank: Int
  let count: Int
  /// The plan without weights, as one worker alone has it.
  package let whole: Plan
  /// The plan of this worker.
  package internal(set) var plan: Plan
  var tables: [Table]
  let segments: [Segment]
  /// Floats of the parameter block with the copies of rows.
  var blockFloats: Int
  /// By program what it looks up.
  var lookups: [Program.Kind: [Lookup]] = [:]
  var sources: [Source] = []

  /// Bytes that a session of this worker needs beside the data.
  package var memoryBytes: Int {
    plan.memoryBytes.plus((blockFloats - plan.parameterFloats).times(4))
  }

  /// - Parameters:
  ///   - plan: With micro-batches and a sparse optimizer; weights and a training progress do not matter.
  ///   - count: Of the workers, at least 1; `rank` is below.
  /// - Throws: `ShardError` where a table cannot be spread.
  package init(_ plan: Plan, rank: Int, count: Int) throws(ShardError) {
    (self.rank, self.count) = (rank, max(1, count))
    var bare = plan
    (bare.weights, bare.progress) = (nil, nil)
    whole = bare
    let names = Set(plan.training.optimizer.sparse?.tables ?? [])
    let found = plan.parameters.filter { names.contains($0.name) }
      .sorted { $0.offset < $1.offset }
    guard !found.isEmpty, plan.program(.update) != nil else { throw .noTables }
    var (tables, segments): ([Table], [Segment]) = ([], [])
    var (start, end) = (0, 0)
    func replicate(to limit: Int) {
      let own = Self.aligned(end, as: start)
      segments.append(.replicated(start..<limit, own: own))
      end = own + limit - start
    }
    for record in found {
      guard record.offset >= start else {
        throw .table(record.name, reason: "another parameter lies among its rows")
      }
      replicate(to: record.offset)
      var own = record
      own.offset = Self.aligned(end, as: record.offset)
      // A table of no rows could not be linked.
      own.rows = max(1, Self.rows(of: record.rows, rank, count))
      own.shape = [own.rows, own.columns]
      let isPacked = plan.training.optimizer.sparse?.kind == .rowwiseAdagrad
      tables.append(
        Table(whole: record, own: own, stateStride: isPacked ? 1 : record.rowStride))
      segments.append(.table(tables.count - 1))
      end = own.offset + own.rows * own.rowStride
      start = tables[tables.count - 1].range.upperBound
    }
    replicate(to: max(start, plan.parameterFloats))
    (self.tables, self.segments) = (tables, segments)
    blockFloats = end
    self.plan = bare
    self.plan.parameterFloats = end
    try findLookups()
    placeCopies()
    try rewritePrograms()
    try moveParameters()
  }

  /// The first number from one on that lies in its cache line where another one does.
  private static func aligned(_ place: Int, as other: Int) -> Int {
    place + ((other - place) % 16 + 16) % 16
  }

  /// How many of a table's rows a worker owns.
  static func rows(of rows: Int, _ rank: Int, _ count: Int) -> Int {
    (rows - rank + count - 1) / count
  }

  /// How many of a table's rows a worker owns.
  func rows(of table: Table, at rank: Int) -> Int { Self.rows(of: table.whole.rows, rank, count) }

  func table(named name: String) -> Table? { tables.first { $0.whole.name == name } }

  /// Where what lies at a range of the whole block is at this worker; nil where a table is.
  func place(of range: Range<Int>) -> Int? {
    for case .replicated(let own, let start) in segments
    where own.lowerBound <= range.lowerBound && range.upperBound <= own.upperBound {
      return start + range.lowerBound - own.lowerBound
    }
    return nil
  }

  /// The table that a place of the whole block lies in.
  func table(at place: Int) -> Int? { tables.firstIndex { $0.range.contains(place) } }

  /// The most rows that this worker looks up in a run of a program.
  private func rows(of program: Program) -> Int {
    guard program.kind == .train else { return program.batchCapacity }
    let batches = whole.training.microBatches
    let each = (batches.count + count - 1) / count
    return min(whole.training.batchSize, batches.largest(of: whole.training.batchSize).times(each))
  }

  /// Gives each table room for as many copies as a run may need.
  private mutating func placeCopies() {
    for (kind, lookups) in lookups where kind != .update {
      guard let program = whole.program(kind) else { continue }
      let rows = rows(of: program)
      var most = [Int](repeating: 0, count: tables.count)
      for lookup in lookups { most[lookup.table] += rows.times(lookup.length) }
      for place in tables.indices {
        tables[place].copies = max(
          tables[place].copies, min(most[place], tables[place].whole.rows))
      }
    }
    for place in tables.indices {
      tables[place].copies = max(1, tables[place].copies)
      tables[place].copiesOffset = Self.aligned(blockFloats, as: tables[place].whole.offset)
      blockFloats =
        tables[place].copiesOffset + tables[place].copies * tables[place].whole.rowStride
    }
  }

  private mutating func moveParameters() throws(ShardError) {
    for place in plan.parameters.indices {
      let record = plan.parameters[place]
      if let table = table(named: record.name) {
        plan.parameters[place] = table.own
        continue
      }
      let last = record.offset + (record.rows - 1) * record.rowStride + record.columns
      guard let start = self.place(of: record.offset..<last) else {
        throw .table(
          tables.first { $0.range.overlaps(record.offset..<last) }?.whole.name ?? record.name,
          reason: "it shares its place with \(record.name)")
      }
      plan.parameters[place].offset = start
    }
    if let given = plan.initial?.rows.first(where: { table(named: $0.parameter) != nil }) {
      throw .table(given.parameter, reason: "it begins with given values")
    }
  }
}

/// Why tables cannot be spread over workers.
package enum ShardError: Error, Sendable, Hashable, CustomStringConvertible {
  /// No table is updated by the rows of micro-batches.
  case noTables
  case table(String, reason: String)

  package var description: String {
    switch self {
    case .noTables: "no table is updated by the rows of micro-batches"
    case .table(let name, let reason): "the rows of \(name) cannot be spread: \(reason)"
    }
  }
}

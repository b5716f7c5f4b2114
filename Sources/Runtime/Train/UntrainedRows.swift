import Plan
import Schema

/// Rows of tables that no training row reads: that of unknown and missing ids where training has
/// neither, and those of ids that a range or a given vocabulary knows but training lacks. Left at their
/// random start they would make predictions of such ids random.
///
/// `fill` sets them to the mean of the rows that were trained, each weighted with how often training
/// reads it, so that an unknown id is predicted much as the average known one. Tables are those of
/// embeddings, and the rows of weights that stand for one-hot ids.
package final class UntrainedRows {
  /// Some columns of a parameter that belong to one table.
  private struct Part {
    var parameter: String
    /// The row of id 0.
    var firstRow: Int
    var columns: Range<Int>
    /// Whether training moves even rows that it does not read.
    var isPenalised: Bool
  }

  private struct Table {
    var parts: [Part]
    var feeds: [FeedColumns]
    var rowCount: Int
  }

  private struct Reading {
    /// How often rows are read together, at all workers.
    var total: Double
    var rows: Int
    var unread: Int
  }

  private struct FeedColumns: Hashable {
    var feed: String
    var columns: Range<Int>
  }

  private var tables: [Table] = []
  /// How often each row of a table is read, of one that workers share each row of this worker; parallel to `tables`,
  /// empty until they are counted.
  private var counts: [[UInt32]] = []
  /// What is known of each table once rows were counted.
  private var readings: [Reading] = []
  /// Rows that began with given values, which stay.
  private let initial: InitialValues?
  private let read: (_ visit: (FeedBatch) -> Void) throws -> Void

  /// Some training rows: the ids of a feed by its name, row-major with their number in a row.
  package typealias FeedBatch = [String: (ids: UnsafeBufferPointer<Int32>, width: Int)]

  /// - Parameters:
  ///   - plan: Rows that it has initial values for stay, as all rows of parameters that do not train.
  ///   - read: Visits the ids of all training rows once, some rows at a time.
  package init(
    _ plan: Plan, reading read: @escaping (_ visit: (FeedBatch) -> Void) throws -> Void
  ) {
    self.read = read
    initial = plan.initial
    guard let program = plan.program(.predict) else { return }
    var found: [(weights: Int, stride: Int, columns: Int, rows: Int, feed: FeedColumns)] = []
    func add(_ weights: View, _ ids: View, firstRow: Int = 0, rows: Int? = nil) {
      let buffer = program[weights.buffer]
      guard buffer.space == .parameters, weights.extents.count == 2, ids.extents.count == 2,
        case .fixed(let height) = weights.extents[0],
        case .fixed(let width) = weights.extents[1], weights.strides.count == 2,
        weights.strides[1] == 1, case .fixed(let length) = ids.extents[1],
        let feed = program.feeds.first(where: { $0.buffer == ids.buffer })
      else { return }
      let start = buffer.offset + weights.offset + firstRow * weights.strides[0]
      found.append(
        (
          start, weights.strides[0], width, rows ?? height,
          FeedColumns(feed: feed.name, columns: ids.offset..<ids.offset + length)
        ))
    }
    for instruction in program.instructions {
      switch instruction {
      case .gather(let gather):
        for feature in gather.features { add(feature.table, feature.ids) }
      case .oneHotLinear(let linear):
        for feature in linear.features {
          add(
            linear.weight, feature.ids, firstRow: feature.rowOffset, rows: feature.rowCount)
        }
      default: break
      }
    }
    for entry in found {
      let parts = Self.parts(plan, entry.weights, stride: entry.stride, columns: entry.columns)
      // Features that share a table.
      if let place = tables.firstIndex(where: {
        $0.parts.first?.parameter == parts.first?.parameter
          && $0.parts.first?.firstRow == parts.first?.firstRow
          && $0.parts.first?.columns == parts.first?.columns
      }) {
        if !tables[place].feeds.contains(entry.feed) { tables[place].feeds.append(entry.feed) }
      } else if !parts.isEmpty {
        tables.append(Table(parts: parts, feeds: [entry.feed], rowCount: entry.rows))
      }
    }
  }

  /// The parameters that lie under the columns of a row of the parameter block.
  private static func parts(
    _ plan: Plan, _ start: Int, stride: Int, columns: Int
  ) -> [Part] {
    plan.parameters.compactMap { record in
      guard record.rowStride == stride, stride > 0, record.isTrainable else { return nil }
      // The row of the parameter that lies under `start`, or begins behind it.
      let above = max(0, (start - record.offset) / stride)
      for row in [above, above + 1] where row < record.rows {
        let place = record.offset + row * stride
        let low = max(place, start)
        let high = min(place + record.columns, start + columns)
        if low < high {
          return Part(
            parameter: record.name, firstRow: row, columns: low - place..<high - place,
            isPenalised: record.l2 > 0)
        }
      }
      return nil
    }
  }

  /// Counts the ids of the training rows, the first time that it is called. Workers that share tables all call it.
  private func count(_ shared: ShardedTables?) throws {
    guard counts.isEmpty, !tables.isEmpty else { return }
    // Of each table what this worker has: every n-th row from one on, or all.
    let shares = tables.map { table -> (first: Int, step: Int, rows: Int) in
      guard let shared, let shard = self.shard(of: table, shared) else {
        return (0, 1, table.rowCount)
      }
      let shards = shared.shards
      return (shards.rank, shards.count, shards.rows(of: shard, at: shards.rank))
    }
    counts = shares.map { [UInt32](repeating: 0, count: $0.rows) }
    try read { batch in
      for (place, table) in tables.enumerated() {
        let share = shares[place]
        counts[place].withUnsafeMutableBufferPointer { counts in
          for feed in table.feeds {
            guard let (ids, width) = batch[feed.feed] else { continue }
            for row in stride(from: 0, to: ids.count, by: max(1, width)) {
              for column in feed.columns where column < width {
                let id = Int(ids[row + column])
                guard id >= 0 else { continue }
                let known = id < table.rowCount ? id : 0
                guard share.step == 1 || known % share.step == share.first else { continue }
                let own = share.step == 1 ? known : known / share.step
                if own < counts.count, counts[own] < .max { counts[own] += 1 }
              }
            }
          }
        }
      }
    }
    readings = try zip(tables, counts).map { table, counts in
      var reading = Reading(
        total: counts.reduce(0.0) { $0 + Double($1) }, rows: table.rowCount,
        unread: counts.count { $0 == 0 })
      if let shared, shard(of: table, shared) != nil {
        reading.total = try shared.sum(reading.total)
        reading.unread = Int(try shared.sum(Double(reading.unread)))
      }
      return reading
    }
  }

  /// The table as one that workers share; nil for another.
  private func shard(of table: Table, _ shared: ShardedTables) -> TableShards.Table? {
    table.parts.first.flatMap { shared.shards.table(named: $0.parameter) }
  }

  /// By table, named as its first parameter, its rows and how many of them no training row reads; empty
  /// until rows were set.
  package var unread: [(parameter: String, rows: Int, unread: Int)] {
    zip(tables, readings).compactMap { table, reading in
      table.parts.first.map { ($0.parameter, reading.rows, reading.unread) }
    }
  }

  /// Sets the rows, runs the body, and sets those back that training would move: predictions then are
  /// those of the finished model, and training goes on as if nothing had happened.
  func filled<Result>(
    _ engine: any ParameterEngine, _ body: () throws -> Result
  ) throws -> Result {
    var saved: [(parameter: String, row: Int, columns: Range<Int>, values: [Float])] = []
    try fill(engine) { part, row, values in
      if part.isPenalised { saved.append((part.parameter, row, part.columns, values)) }
    }
    let result = try body()
    if !saved.isEmpty { try (engine as? StaticEngine)?.meetAtTables() }
    for (parameter, row, columns, values) in saved {
      try engine.withParameter(parameter) { block, stride in
        for (k, column) in columns.enumerated() { block[row * stride + column] = values[k] }
      }
    }
    return result
  }

  /// Sets the rows. Throws what reading the training rows and the engine throw.
  package func fill(_ engine: any ParameterEngine) throws { try fill(engine) { _, _, _ in } }

  private func fill(
    _ engine: any ParameterEngine, replacing: (Part, _ row: Int, _ values: [Float]) -> Void
  ) throws {
    let shared = (engine as? StaticEngine)?.tables
    try count(shared)
    try (engine as? StaticEngine)?.meetAtTables()
    for ((table, counts), reading) in zip(zip(tables, counts), readings) {
      guard reading.total > 0, reading.unread > 0 else { continue }
      for part in table.parts {
        let sum = try sum(part, counts, engine, shared)
        let filling = sum.map { Float($0 / reading.total) }
        var isGiven = [Bool](repeating: false, count: counts.count)
        initial?[part.parameter]?.forEach(below: part.firstRow + counts.count) { row, _ in
          if row >= part.firstRow { isGiven[row - part.firstRow] = true }
        }
        func forEachRow(
          _ body: (_ row: Int, _ values: UnsafeMutablePointer<Float>) -> Void
        ) throws {
          try engine.withParameter(part.parameter) { block, stride in
            for (row, count) in counts.enumerated() where count == 0 && !isGiven[row] {
              let row = part.firstRow + row
              body(row, block + row * stride + part.columns.lowerBound)
            }
          }
        }
        if part.isPenalised {
          try forEachRow { row, values in
            replacing(part, row, Array(UnsafeBufferPointer(start: values, count: filling.count)))
          }
          try (engine as? StaticEngine)?.meetAtTables()
        }
        try forEachRow { _, values in for k in filling.indices { values[k] = filling[k] } }
      }
    }
  }

  /// By column the sum of the rows that are read, each as often as it is.
  private func sum(
    _ part: Part, _ counts: [UInt32], _ engine: any ParameterEngine, _ shared: ShardedTables?
  ) throws -> [Double] {
    var sum = [Double](repeating: 0, count: part.columns.count)
    guard let shared, let shard = shared.shards.table(named: part.parameter) else {
      try engine.withParameter(part.parameter) { block, stride in
        for (row, count) in counts.enumerated() where count > 0 {
          let values = block + (part.firstRow + row) * stride + part.columns.lowerBound
          for k in sum.indices { sum[k] += Double(count) * Double(values[k]) }
        }
      }
      return sum
    }
    var found: Swift.Result<[Double], any Error> = .success(sum)
    try engine.withParameter(part.parameter) { block, stride in
      found = Swift.Result {
        try shared.weightedSum(shard, block, stride: stride, columns: part.columns, counts: counts)
      }
    }
    return try found.get()
  }
}

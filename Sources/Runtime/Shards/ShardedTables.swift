import Plan
import Schema
import Transport

/// The tables of a session that several workers share, with what the workers do together beside steps.
final class ShardedTables {
  let shards: TableShards
  let exchange: ShardExchange
  private let session: Session
  private var transport: any Transport { exchange.transport }
  /// What a prediction looks up; nil where the plan does not predict.
  private let predicted: RowCopies?

  /// Elements of a table that travel at a time.
  private static let piece = 1 << 18

  init(_ session: Session, _ shards: TableShards, _ transport: any Transport) throws {
    self.session = session
    self.shards = shards
    exchange = ShardExchange(transport)
    predicted =
      session.plan.program(.predict) == nil
      ? nil
      : try RowCopies(
        shards, .predict, feeds: session.feeds(.predict), session.shared.parameters, exchange)
  }

  /// Has the rows that a prediction looks up; all workers call it, some perhaps for no row.
  func fetchPredicted(rows: Int) throws {
    guard rows <= session.batchCapacity(.predict) else {
      throw SessionError.rows(rows, capacity: session.batchCapacity(.predict))
    }
    try predicted?.fetch(rows: 0..<rows)
  }

  /// The first of the parameters that is not finite at one of the workers, which all call it.
  func nonFiniteParameter() throws -> String? {
    let own = session.nonFiniteParameter()
    let names = session.plan.parameters.map(\.name)
    let found = try exchange.gather([own.flatMap(names.firstIndex) ?? names.count]).min()
    return found.flatMap { $0 < names.count ? names[$0] : nil }
  }

  // MARK: Blocks

  /// Has the first worker see a block as it is in the plan of one worker alone, from its start to its end; all
  /// workers call it.
  ///
  /// - Parameters:
  ///   - own: What this worker has of it, laid out as the parameter block.
  ///   - isState: Whether it is a state of the optimizer.
  ///   - take: Is called at the first worker alone.
  func collect(
    _ own: UnsafeBufferPointer<Float>, isState: Bool,
    _ take: (UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    let isFirst = exchange.rank == 0
    for segment in shards.segments {
      switch segment {
      case .replicated(let range, let start):
        if isFirst { try take(UnsafeBufferPointer(rebasing: own[start..<start + range.count])) }
      case .table(let number):
        let table = shards.tables[number]
        let width = isState ? table.stateStride : table.whole.rowStride
        var left = table.floats
        try forEachPiece(of: table, width: width) { rows in
          try send(own, table, width, rows[exchange.rank])
          guard isFirst else { return }
          try receive(own, table, width, rows) { values in
            let part = values.prefix(left)
            left -= part.count
            try take(UnsafeBufferPointer(rebasing: part))
          }
        }
        // Where a state has one number a row, nothing follows.
        let zeros = [Float](repeating: 0, count: min(left, Self.piece))
        while isFirst, left > 0 {
          try zeros.withUnsafeBufferPointer {
            try take(UnsafeBufferPointer(rebasing: $0.prefix(left)))
          }
          left -= min(left, zeros.count)
        }
      }
    }
  }

  /// Calls the body with the rows at each worker that come next.
  private func forEachPiece(
    of table: TableShards.Table, width: Int, _ body: (_ rows: [Range<Int>]) throws -> Void
  ) throws {
    let step = max(1, Self.piece / (width * exchange.count))
    for first in stride(from: 0, to: shards.rows(of: table, at: 0), by: step) {
      try body(
        (0..<exchange.count).map { worker in
          let rows = shards.rows(of: table, at: worker)
          return min(first, rows)..<min(first + step, rows)
        })
    }
  }

  private func send(
    _ own: UnsafeBufferPointer<Float>, _ table: TableShards.Table, _ width: Int, _ rows: Range<Int>
  ) throws {
    guard exchange.rank > 0, !rows.isEmpty else { return }
    let start = table.own.offset + rows.lowerBound * width
    try transport.send(
      UnsafeRawBufferPointer(
        UnsafeBufferPointer(rebasing: own[start..<start + rows.count * width])), to: 0)
  }

  /// Puts the rows of all workers in their order.
  private func receive(
    _ own: UnsafeBufferPointer<Float>, _ table: TableShards.Table, _ width: Int,
    _ rows: [Range<Int>], _ take: (UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    let total = rows.reduce(0) { $0 + $1.count } * width
    try withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * total) { memory in
      let all = UnsafeMutableBufferPointer(rebasing: memory[..<total])
      let part = UnsafeMutableBufferPointer(rebasing: memory[total...])
      for worker in rows.indices where !rows[worker].isEmpty {
        let floats = rows[worker].count * width
        var values = UnsafeBufferPointer(rebasing: part[..<floats])
        if worker == 0 {
          let start = table.own.offset + rows[0].lowerBound * width
          values = UnsafeBufferPointer(rebasing: own[start..<start + floats])
        } else {
          try transport.receive(
            UnsafeMutableRawBufferPointer(start: part.baseAddress, count: 4 * floats), from: worker)
        }
        for row in 0..<rows[worker].count {
          let target = (row * rows.count + worker) * width
          _ = UnsafeMutableBufferPointer(rebasing: all[target..<target + width])
            .update(from: UnsafeBufferPointer(rebasing: values[row * width..<(row + 1) * width]))
        }
      }
      try take(UnsafeBufferPointer(all))
    }
  }

  /// Takes what this worker has of a block out of one that is as in the plan of one worker alone.
  ///
  /// - Parameters:
  ///   - own: Where to.
  ///   - read: Reads the floats from a place of the block on.
  func load(
    into own: UnsafeMutableBufferPointer<Float>, isState: Bool,
    _ read: (_ place: Int, UnsafeMutableBufferPointer<Float>) throws -> Void
  ) throws {
    for segment in shards.segments {
      switch segment {
      case .replicated(let range, let start):
        try read(
          range.lowerBound, UnsafeMutableBufferPointer(rebasing: own[start..<start + range.count]))
      case .table(let number):
        let table = shards.tables[number]
        let width = isState ? table.stateStride : table.whole.rowStride
        let step = max(1, Self.piece / width)
        for first in stride(from: 0, to: table.whole.rows, by: step) {
          let end = min(first + step, table.whole.rows)
          // The last row ends with its last column.
          let floats = min(end * width, table.floats) - first * width
          try withUnsafeTemporaryAllocation(of: Float.self, capacity: floats) { values in
            try read(table.whole.offset + first * width, values)
            let count = exchange.count
            let next = first + (exchange.rank - first % count + count) % count
            for row in stride(from: next, to: end, by: count) {
              let place = (row - first) * width
              let part = values[place..<min(place + width, floats)]
              let target = table.own.offset + row / count * width
              _ = UnsafeMutableBufferPointer(rebasing: own[target..<target + part.count])
                .update(from: UnsafeBufferPointer(rebasing: part))
            }
          }
        }
      }
    }
  }

  /// The whole parameter block at every worker; for small models alone. All workers call it.
  func wholeWeights() throws -> [Float] {
    var whole: [Float] = []
    if exchange.rank == 0 { whole.reserveCapacity(shards.whole.parameterFloats) }
    try collect(UnsafeBufferPointer(session.shared.parameters.floats), isState: false) {
      whole += $0
    }
    if exchange.rank > 0 { whole = Array(repeating: 0, count: shards.whole.parameterFloats) }
    try whole.withUnsafeMutableBytes { try transport.broadcast($0, from: 0) }
    return whole
  }

  // MARK: Sums over rows

  /// The sum of numbers over the workers, in their order.
  func sum(_ own: Double) throws -> Double { try exchange.gather([own]).reduce(0, +) }

  /// Σ counts[r] · row r over the rows of a whole table, added up row by row as one worker alone would.
  ///
  /// - Parameters:
  ///   - columns: Of the table, whose rows here are `stride` floats apart.
  ///   - counts: Of this worker's rows.
  /// - Returns: The sum by column, at all workers.
  func weightedSum(
    _ table: TableShards.Table, _ block: UnsafePointer<Float>, stride: Int, columns: Range<Int>,
    counts: [UInt32]
  ) throws -> [Double] {
    var sum = [Double](repeating: 0, count: columns.count)
    try forEachPiece(of: table, width: columns.count + 1) { rows in
      // Of each worker its counts, then the values of the rows that count.
      var all = rows.map { (counts: [UInt32](repeating: 0, count: $0.count), values: [Float]()) }
      let own = exchange.rank
      all[own].counts = Array(counts[rows[own]])
      for row in rows[own] where counts[row] > 0 {
        all[own].values += UnsafeBufferPointer(
          start: block + row * stride + columns.lowerBound, count: columns.count)
      }
      guard own == 0 else {
        if rows[own].isEmpty { return }
        try all[own].counts.withUnsafeBytes { try transport.send($0, to: 0) }
        if all[own].values.isEmpty { return }
        return try all[own].values.withUnsafeBytes { try transport.send($0, to: 0) }
      }
      for worker in 1..<rows.count where !rows[worker].isEmpty {
        try all[worker].counts.withUnsafeMutableBytes { try transport.receive($0, from: worker) }
        let read = all[worker].counts.count { $0 > 0 }
        all[worker].values = [Float](repeating: 0, count: read * columns.count)
        if read == 0 { continue }
        try all[worker].values.withUnsafeMutableBytes { try transport.receive($0, from: worker) }
      }
      var next = [Int](repeating: 0, count: rows.count)
      for row in 0..<(rows.map(\.count).max() ?? 0) {
        for worker in rows.indices where row < rows[worker].count {
          let count = all[worker].counts[row]
          guard count > 0 else { continue }
          for k in sum.indices {
            sum[k] += Double(count) * Double(all[worker].values[next[worker] + k])
          }
          next[worker] += columns.count
        }
      }
    }
    try sum.withUnsafeMutableBytes { try transport.broadcast($0, from: 0) }
    return sum
  }
}

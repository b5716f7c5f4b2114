import Plan

/// Draws the start values of all parameters.
struct StartValues {
  let parameters: [ParameterRecord]
  let floats: UnsafeMutableBufferPointer<Float>
  let seed: UInt64
  /// Where tables have a part of their rows.
  var shards: TableShards?

  /// Elements of a parameter from which on several threads share it.
  private static let worthSharing = 1 << 16

  /// Each row depends on nothing but its number, so how the rows are shared changes nothing.
  func draw(on pool: ThreadPool?) {
    for record in parameters {
      guard let pool, record.rows * record.columns >= Self.worthSharing else {
        draw(record, rows: 0..<record.rows)
        continue
      }
      var share = Share(values: self, record: record, core: pool.core, threads: pool.count)
      withUnsafeMutablePointer(to: &share) { share in
        pool.core.run(
          { context, thread in
            let share = context.assumingMemoryBound(to: Share.self)
            let (rows, threads) = (share.pointee.record.rows, share.pointee.threads)
            share.pointee.values.draw(
              share.pointee.record, rows: rows * thread / threads..<rows * (thread + 1) / threads)
            share.pointee.core.barrier(threads)
          }, context: UnsafeMutableRawPointer(share), threads: pool.count)
      }
    }
  }

  private struct Share {
    var values: StartValues
    var record: ParameterRecord
    var core: ThreadPool.Core
    var threads: Int
  }

  private func draw(_ record: ParameterRecord, rows: Range<Int>) {
    let initializer = ParameterInitializer(seed: seed, name: record.name)
    let columns = record.columns
    func fill(_ part: UnsafeMutableBufferPointer<Float>, _ start: Int) {
      switch record.initializer {
      case .constant(let value): part.update(repeating: Float(value))
      case .normal(let deviation):
        initializer.fillNormal(part, from: start, deviation: deviation)
      case .uniform(let limit): initializer.fillUniform(part, from: start, limit: limit)
      }
    }
    if let shards, shards.table(named: record.name) != nil {
      // A row has the numbers that it has in the whole table.
      for row in rows {
        let place = record.offset + row * record.rowStride
        fill(
          UnsafeMutableBufferPointer(rebasing: floats[place..<place + columns]),
          (row * shards.count + shards.rank) * columns)
      }
      return
    }
    if record.rowStride == columns {
      let part =
        record.offset + rows.lowerBound * columns..<record.offset + rows.upperBound * columns
      fill(UnsafeMutableBufferPointer(rebasing: floats[part]), rows.lowerBound * columns)
      return
    }
    // Many short rows are drawn at a time and then copied to their places.
    let most = max(1, min(rows.count, 4096 / max(1, columns)))
    withUnsafeTemporaryAllocation(of: Float.self, capacity: most * columns) { values in
      for first in stride(from: rows.lowerBound, to: rows.upperBound, by: most) {
        let count = min(most, rows.upperBound - first)
        fill(UnsafeMutableBufferPointer(rebasing: values[..<(count * columns)]), first * columns)
        for row in 0..<count {
          let place = record.offset + (first + row) * record.rowStride
          let from = values[row * columns..<(row + 1) * columns]
          _ = UnsafeMutableBufferPointer(rebasing: floats[place..<place + columns])
            .update(from: UnsafeMutableBufferPointer(rebasing: from))
        }
      }
    }
  }
}

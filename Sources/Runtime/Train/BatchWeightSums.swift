import Plan
import Schema

/// The sums of the tasks' weights over the rows of a batch, for its micro-batches (`MicroBatches.weightsParameter`).
final class BatchWeightSums {
  private let mask: FeedBlock?
  private let sampleWeight: FeedBlock?
  private var totals: [Double]
  /// The parameter.
  private let numbers: UnsafeMutablePointer<Float>

  /// nil where the plan has no such parameter.
  /// - Parameter feeds: Of a whole batch.
  init?(_ session: Session, _ feeds: [FeedBlock]) {
    let tasks = session.plan.schema.labels.count
    let record = session.plan.parameters.first { $0.name == MicroBatches.weightsParameter }
    guard let record, record.rows == 1, record.columns == tasks + 1,
      let base = session.shared.parameters.floats.baseAddress
    else { return nil }
    numbers = base + record.offset
    mask = feeds.first { $0.name == FeedLayout.labelMask && $0.width == tasks }
    sampleWeight = feeds.first { $0.name == FeedLayout.sampleWeight && $0.width == 1 }
    totals = [Double](repeating: 0, count: tasks)
  }

  /// Adds up the weights of the first rows, micro-batch by micro-batch.
  func sum(_ batches: MicroBatches, rows: Int) {
    for task in totals.indices {
      var total = 0.0
      for place in 0..<batches.count {
        var part = 0.0
        for row in batches.rows(place, of: rows) { part += Double(weight(row, task)) }
        total += part
      }
      totals[task] = total
    }
  }

  /// The weight of a row in a task's loss.
  private func weight(_ row: Int, _ task: Int) -> Float {
    var weight: Float = 1
    if let sampleWeight { weight = sampleWeight.base.assumingMemoryBound(to: Float.self)[row] }
    if let mask {
      weight *= mask.base.assumingMemoryBound(to: Float.self)[row * mask.width + task]
    }
    return weight
  }

  /// Sets what a micro-batch with that share of the rows reads.
  func set(share: Double, rows: Int) {
    for task in totals.indices { numbers[task] = Float(totals[task] * share) }
    numbers[totals.count] = Float(rows)
  }

  /// Between steps the parameter is zeros.
  func clear() {
    for place in 0...totals.count { numbers[place] = 0 }
  }
}

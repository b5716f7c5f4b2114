import Plan
import Schema

/// Predicts for a set of rows and measures the predictions.
package struct Evaluator {
  package let engine: any TrainingEngine
  package let batchSize: Int

  /// - Parameter batchSize: rows of a prediction step, at most what the engine takes.
  package init(engine: any TrainingEngine, batchSize: Int) {
    self.engine = engine
    self.batchSize = max(1, min(batchSize, engine.capacity(.predict)))
  }

  /// Metrics of each task over its rows that have a label and for which its condition holds.
  ///
  /// Workers that train together predict a share of the batches each. A batch has the rows that it would have in
  /// one worker alone, so that the metrics are the same to the last bit.
  ///
  /// - Parameter rows: nil means all of the source.
  /// - Throws: `FeedError` when the source lacks a feed that the model reads; `TransportError`.
  package func evaluate(_ source: any BatchSource, rows: [Int32]? = nil) throws -> EvaluationReport
  {
    let start = Platform.nanoseconds()
    let (own, batches) = share(rows, of: source)
    var scores = try scores(source, rows: own)
    if let workers = engine.workers {
      // Some workers may have a batch more than others.
      let most = (batches + workers.count - 1) / workers.count
      let done = ((own?.count ?? 0) + batchSize - 1) / batchSize
      for _ in done..<max(done, most) { try engine.joinPrediction() }
      scores = try scores.gathered(workers)
    }
    return scores.report(
      engine.tasks, seconds: Double(Platform.nanoseconds() - start) / 1e9)
  }

  /// The rows of this worker's batches, all of them where it is alone; and the number of batches of all workers.
  private func share(
    _ rows: [Int32]?, of source: any BatchSource
  ) -> (rows: [Int32]?, batches: Int) {
    let count = rows?.count ?? Int(Int32(clamping: source.rowCount))
    let batches = (count + batchSize - 1) / batchSize
    guard let workers = engine.workers else { return (rows, batches) }
    let own = (0...1).map { min(count, batches * (workers.rank + $0) / workers.count * batchSize) }
    return (
      rows.map { Array($0[own[0]..<own[1]]) } ?? (own[0]..<own[1]).map { Int32($0) }, batches
    )
  }

  /// The predictions and labels of the rows that `evaluate` measures.
  package func scores(
    _ source: any BatchSource, rows: [Int32]? = nil
  ) throws -> EvaluationScores {
    let rowCount = rows?.count ?? Int(Int32(clamping: source.rowCount))
    let tasks = engine.tasks
    var destinations = try engine.destinations(for: source.feeds, .predict)
    let labels = Column(source, FeedLayout.labels, batchSize, &destinations)
    let mask = Column(source, FeedLayout.labelMask, batchSize, &destinations)
    let group = Column(source, FeedLayout.group, batchSize, &destinations)
    var scores = EvaluationScores(
      tasks, rows: rowCount, labelWidth: labels?.width ?? 0, hasGroups: group != nil)
    let widest = tasks.map(\.width).max() ?? 1
    var predictions = [Float](repeating: 0, count: batchSize * widest)
    var first = 0
    while first < rowCount {
      let batch = first..<min(first + batchSize, rowCount)
      let chosen = rows.map { Array($0[batch]) } ?? batch.map { Int32(truncatingIfNeeded: $0) }
      try source.copy(chosen, chosen.indices, into: destinations)
      try engine.predict(rows: batch.count)
      for (k, task) in tasks.enumerated() {
        guard let column = task.labelColumn, let labels, column < labels.width else { continue }
        predictions.withUnsafeMutableBufferPointer { buffer in
          if let base = buffer.baseAddress {
            engine.copyPredictions(task: k, rows: batch.count, to: base)
          }
        }
        for row in 0..<batch.count {
          if let mask, column < mask.width, mask[row, column] == 0 { continue }
          if let condition = task.conditionColumn, condition < labels.width {
            if let mask, condition < mask.width, mask[row, condition] == 0 { continue }
            if labels[row, condition] != 1 { continue }
          }
          scores.add(
            task: k, predictions[row * task.width..<(row + 1) * task.width], labels[row, column],
            group: group?.group(row))
        }
      }
      first = batch.upperBound
    }
    return scores
  }

  /// A feed that the evaluation itself reads; in memory of its own unless the engine reads it too.
  private final class Column {
    let width: Int
    private let base: UnsafeMutablePointer<Float>
    private let owned: UnsafeMutablePointer<Float>?

    init?(
      _ source: any BatchSource, _ name: String, _ rows: Int,
      _ destinations: inout [UnsafeMutableRawPointer?]
    ) {
      guard let k = source.feeds.firstIndex(where: { $0.name == name }) else { return nil }
      width = source.feeds[k].width
      if let shared = destinations[k] {
        base = shared.assumingMemoryBound(to: Float.self)
        owned = nil
      } else {
        base = .allocate(capacity: max(1, rows * width))
        base.initialize(repeating: 0, count: max(1, rows * width))
        owned = base
        destinations[k] = UnsafeMutableRawPointer(base)
      }
    }

    deinit { owned?.deallocate() }

    subscript(row: Int, column: Int) -> Float { base[row * width + column] }

    /// The number in a row of the feed `group`.
    func group(_ row: Int) -> UInt64 {
      guard width == 2 else { return GroupedArea.noGroup }
      let (low, high) = (self[row, 0].bitPattern, self[row, 1].bitPattern)
      return UInt64(high) << 32 | UInt64(low)
    }
  }
}

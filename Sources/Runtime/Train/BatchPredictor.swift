import Plan

/// Predicts with a plan, any number of rows at a time. For a few rows the call costs little more
/// than the model itself: it copies the feeds, runs the kernels and copies the predictions.
///
/// As its session, it belongs to one thread of use.
public final class BatchPredictor {
  public let session: Session
  /// What `predict` reads, in order: row-major matrices.
  public let feeds: [BatchFeed]
  /// What `predict` writes, in order: a value a row.
  public let tasks: [TaskRecord]
  private let blocks: [FeedBlock]
  private let outputs: [FetchView]
  private let capacity: Int

  /// - Throws: `SessionError` when the plan has no predict program, or lacks a task's output.
  public init(_ session: Session) throws {
    self.session = session
    blocks = try session.feeds(.predict)
    feeds = blocks.map { BatchFeed(name: $0.name, width: $0.width, isInteger: $0.isInteger) }
    tasks = session.plan.tasks
    var outputs: [FetchView] = []
    for task in tasks { outputs.append(try session.fetch(task.output, .predict)) }
    self.outputs = outputs
    capacity = session.batchCapacity(.predict)
  }

  /// Predictions for `rows` rows, cut into as many runs as the plan's capacity asks for.
  ///
  /// - Parameters:
  ///   - inputs: for each feed its elements (Float or Int32), `rows × width`.
  ///   - results: for each task room for `rows` floats.
  public func predict(
    rows: Int, inputs: UnsafeBufferPointer<UnsafeRawPointer>,
    results: UnsafeBufferPointer<UnsafeMutablePointer<Float>>
  ) throws(SessionError) {
    precondition(inputs.count == blocks.count && results.count == outputs.count)
    var first = 0
    while first < rows {
      let count = min(capacity, rows - first)
      for k in 0..<inputs.count {
        let bytes = 4 * blocks[k].width
        blocks[k].base.copyMemory(from: inputs[k] + first * bytes, byteCount: count * bytes)
      }
      try session.run(.predict, rows: count)
      for k in 0..<results.count { outputs[k].copyColumn(rows: count, to: results[k] + first) }
      first += count
    }
  }

  /// Predictions for rows of a source: for each task a value a row.
  public func predict(_ source: any BatchSource, rows: [Int32]? = nil) throws -> [[Float]] {
    let rows = rows ?? (0..<Int32(clamping: source.rowCount)).map { $0 }
    let engine = try StaticEngine(session)
    let destinations = try engine.destinations(for: source.feeds, .predict)
    var results = tasks.map { _ in [Float](repeating: 0, count: rows.count) }
    var first = 0
    while first < rows.count {
      let batch = first..<min(first + capacity, rows.count)
      Trainer.copy(rows, batch, source, destinations)
      try session.run(.predict, rows: batch.count)
      for k in results.indices {
        results[k].withUnsafeMutableBufferPointer { buffer in
          if let base = buffer.baseAddress {
            outputs[k].copyColumn(rows: batch.count, to: base + first)
          }
        }
      }
      first = batch.upperBound
    }
    return results
  }
}

extension FetchView {
  /// The first column of the last run's rows.
  @inline(__always)
  func copyColumn(rows: Int, to destination: UnsafeMutablePointer<Float>) {
    let stride = strides.first ?? 0
    for row in 0..<rows { destination[row] = base[row * stride] }
  }
}

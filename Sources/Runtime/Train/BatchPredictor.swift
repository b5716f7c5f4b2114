import Plan
import Schema

/// Predicts with a plan, any number of rows at a time. For a few rows the call costs little more
/// than the model itself: it copies the feeds, runs the kernels and copies the predictions.
///
/// As its session, it belongs to one thread of use.
public final class BatchPredictor {
  public let session: Session
  /// What `predict` reads, in order: row-major matrices.
  public let feeds: [FeedLayout.Feed]
  /// What `predict` writes, in order: for each row as many values as the task is wide.
  public let tasks: [TaskRecord]
  private let blocks: [FeedBlock]
  private let outputs: [FetchView]
  private let capacity: Int

  /// - Throws: `SessionError` when the plan has no predict program, or lacks a task's output.
  public init(_ session: Session) throws {
    self.session = session
    blocks = try session.feeds(.predict)
    feeds = blocks.map { FeedLayout.Feed(name: $0.name, width: $0.width, isInteger: $0.isInteger) }
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
  ///   - results: for each task room for `rows` times its width floats.
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
      for k in 0..<results.count {
        let width = tasks[k].width
        outputs[k].copyRows(count, width: width, to: results[k] + first * width)
      }
      first += count
    }
  }

  /// Predictions for rows of a source: for each task as many values a row as it is wide.
  public func predict(_ source: any BatchSource, rows: [Int32]? = nil) throws -> [[Float]] {
    let rows = rows ?? (0..<Int32(clamping: source.rowCount)).map { $0 }
    let engine = try StaticEngine(session)
    let destinations = try engine.destinations(for: source.feeds, .predict)
    var results = tasks.map { [Float](repeating: 0, count: rows.count * $0.width) }
    var first = 0
    while first < rows.count {
      let batch = first..<min(first + capacity, rows.count)
      Trainer.copy(rows, batch, source, destinations)
      try session.run(.predict, rows: batch.count)
      for k in results.indices {
        let width = tasks[k].width
        results[k].withUnsafeMutableBufferPointer { buffer in
          if let base = buffer.baseAddress {
            outputs[k].copyRows(batch.count, width: width, to: base + first * width)
          }
        }
      }
      first = batch.upperBound
    }
    return results
  }
}

extension FetchView {
  /// The first columns of the last run's rows, row-major.
  @inline(__always)
  func copyRows(_ rows: Int, width: Int, to destination: UnsafeMutablePointer<Float>) {
    let stride = strides.first ?? 0
    if width == 1 {
      for row in 0..<rows { destination[row] = base[row * stride] }
      return
    }
    let step = strides.count > 1 ? strides[1] : 1
    for row in 0..<rows {
      for column in 0..<width {
        destination[row * width + column] = base[row * stride + column * step]
      }
    }
  }
}

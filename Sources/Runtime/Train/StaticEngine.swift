import Plan
import Schema

/// A compiled plan as a training engine.
package final class StaticEngine: TrainingEngine, SessionEngine {
  package let session: Session
  package let tasks: [TaskRecord]
  private let totalLoss: FetchView?
  private let taskLosses: [FetchView?]
  private let taskWeights: [FetchView?]
  /// Of each task where its rows lie, and how many values a row has; empty where the plan does not predict.
  private let predictions: [(rows: FetchRows, width: Int)]

  /// - Throws: `SessionError` when the plan's predict program lacks a task's output.
  package init(_ session: Session) throws {
    self.session = session
    tasks = session.plan.tasks
    totalLoss = try? session.fetch(OutputName.loss, .train)
    taskLosses = tasks.map { try? session.fetch(OutputName.loss($0.name), .train) }
    taskWeights = tasks.map { try? session.fetch(OutputName.weight($0.name), .train) }
    predictions =
      session.plan.program(.predict) == nil
      ? []
      : try tasks.map { (FetchRows(try session.fetch($0.output, .predict)), $0.width) }
  }

  package convenience init(plan: Plan, threads: Int? = nil) throws {
    try self.init(Session(plan: plan, threads: threads))
  }

  package func capacity(_ purpose: ProgramPurpose) -> Int { session.batchCapacity(purpose.program) }

  package func destinations(for feeds: [FeedLayout.Feed], _ purpose: ProgramPurpose) throws
    -> [UnsafeMutableRawPointer?]
  {
    let blocks = try session.feeds(purpose.program)
    for block in blocks {
      guard let feed = feeds.first(where: { $0.name == block.name }) else {
        throw FeedError.missing(block.name)
      }
      guard feed.width == block.width else {
        throw FeedError.mismatch(name: feed.name, width: feed.width, expected: block.width)
      }
      guard feed.isInteger == block.isInteger else { throw FeedError.type(name: feed.name) }
    }
    return feeds.map { feed in blocks.first { $0.name == feed.name }?.base }
  }

  package func train(rows: Int) throws { try session.run(.train, rows: rows) }
  package func predict(rows: Int) throws { try session.run(.predict, rows: rows) }

  package var loss: Float { totalLoss?.scalar ?? .nan }
  package func loss(task: Int) -> Float? { taskLosses[task]?.scalar }

  package func weight(task: Int) -> Float? { taskWeights[task]?.scalar }

  package func copyPredictions(task: Int, rows: Int, to destination: UnsafeMutablePointer<Float>) {
    guard !predictions.isEmpty else { return }
    predictions[task].rows.copy(rows, width: predictions[task].width, to: destination)
  }

  /// The same with so many floats from a row to the next.
  package func copyPredictions(
    task: Int, rows: Int, to destination: UnsafeMutablePointer<Float>, stride: Int
  ) {
    guard !predictions.isEmpty else { return }
    predictions[task].rows.copy(
      rows, width: predictions[task].width, to: destination, stride: stride)
  }

  package func trainLookingForNonFinite(rows: Int) throws -> String? {
    try session.runLookingForNonFinite(.train, rows: rows)
  }
}

extension ProgramPurpose {
  var program: Program.Kind {
    switch self {
    case .train: .train
    case .predict: .predict
    }
  }
}

import Data
import Plan
import Runtime
import Schema

/// A trained plan that is ready to predict rows as they come, for any number of threads: parameters and
/// vocabularies are in memory once, and each thread uses a `RowPredictor` of its own.
public final class ServingPlan: @unchecked Sendable {
  /// A feed that the predict program reads.
  public struct Feed: Sendable, Hashable {
    public var name: String
    /// Values a row.
    public var width: Int
    /// Ids (`Int32`) instead of numbers (`Float`).
    public var isInteger: Bool
  }

  /// The plan as it predicts, without its weights, which are in memory once.
  package let plan: Plan
  /// The columns that rows can have: those that features are made of, and the keys of side tables.
  public let columns: [String]
  /// The kinds of values that each of `columns` can have.
  public let accepted: [ColumnValues.Accepted]
  public let feeds: [Feed]
  /// The names of the values that are predicted for a row: a task's name, or for each of its classes
  /// `<task>.<class>`.
  public let outputs: [String]
  let batchRows: Int
  private let lock = Condition()
  // Under `lock`:
  private let predictor: Predictor
  private let encoder: ValueEncoder

  /// - Throws: A plan error for a plan that was not trained or cannot predict.
  public init(_ plan: CompiledPlan) throws(ExperimentError) {
    predictor = try Predictor(plan, threads: 1)
    self.plan = predictor.plan
    let session = predictor.engine.session
    feeds = try ExperimentError.wrap {
      try session.feeds(.predict).map {
        Feed(name: $0.name, width: $0.width, isInteger: $0.isInteger)
      }
    }
    let others = [
      FeedLayout.labels, FeedLayout.labelMask, FeedLayout.sampleWeight, FeedLayout.group,
      FeedLayout.heldBack,
    ]
    let onlyFeatures = !feeds.contains { others.contains($0.name) }
    let schema = predictor.plan.schema
    encoder = try ExperimentError.wrap {
      try ValueEncoder(schema, onlyFeatures: onlyFeatures)
    }
    columns = encoder.columns
    accepted = columns.indices.map(encoder.accepted)
    outputs = predictor.columns
    batchRows = session.batchCapacity(.predict)
  }

  /// A predictor for another thread. Any thread can call it.
  public func makePredictor() throws(ExperimentError) -> RowPredictor {
    lock.lock()
    defer { lock.unlock() }
    return try ExperimentError.wrap {
      try RowPredictor(
        self, StaticEngine(Session(predictingBeside: predictor.engine.session)),
        encoder.replica())
    }
  }
}

import GraphIR
import Plan
import Schema

/// Trains the eager engine and a compiled plan side by side on the same batches, and measures how
/// far apart they come.
public final class ModeComparison {
  private let engine: StaticEngine
  let eager: EagerTrainingEngine
  let session: Session

  /// - Parameters:
  ///   - session: of a plan that has a gradients program beside the training program.
  ///   - model: the same model; it must start from the same parameters as the session.
  /// - Throws: `SessionError`.
  public init(session: Session, model: EagerModel<Float>) throws {
    self.session = session
    engine = try StaticEngine(session)
    eager = EagerTrainingEngine(
      model: model, tasks: session.plan.tasks,
      trainCapacity: session.batchCapacity(.train), predictCapacity: 1)
  }

  /// Does `steps` steps, one per batch of the row order; starts over when the rows are used up.
  ///
  /// - Parameter order: row numbers of the source, at least one.
  /// - Throws: `FeedError`, `SessionError`, and what the eager model throws.
  public func run(
    _ source: any BatchSource, order: [Int32], steps: Int
  ) throws -> ComparisonReport {
    precondition(!order.isEmpty, "there are rows to compare on")
    let batchSize = session.batchCapacity(.train)
    let eagerBlocks = try eager.destinations(for: source.feeds, .train)
    let trainBlocks = try engine.destinations(for: source.feeds, .train)
    let gradientBlocks = try destinations(for: source.feeds)
    var spreads = TensorSpreads(isByStep: false)
    var seconds = (eager: 0.0, static: 0.0)
    var replaced = 0
    var aligned = 0
    var next = 0
    for step in 1...max(1, steps) {
      var rows = (0..<min(batchSize, order.count)).map { order[(next + $0) % order.count] }
      next += rows.count
      let batch = rows.indices
      replaced += try replaceKinks(&rows, source, eagerBlocks) {
        next += 1
        return order[(next - 1) % order.count]
      }
      for blocks in [eagerBlocks, trainBlocks, gradientBlocks] {
        try source.copy(rows, batch, into: blocks)
      }
      setLearningRate(step: step - 1, rows: order.count)
      try session.run(.gradients, rows: batch.count)
      let context = try stepContext()
      let start = Platform.nanoseconds()
      try eager.train(rows: batch.count)
      let middle = Platform.nanoseconds()
      try engine.train(rows: batch.count)
      let end = Platform.nanoseconds()
      if step > 1 || steps == 1 {
        seconds.eager += Double(middle - start) / 1e9
        seconds.static += Double(end - middle) / 1e9
      }
      spreads.note(.loss, OutputName.loss, [eager.loss], [engine.loss], step)
      for (index, task) in session.plan.tasks.enumerated() {
        guard let reference = eager.loss(task: index), let found = engine.loss(task: index) else {
          continue
        }
        spreads.note(.loss, OutputName.loss(task.name), [reference], [found], step)
      }
      for pair in try gradients() {
        spreads.note(.gradient, pair.name, pair.eager, pair.compiled, step)
        aligned += try align(pair.name, pair.eager, pair.compiled, context)
      }
    }
    for record in session.plan.parameters {
      spreads.note(
        .parameter, record.name, try eager.parameter(record.name),
        try session.parameter(record.name), max(1, steps))
    }
    return ComparisonReport(
      steps: max(1, steps), entries: spreads.entries, replacedRows: replaced,
      alignedElements: aligned, timedSteps: max(1, steps - 1),
      eagerSeconds: seconds.eager, staticSeconds: seconds.static)
  }

  /// Both modes follow the plan's schedule, an epoch being as long as the row order.
  private func setLearningRate(step: Int, rows: Int) {
    let training = session.plan.training
    let perEpoch = (rows + training.batchSize - 1) / max(1, training.batchSize)
    let rate = training.learningRate(
      step: step, stepsPerEpoch: perEpoch, epochs: training.epochs)
    engine.learningRate = rate
    eager.learningRate = rate
  }

  /// Replaces rows at which the derivative jumps, as the eager mode sees it, by others.
  ///
  /// Rows that are not replaced keep their place, and with it their random numbers, so a few rounds
  /// are enough. In a model that has a kink at every row the last ones stay.
  /// - Returns: how many rows were replaced.
  private func replaceKinks(
    _ rows: inout [Int32], _ source: any BatchSource, _ blocks: [UnsafeMutableRawPointer?],
    by next: () -> Int32
  ) throws -> Int {
    let engine = eager.model.engine
    defer { engine.observer = nil }
    var replaced = 0
    for _ in 0..<10 {
      let finder = KinkFinder(batchSize: rows.count)
      engine.observer = { finder.look($0, $1) }
      try source.copy(rows, rows.indices, into: blocks)
      try eager.rehearse(rows: rows.count)
      if finder.rows.isEmpty { break }
      for row in finder.rows.sorted() { rows[row] = next() }
      replaced += finder.rows.count
    }
    return replaced
  }

  /// The gradients of the last step in both modes.
  private func gradients() throws -> [(name: String, eager: [Float], compiled: [Float])] {
    try session.plan.parameters.filter(\.isTrainable).compactMap { record in
      guard let values = eager.model.gradients[ParameterID(record.name)] else { return nil }
      let fetch = "gradient.\(record.name)"
      // A gradient that only one of the modes has counts as zero in the other.
      let compiled =
        session.hasFetch(fetch, .gradients)
        ? try session.fetch(fetch, .gradients).values(rows: 1)
        : [Float](repeating: 0, count: values.count)
      return (record.name, values, compiled)
    }
  }

  private func destinations(for feeds: [FeedLayout.Feed]) throws -> [UnsafeMutableRawPointer?] {
    let blocks = try session.feeds(.gradients)
    return feeds.map { feed in blocks.first { $0.name == feed.name }?.base }
  }
}

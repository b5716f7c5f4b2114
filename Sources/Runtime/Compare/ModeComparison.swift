import GraphIR
import Plan
import Schema

/// Trains a compiled plan and the eager engine side by side on the same batches, and measures how far
/// each comes from the eager engine in double precision.
///
/// Every step starts from the plan's weights, so that rounding is not carried on; each mode keeps its
/// own optimizer state. The bound of a tensor is what rounding may do to it in these very steps:
/// `RoundingPerturbation`.
package final class ModeComparison {
  private let engine: StaticEngine
  private let session: Session
  private let eagerModel: EagerModel<Float>
  private let referenceModel: EagerModel<Double>

  /// - Parameters:
  ///   - session: of a plan that has a gradients program beside the training program.
  ///   - eager: the same model; it must start from the same parameters as the session.
  ///   - reference: once more.
  /// - Throws: `SessionError`.
  package init(
    session: Session, eager: EagerModel<Float>, reference: EagerModel<Double>
  ) throws {
    self.session = session
    engine = try StaticEngine(session)
    eagerModel = eager
    referenceModel = reference
  }

  /// Does `steps` steps, one per batch of the row order; starts over when the rows are used up.
  ///
  /// - Parameter order: row numbers of the source, at least one.
  /// - Throws: `FeedError`, `SessionError`, and what the eager model throws.
  package func run(
    _ source: any BatchSource, order: [Int32], steps: Int
  ) throws -> ComparisonReport {
    precondition(!order.isEmpty, "there are rows to compare on")
    let plan = session.plan
    let batchSize = session.batchCapacity(.train)
    let eager = ComparedModel(
      eagerModel, tasks: plan.tasks, feeds: source.feeds, capacity: batchSize)
    let reference = ComparedModel(
      referenceModel, tasks: plan.tasks, feeds: source.feeds, capacity: batchSize)
    let blocks = [
      eager.destinations, reference.destinations,
      try engine.destinations(for: source.feeds, .train), try gradientDestinations(source.feeds),
    ]
    var distances = ModeDistances()
    var seconds = (eager: 0.0, static: 0.0)
    var (replaced, next, longestSum) = (0, 0, 1)
    for step in 1...max(1, steps) {
      var rows = (0..<min(batchSize, order.count)).map { order[(next + $0) % order.count] }
      next += rows.count
      replaced += try replaceKinks(&rows, source, reference) {
        next += 1
        return order[(next - 1) % order.count]
      }
      for blocks in blocks { try source.copy(rows, rows.indices, into: blocks) }
      if step == 1 {
        // Initial values that single precision rounds are no difference of the modes. A model knows its
        // parameters when it has run.
        try eager.step(rows: rows.count, isUpdating: false)
        try reference.step(rows: rows.count, isUpdating: false)
        try share(plan.parameters.map(\.name), with: eager, reference)
      }
      setLearningRate(step: step - 1, rows: order.count)

      let state = reference.engine.state
      reference.engine.perturbation = RoundingPerturbation(seed: UInt64(step))
      let perturbed = try reference.step(rows: rows.count)
      longestSum = max(longestSum, reference.engine.perturbation?.longestSum ?? 1)
      reference.engine.perturbation = nil
      try reference.engine.load(state)
      let exact = try reference.step(rows: rows.count)
      let bands = reference.bands(state, exact.gradients, perturbed: perturbed.gradients)

      try session.run(.gradients, rows: rows.count)
      let start = Platform.nanoseconds()
      let found = try eager.step(rows: rows.count)
      let middle = Platform.nanoseconds()
      try engine.train(rows: rows.count)
      let end = Platform.nanoseconds()
      if step > 1 || steps == 1 {
        seconds.eager += Double(middle - start) / 1e9
        seconds.static += Double(end - middle) / 1e9
      }

      func note(
        _ kind: ComparisonReport.Entry.Kind, _ name: String,
        _ part: (exact: [Double]?, perturbed: [Double]?, eager: [Float]?), _ compiled: [Float]
      ) {
        distances.note(
          kind, name,
          .init(
            reference: part.exact ?? [], perturbed: part.perturbed ?? [], eager: part.eager ?? [],
            compiled: compiled, band: kind == .parameter ? bands[name] : nil), step: step)
      }
      for (name, loss) in losses() where exact.losses[name] != nil {
        note(
          .loss, name, (exact.losses[name], perturbed.losses[name], found.losses[name]), [loss])
      }
      for (name, values) in try gradients(exact.gradients) {
        note(
          .gradient, name,
          (exact.gradients[name], perturbed.gradients[name], found.gradients[name]), values)
      }
      for record in plan.parameters {
        let name = record.name
        let values = try session.parameter(name)
        note(
          .parameter, name,
          (exact.parameters[name], perturbed.parameters[name], found.parameters[name]), values)
      }
      try share(plan.parameters.map(\.name), with: eager, reference)
    }
    return ComparisonReport(
      steps: max(1, steps), entries: distances.entries(longestSum: longestSum),
      replacedRows: replaced, timedSteps: max(1, steps - 1), eagerSeconds: seconds.eager,
      staticSeconds: seconds.static)
  }

  /// Sets the parameters of the eager models to those of the compiled one.
  private func share(
    _ names: [String], with eager: ComparedModel<Float>, _ reference: ComparedModel<Double>
  ) throws {
    for name in names {
      let values = try session.parameter(name)
      try eager.setParameter(name, values)
      try reference.setParameter(name, values)
    }
  }

  /// All modes follow the plan's schedule, an epoch being as long as the row order.
  private func setLearningRate(step: Int, rows: Int) {
    let training = session.plan.training
    let perEpoch = (rows + training.batchSize - 1) / max(1, training.batchSize)
    let rate = training.learningRate(
      step: step, stepsPerEpoch: perEpoch, epochs: training.epochs)
    engine.learningRate = rate
    eagerModel.learningRate = rate
    referenceModel.learningRate = rate
  }

  /// Replaces rows at which the derivative jumps, as the reference sees it, by others.
  ///
  /// Rows that are not replaced keep their place, and with it their random numbers, so a few rounds
  /// are enough. In a model that has a kink at every row the last ones stay.
  /// - Returns: how many rows were replaced.
  private func replaceKinks(
    _ rows: inout [Int32], _ source: any BatchSource, _ reference: ComparedModel<Double>,
    by next: () -> Int32
  ) throws -> Int {
    defer { reference.engine.observer = nil }
    var replaced = 0
    for _ in 0..<10 {
      let finder = KinkFinder(batchSize: rows.count)
      reference.engine.observer = { finder.look($0, $1) }
      try source.copy(rows, rows.indices, into: reference.destinations)
      try reference.step(rows: rows.count, isUpdating: false)
      if finder.rows.isEmpty { break }
      for row in finder.rows.sorted() { rows[row] = next() }
      replaced += finder.rows.count
    }
    return replaced
  }

  /// The plan's losses of the last step.
  private func losses() -> [(name: String, value: Float)] {
    [(OutputName.loss, engine.loss)]
      + session.plan.tasks.enumerated().compactMap { index, task in
        engine.loss(task: index).map { (OutputName.loss(task.name), $0) }
      }
  }

  /// The plan's gradients of the last step.
  private func gradients(
    _ reference: [String: [Double]]
  ) throws -> [(name: String, values: [Float])] {
    try session.plan.parameters.filter(\.isTrainable).compactMap { record in
      guard let values = reference[record.name] else { return nil }
      let fetch = "gradient.\(record.name)"
      // A gradient that only one of the modes has counts as zero in the other.
      return (
        record.name,
        session.hasFetch(fetch, .gradients)
          ? try session.fetch(fetch, .gradients).values(rows: 1)
          : [Float](repeating: 0, count: values.count)
      )
    }
  }

  private func gradientDestinations(_ feeds: [FeedLayout.Feed]) throws
    -> [UnsafeMutableRawPointer?]
  {
    let blocks = try session.feeds(.gradients)
    return feeds.map { feed in blocks.first { $0.name == feed.name }?.base }
  }
}

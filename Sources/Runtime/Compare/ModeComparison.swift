import GraphIR
import Plan
import Schema

/// Trains a compiled plan and the eager engine side by side on the same batches, and measures how far
/// each comes from the eager engine in double precision.
///
/// Every step starts from the plan's weights, so that rounding is not carried on; each mode keeps its
/// own optimizer state. The bound of a tensor is what rounding may do to it in these very steps:
/// `RoundingPerturbation`, once a step, and again where a tensor lies beyond.
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
    let batchSize = engine.capacity(.train)
    let eager = ComparedModel(
      eagerModel, tasks: plan.tasks, feeds: source.feeds, capacity: batchSize)
    let reference = ComparedModel(
      referenceModel, tasks: plan.tasks, feeds: source.feeds, capacity: batchSize)
    var blocks = [
      eager.destinations, reference.destinations,
      try engine.destinations(for: source.feeds, .train),
    ]
    if plan.program(.gradients) != nil { blocks.append(try gradientDestinations(source.feeds)) }
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
      let exact = try reference.step(rows: rows.count)
      let after = reference.engine.state
      var perturbed: [ComparedModel<Double>.Values] = []
      /// Takes the reference's step once more with rounding added.
      func draw() throws {
        try reference.engine.load(state)
        reference.engine.perturbation = RoundingPerturbation(
          seed: UInt64(step), draw: perturbed.count)
        perturbed.append(try reference.step(rows: rows.count))
        longestSum = max(longestSum, reference.engine.perturbation?.longestSum ?? 1)
        reference.engine.perturbation = nil
        try reference.engine.load(after)
      }
      try draw()

      let gradients = try engine.gradients(rows: rows.count)
      let start = Platform.nanoseconds()
      let found = try eager.step(rows: rows.count)
      let middle = Platform.nanoseconds()
      try engine.train(rows: rows.count)
      let end = Platform.nanoseconds()
      if step > 1 || steps == 1 {
        seconds.eager += Double(middle - start) / 1e9
        seconds.static += Double(end - middle) / 1e9
      }
      let compiled = try compiledValues(exact, gradients)

      while true {
        let (bands, noise) = reference.bands(
          state, exact.gradients, perturbed: perturbed.map(\.gradients))
        var noted = distances
        for (kind, name, values) in compiled {
          func part<Scalar>(_ all: ComparedModel<Scalar>.Values) -> [Scalar] {
            switch kind {
            case .loss: all.losses[name] ?? []
            case .gradient: all.gradients[name] ?? []
            case .parameter: all.parameters[name] ?? []
            }
          }
          noted.note(
            kind, name,
            .init(
              reference: part(exact), perturbed: perturbed.map(part), eager: part(found),
              compiled: values, band: kind == .parameter ? bands[name] : nil), step: step)
        }
        if perturbed.count == ModeDistances.mostDraws || noted.areWithin(longestSum: longestSum) {
          (distances, reference.noise) = (noted, noise)
          break
        }
        try draw()
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
      let finder = KinkFinder()
      reference.engine.observer = { [engine = reference.engine] op, operands in
        finder.look(op, operands, rows: engine.firstRow..<engine.firstRow + engine.batchSize)
      }
      try source.copy(rows, rows.indices, into: reference.destinations)
      try reference.step(rows: rows.count, isUpdating: false)
      if finder.rows.isEmpty { break }
      for row in finder.rows.sorted() { rows[row] = next() }
      replaced += finder.rows.count
    }
    return replaced
  }

  /// What the compiled step left that the reference has too.
  private func compiledValues(
    _ reference: ComparedModel<Double>.Values, _ gradients: [String: [Float]]
  ) throws -> [(kind: ComparisonReport.Entry.Kind, name: String, values: [Float])] {
    let plan = session.plan
    var losses = [(OutputName.loss, engine.loss)]
    for (index, task) in plan.tasks.enumerated() {
      if let loss = engine.loss(task: index) { losses.append((OutputName.loss(task.name), loss)) }
    }
    var values: [(kind: ComparisonReport.Entry.Kind, name: String, values: [Float])] = []
    for (name, loss) in losses where reference.losses[name] != nil {
      values.append((.loss, name, [loss]))
    }
    for record in plan.parameters where record.isTrainable {
      guard let exact = reference.gradients[record.name] else { continue }
      // A gradient that only one of the modes has counts as zero in the other.
      values.append(
        (
          .gradient, record.name,
          gradients[record.name] ?? [Float](repeating: 0, count: exact.count)
        ))
    }
    for record in plan.parameters {
      values.append((.parameter, record.name, try session.parameter(record.name)))
    }
    return values
  }

  private func gradientDestinations(_ feeds: [FeedLayout.Feed]) throws
    -> [UnsafeMutableRawPointer?]
  {
    let blocks = try session.feeds(.gradients)
    return feeds.map { feed in blocks.first { $0.name == feed.name }?.base }
  }
}

import GraphIR
import Plan
import Schema

/// Learns from episodes op by op on the eager engine: in double precision the reference for
/// `StaticEpisodeEngine`.
package final class EagerEpisodeEngine<Scalar: EagerScalar> {
  package let engine: EagerEngine<Scalar>
  package var learningRate: Double
  private let optimizer: Optimizer
  private let clipping: GradientClipping
  private let build: (EagerEngine<Scalar>) throws -> Void
  private let memory: FeedMemory
  private var sums: [ParameterID: [Scalar]] = [:]

  /// - Parameters:
  ///   - feeds: Of an episode.
  ///   - initial: What parameters begin with in place of random numbers.
  ///   - build: Emits the program of one episode with its outputs, among them "loss".
  package init(
    _ settings: TrainingSettings, feeds: [FeedLayout.Feed], initial: InitialValues? = nil,
    build: @escaping (EagerEngine<Scalar>) throws -> Void
  ) {
    engine = EagerEngine(seed: settings.seed)
    engine.initial = initial
    optimizer = settings.optimizer
    learningRate = settings.optimizer.learningRate
    clipping = settings.clipping
    memory = FeedMemory(feeds, rows: 1)
    self.build = build
  }

  package func train(_ source: any EpisodeSource, episodes: Range<Int>) throws -> MetaStepResult {
    let result = try accumulate(source, episodes: episodes).result
    try update()
    return result
  }

  package func trainLookingForNonFinite(
    _ source: any EpisodeSource, episodes: Range<Int>
  ) throws -> String? {
    engine.findsNonFinite = true
    defer { engine.findsNonFinite = false }
    _ = try train(source, episodes: episodes)
    return engine.firstNonFinite.map(\.description)
  }

  /// The tasks' losses and mean meta gradient with another computation's choices where derivatives
  /// jump: which elements are the largest of their window, where relu lets pass. Nothing is updated.
  /// - Parameter choices: For each task those of each op that chooses, in the order of the model.
  /// - Throws: `TypeError` when the choices are not those of this model.
  package func rehearse(
    _ source: any EpisodeSource, episodes: Range<Int>, choices: [[[Float]]]
  ) throws -> (result: MetaStepResult, choices: ComparisonReport.Choices) {
    try accumulate(source, episodes: episodes, choices: choices)
  }

  /// The optimizer's step on a mean meta gradient; `gradients()` stay this engine's own.
  package func update(with gradients: [String: [Float]]) throws {
    let own = sums
    for (id, values) in sums {
      sums[id] = gradients[id.name].map { $0.map { Scalar($0) } } ?? values
    }
    defer { sums = own }
    try update()
  }

  /// Sums the tasks' gradients and takes the mean.
  /// - Parameter choices: Of each task those to make; nil for the engine's own.
  private func accumulate(
    _ source: any EpisodeSource, episodes: Range<Int>, choices: [[[Float]]]? = nil
  ) throws -> (result: MetaStepResult, choices: ComparisonReport.Choices) {
    var losses: [Scalar] = []
    var accuracies: [Scalar] = []
    var made = ComparisonReport.Choices()
    sums = [:]
    defer { engine.choices = nil }
    for (task, episode) in episodes.enumerated() {
      engine.choices = choices.map { EagerChoices($0.indices.contains(task) ? $0[task] : []) }
      begin(source, episode, isTraining: true)
      do {
        try build(engine)
        if let replay = engine.choices {
          made.count += replay.count
          made.differing += replay.differing
          made.farthest = replay.areUsed ? max(made.farthest, replay.farthest) : .infinity
        }
        engine.choices = nil
        guard let loss = engine.output(named: OutputName.loss) else {
          throw EagerError.missingOutput(OutputName.loss)
        }
        let ids = engine.parameterIDs.filter {
          engine.variable($0)?.parameter.isTrainable ?? false
        }
        let reads = try ids.compactMap { engine.variable($0)?.parameter }
          .map { try engine.parameter($0) }
        let gradients = try engine.gradients(
          of: loss, withRespectTo: reads, createGraph: false)
        for (id, gradient) in zip(ids, gradients) {
          let values = gradient.floats
          sums[id] = sums[id].map { zip($0, values).map { $0 + $1 } } ?? values
        }
        losses.append(loss.scalar ?? .nan)
        if let accuracy = engine.output(named: EpisodeName.accuracy)?.scalar {
          accuracies.append(accuracy)
        }
        try engine.finishStep(optimizer: nil)
      } catch {
        try engine.finishStep(optimizer: nil)
        throw error
      }
    }
    let factor = 1 / Scalar(max(1, episodes.count))
    sums = sums.mapValues { $0.map { $0 * factor } }
    return (MetaStepResult(losses: losses, accuracies: accuracies), made)
  }

  private func update() throws {
    let ids = engine.parameterIDs.filter { sums[$0] != nil }
    let gradients = clipping.applied(to: ids.map { sums[$0] ?? [] })
    func feed(_ id: ParameterID) -> InputID { InputID(EpisodeName.gradient(id.name)) }
    engine.beginStep(
      batchSize: 1,
      feeds: Dictionary(
        uniqueKeysWithValues: zip(ids, gradients).map { (feed($0), .floats($1)) }),
      isRecording: false)
    for id in ids {
      guard let type = engine.variable(id)?.parameter.type else { continue }
      try engine.emit(.effect(.update(id, type)), [try engine.input(feed(id), type)])
    }
    try engine.finishStep(optimizer: optimizer, learningRate: learningRate)
  }

  package func evaluate(
    _ source: any EpisodeSource, episodes: Range<Int>
  ) throws -> [[String: [Scalar]]] {
    try episodes.map { episode in
      begin(source, episode, isTraining: false)
      defer { try? engine.finishStep(optimizer: nil) }
      try build(engine)
      return Dictionary(
        engine.outputs.map { ($0.name, $0.tensor.floats) }, uniquingKeysWith: { first, _ in first })
    }
  }

  /// Inner gradients are taken in evaluation too, so both record.
  private func begin(_ source: any EpisodeSource, _ episode: Int, isTraining: Bool) {
    source.write(episode: episode) { [memory] name in
      memory.feeds.firstIndex { $0.name == name }.map { memory.blocks[$0] }
    }
    engine.beginStep(batchSize: 1, feeds: memory.storage(rows: 1), isTraining: isTraining)
  }

  package func gradients() throws -> [String: [Scalar]] {
    Dictionary(uniqueKeysWithValues: sums.map { ($0.key.name, $0.value) })
  }
}

extension EagerEpisodeEngine: EpisodeEngine, EagerParameterEngine, ParameterEngine
where Scalar == Float {}

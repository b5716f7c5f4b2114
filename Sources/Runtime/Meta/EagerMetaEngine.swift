import GraphIR
import Plan
import Schema

/// Learns from tasks op by op on the eager engine: the reference for `MetaSession`.
public final class EagerMetaEngine: MetaEngine {
  public let engine: EagerEngine<Float>
  private let optimizer: Optimizer
  private let build: (EagerEngine<Float>) throws -> Void
  private let feeds: [EpisodeFeed]
  private var sums: [ParameterID: [Float]] = [:]

  /// A feed of a task.
  public struct EpisodeFeed: Sendable {
    public var name: String
    public var count: Int
    public var isInteger: Bool

    public init(name: String, count: Int, isInteger: Bool) {
      self.name = name
      self.count = count
      self.isInteger = isInteger
    }
  }

  /// - Parameter build: Emits the program of one task with its outputs, among them "loss".
  public init(
    seed: UInt64, optimizer: Optimizer, feeds: [EpisodeFeed],
    build: @escaping (EagerEngine<Float>) throws -> Void
  ) {
    engine = EagerEngine(seed: seed)
    self.optimizer = optimizer
    self.feeds = feeds
    self.build = build
  }

  public var step: Int { engine.step }

  public func train(_ source: any EpisodeSource, episodes: Range<Int>) throws -> MetaStepResult {
    let result = try accumulate(source, episodes: episodes, choices: nil)
    try update()
    return result
  }

  /// What a run with another computation's choices found out about them.
  public struct ChoiceReport: Sendable, Hashable {
    /// All choices, and those that this engine would have made differently.
    public var count = 0
    public var differing = 0
    /// How far from a tie the farthest of these lies, as a share of the largest magnitude of its
    /// tensor.
    public var farthest = 0.0

    public init() {}
  }

  /// A step on the tasks with another computation's choices where derivatives jump: which elements
  /// are the largest of their window, where relu lets pass.
  /// - Parameters:
  ///   - choices: For each task those of each op that chooses, in the order of the model.
  ///   - gradients: What the optimizer takes for the mean meta gradient. `gradients()` is this
  ///     engine's own.
  /// - Throws: `TypeError` when the choices are not those of this model.
  public func train(
    _ source: any EpisodeSource, episodes: Range<Int>, choices: [[[Float]]],
    gradients: [String: [Float]]
  ) throws -> (result: MetaStepResult, choices: ChoiceReport) {
    var report = ChoiceReport()
    let result = try accumulate(source, episodes: episodes) { task, replay in
      if let replay {
        report.count += replay.count
        report.differing += replay.differing
        report.farthest = replay.areUsed ? max(report.farthest, replay.farthest) : .infinity
        return nil
      }
      return EagerChoices(choices.indices.contains(task) ? choices[task] : [])
    }
    let own = sums
    for (id, values) in sums { sums[id] = gradients[id.name] ?? values }
    try update()
    sums = own
    return (result, report)
  }

  /// Sums the tasks' gradients and takes the mean.
  /// - Parameter choices: Asked before each task for the choices to make, and told of them behind
  ///   it.
  private func accumulate(
    _ source: any EpisodeSource, episodes: Range<Int>,
    choices: ((_ task: Int, _ done: EagerChoices?) -> EagerChoices?)?
  ) throws -> MetaStepResult {
    var losses: [Float] = []
    var accuracies: [Float] = []
    sums = [:]
    defer { engine.choices = nil }
    for episode in episodes {
      let task = episode - episodes.lowerBound
      engine.choices = choices?(task, nil)
      begin(source, episode, isTraining: true)
      do {
        try build(engine)
        if let replay = engine.choices { _ = choices?(task, replay) }
        engine.choices = nil
        guard let loss = engine.output(named: EagerModel<Float>.lossOutput) else {
          throw EagerError.missingOutput(EagerModel<Float>.lossOutput)
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
        if let accuracy = engine.output(named: "accuracy")?.scalar { accuracies.append(accuracy) }
        try engine.finishStep(optimizer: nil)
      } catch {
        try engine.finishStep(optimizer: nil)
        throw error
      }
    }
    let factor = 1 / Float(max(1, episodes.count))
    sums = sums.mapValues { $0.map { $0 * factor } }
    return MetaStepResult(losses: losses, accuracies: accuracies)
  }

  private func update() throws {
    let ids = engine.parameterIDs.filter { sums[$0] != nil }
    engine.beginStep(
      batchSize: 1,
      feeds: Dictionary(
        uniqueKeysWithValues: ids.map { (InputID("gradient.\($0.name)"), .floats(sums[$0] ?? [])) }),
      isRecording: false)
    for id in ids {
      guard let type = engine.variable(id)?.parameter.type else { continue }
      let gradient = try engine.input(InputID("gradient.\(id.name)"), type)
      try engine.emit(.effect(.update(id, type)), [gradient])
    }
    try engine.finishStep(optimizer: optimizer)
  }

  public func evaluate(
    _ source: any EpisodeSource, episodes: Range<Int>
  ) throws -> [[String: [Float]]] {
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
    let memory = feeds.map { feed in
      UnsafeMutableRawBufferPointer.allocate(byteCount: max(4, 4 * feed.count), alignment: 64)
    }
    defer { for block in memory { block.deallocate() } }
    for block in memory { _ = block.initializeMemory(as: UInt8.self, repeating: 0) }
    source.write(episode: episode) { name in
      feeds.firstIndex { $0.name == name }.flatMap { memory[$0].baseAddress }
    }
    var storage: EagerModel<Float>.Feeds = [:]
    for (feed, block) in zip(feeds, memory) {
      storage[InputID(feed.name)] =
        feed.isInteger
        ? .ids(Array(block.bindMemory(to: Int32.self).prefix(feed.count)))
        : .floats(Array(block.bindMemory(to: Float.self).prefix(feed.count)))
    }
    engine.beginStep(batchSize: 1, feeds: storage, isTraining: isTraining)
  }

  public func parameters() throws -> [String: [Float]] {
    Dictionary(
      uniqueKeysWithValues: engine.parameterIDs.map { ($0.name, engine.variable($0)?.values ?? []) }
    )
  }

  /// Replaces the values of parameters.
  /// - Throws: `EagerError` for a parameter that is not there or of another size.
  public func setParameters(_ values: [String: [Float]]) throws {
    for (name, floats) in values { try engine.setValues(of: ParameterID(name), floats) }
  }

  public func gradients() throws -> [String: [Float]] {
    Dictionary(uniqueKeysWithValues: sums.map { ($0.key.name, $0.value) })
  }
}

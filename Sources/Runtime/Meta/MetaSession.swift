import Plan

/// Runs a plan that learns from tasks. Every thread has a session with memory of its own and takes
/// whole tasks; gradients are added in the order of the tasks, so that results have the same bits
/// whatever the number of threads.
public final class MetaSession: MetaEngine {
  public let plan: Plan
  private let workers: [Worker]
  private let team: TaskTeam
  /// For each task of the step its meta gradient, parameters one after the other.
  private var slots: [[Float]] = []
  private var sum: [Float] = []
  private let updateFeeds: [FeedBlock]

  /// - Parameter threads: at most this many tasks at a time; nil takes as many as there are
  ///   processors.
  /// - Throws: `LinkError`, `SessionError` for a plan of another kind.
  public init(plan: Plan, threads: Int? = nil) throws {
    self.plan = plan
    let tasks = max(1, plan.episodes?.tasksPerStep ?? 1)
    team = TaskTeam(threads: max(1, min(threads ?? Platform.processorCount, tasks)))
    workers = try (0..<team.threads).map { _ in try Worker(plan) }
    let first = workers[0].session
    updateFeeds =
      try workers[0].parameters.map { record in
        try first.feed(EpisodeSettings.gradientPrefix + record.name, .train)
      }
    if plan.weights == nil { initialize(seed: plan.training.seed) }
  }

  /// How many tasks run side by side.
  public var threads: Int { team.threads }
  public var step: Int { workers[0].session.step }

  /// Draws all parameters afresh and forgets earlier steps.
  public func initialize(seed: UInt64) {
    for worker in workers { worker.session.initialize(seed: seed) }
  }

  public func train(_ source: any EpisodeSource, episodes: Range<Int>) throws -> MetaStepResult {
    try train(source, episodes: episodes) { _, _ in }
  }

  /// A step that also hands out what the task's program fetches beside loss and gradients, for each
  /// task by name.
  public func trainObserved(
    _ source: any EpisodeSource, episodes: Range<Int>
  ) throws -> (result: MetaStepResult, fetched: [[String: [Float]]]) {
    let outputs = OutputTable(episodes.count)
    let result = try train(source, episodes: episodes) { task, worker in
      outputs.set(task, worker.observations)
    }
    return (result, outputs.values)
  }

  private func train(
    _ source: any EpisodeSource, episodes: Range<Int>,
    observe: @escaping (_ task: Int, Worker) -> Void
  ) throws -> MetaStepResult {
    let count = episodes.count
    while slots.count < count {
      slots.append([Float](repeating: 0, count: workers[0].gradientCount))
    }
    let results = TaskResults(count)
    let slots = SlotTable(slots)
    try team.run(count) { [workers] thread, task in
      let worker = workers[thread]
      try worker.run(.gradients, source, episode: episodes.lowerBound + task)
      results.set(task, loss: worker.loss.scalar, accuracy: worker.accuracy?.scalar)
      slots.copy(worker, task)
      observe(task, worker)
    }
    self.slots = slots.arrays
    average(count)
    try workers[0].session.run(.train, rows: 1)
    let weights = workers[0].session.shared.parameters.floats
    for worker in workers.dropFirst() {
      _ = worker.session.shared.parameters.floats.update(from: weights)
    }
    return MetaStepResult(losses: results.losses, accuracies: results.accuracies)
  }

  /// The mean of the gradients, in the order of the tasks, into the feeds of the update.
  private func average(_ count: Int) {
    let factor = 1 / Float(max(1, count))
    sum = slots[0]
    sum.withUnsafeMutableBufferPointer { sum in
      for slot in slots[1..<count] {
        slot.withUnsafeBufferPointer { slot in
          for i in sum.indices { sum[i] += slot[i] }
        }
      }
      for i in sum.indices { sum[i] *= factor }
      var start = 0
      for feed in updateFeeds {
        guard let base = sum.baseAddress else { return }
        feed.base.assumingMemoryBound(to: Float.self).update(
          from: base + start, count: feed.width)
        start += feed.width
      }
    }
  }

  public func evaluate(
    _ source: any EpisodeSource, episodes: Range<Int>
  ) throws -> [[String: [Float]]] {
    let outputs = OutputTable(episodes.count)
    try team.run(episodes.count) { [workers] thread, task in
      let worker = workers[thread]
      try worker.run(.predict, source, episode: episodes.lowerBound + task)
      outputs.set(task, worker.outputs)
    }
    return outputs.values
  }

  public func parameters() throws -> [String: [Float]] {
    var values: [String: [Float]] = [:]
    for record in plan.parameters {
      values[record.name] = try workers[0].session.parameter(record.name)
    }
    return values
  }

  public func gradients() throws -> [String: [Float]] {
    var values: [String: [Float]] = [:]
    var start = 0
    for (record, feed) in zip(workers[0].parameters, updateFeeds) where sum.count >= start {
      values[record.name] = Array(sum.dropFirst(start).prefix(feed.width))
      start += feed.width
    }
    return values
  }

  /// The plan with the weights as they are now.
  public var trainedPlan: Plan {
    var trained = plan
    trained.weights = workers[0].session.weights
    trained.progress = nil
    return trained
  }

  /// The first parameter that holds a value that is not finite.
  public func nonFiniteParameter() -> String? { workers[0].session.nonFiniteParameter() }
}

/// A session of one thread with the places of what it reads and writes.
private final class Worker {
  let session: Session
  /// The trainable parameters.
  let parameters: [ParameterRecord]
  let loss: FetchView
  let accuracy: FetchView?
  private let gradients: [FetchView]
  private let feeds: [Program.Kind: [FeedBlock]]
  private let fetches: [FetchView]
  /// Of the training program, those that training does not need.
  private let extras: [FetchView]

  init(_ plan: Plan) throws {
    let session = try Session(plan: plan, threads: 1)
    self.session = session
    let trainable = plan.parameters.filter(\.isTrainable)
    parameters = trainable
    loss = try session.fetch("loss", .gradients)
    accuracy =
      session.hasFetch("accuracy", .gradients) ? try session.fetch("accuracy", .gradients) : nil
    gradients = try trainable.map { try session.fetch("gradient.\($0.name)", .gradients) }
    feeds = [
      .gradients: try session.feeds(.gradients), .predict: try session.feeds(.predict),
    ]
    let needed = Set(trainable.map { "gradient.\($0.name)" } + ["loss", "accuracy"])
    extras = try (plan.program(.gradients)?.fetches ?? []).filter { !needed.contains($0.name) }
      .map { try session.fetch($0.name, .gradients) }
    fetches = try (plan.program(.predict)?.fetches ?? []).map {
      try session.fetch($0.name, .predict)
    }
  }

  var gradientCount: Int { parameters.reduce(0) { $0 + $1.rows * $1.columns } }

  func run(_ kind: Program.Kind, _ source: any EpisodeSource, episode: Int) throws {
    let blocks = feeds[kind] ?? []
    source.write(episode: episode) { name in blocks.first { $0.name == name }?.base }
    try session.run(kind, rows: 1)
  }

  func copyGradients(to target: UnsafeMutablePointer<Float>) {
    var place = target
    for gradient in gradients { place += gradient.copy(to: place) }
  }

  var outputs: [String: [Float]] { Self.values(fetches) }
  var observations: [String: [Float]] { Self.values(extras) }

  private static func values(_ fetches: [FetchView]) -> [String: [Float]] {
    Dictionary(
      fetches.map { ($0.name, $0.values(rows: 1)) }, uniquingKeysWith: { first, _ in first })
  }
}

/// The losses of the tasks of a step; each is written by one thread.
private final class TaskResults {
  private let values: UnsafeMutableBufferPointer<(loss: Float, accuracy: Float?)>

  init(_ count: Int) {
    values = .allocate(capacity: count)
    values.initialize(repeating: (0, nil))
  }

  deinit { values.deallocate() }

  func set(_ task: Int, loss: Float, accuracy: Float?) { values[task] = (loss, accuracy) }
  var losses: [Float] { values.map(\.loss) }
  var accuracies: [Float] { values.compactMap(\.accuracy) }
}

/// Room for the gradients of the tasks of a step; each is written by one thread.
private final class SlotTable {
  private let memory: UnsafeMutableBufferPointer<[Float]>

  init(_ slots: [[Float]]) {
    memory = .allocate(capacity: slots.count)
    _ = memory.initialize(from: slots)
  }

  deinit {
    memory.deinitialize()
    memory.deallocate()
  }

  func copy(_ worker: Worker, _ task: Int) {
    memory[task].withUnsafeMutableBufferPointer {
      if let base = $0.baseAddress { worker.copyGradients(to: base) }
    }
  }

  var arrays: [[Float]] { Array(memory) }
}

/// What the programs of an evaluation hand out; each entry is written by one thread.
private final class OutputTable {
  private let memory: UnsafeMutableBufferPointer<[String: [Float]]>

  init(_ count: Int) {
    memory = .allocate(capacity: count)
    memory.initialize(repeating: [:])
  }

  deinit {
    memory.deinitialize()
    memory.deallocate()
  }

  func set(_ task: Int, _ outputs: [String: [Float]]) { memory[task] = outputs }
  var values: [[String: [Float]]] { Array(memory) }
}

extension FetchView {
  /// Writes all elements of a run of one row, row-major.
  /// - Returns: How many they are.
  fileprivate func copy(to target: UnsafeMutablePointer<Float>) -> Int {
    var count = 1
    var isContiguous = true
    for (extent, stride) in zip(extents, strides).reversed() {
      let size = extent.size(rows: 1)
      if size != 1, stride != count { isContiguous = false }
      count *= size
    }
    if isContiguous {
      target.update(from: base, count: count)
    } else {
      for (index, value) in values(rows: 1).enumerated() { target[index] = value }
    }
    return count
  }
}

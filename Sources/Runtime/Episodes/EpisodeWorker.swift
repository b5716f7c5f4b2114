import Plan
import Schema

/// A session of one thread with the places of what it reads and writes.
final class EpisodeWorker {
  let session: Session
  /// The trainable parameters.
  let parameters: [ParameterRecord]
  let loss: FetchView
  let accuracy: FetchView?
  private let gradients: [FetchView]
  private let feeds: [Program.Kind: [FeedBlock]]
  private let fetches: [FetchView]
  /// Of the program of an episode, those that training does not need.
  private let extras: [FetchView]

  init(_ plan: Plan) throws {
    let session = try Session(plan: plan, threads: 1)
    self.session = session
    let trainable = plan.parameters.filter(\.isTrainable)
    parameters = trainable
    loss = try session.fetch(EpisodeName.loss, .gradients)
    accuracy =
      session.hasFetch(EpisodeName.accuracy, .gradients)
      ? try session.fetch(EpisodeName.accuracy, .gradients) : nil
    gradients = try trainable.map {
      try session.fetch(EpisodeName.gradient($0.name), .gradients)
    }
    feeds = [
      .gradients: try session.feeds(.gradients), .predict: try session.feeds(.predict),
    ]
    let needed = Set(
      trainable.map { EpisodeName.gradient($0.name) } + [EpisodeName.loss, EpisodeName.accuracy])
    extras = try (plan.program(.gradients)?.fetches ?? []).filter { !needed.contains($0.name) }
      .map { try session.fetch($0.name, .gradients) }
    fetches = try (plan.program(.predict)?.fetches ?? []).map {
      try session.fetch($0.name, .predict)
    }
  }

  var gradientCount: Int { parameters.reduce(0) { $0 + $1.rows * $1.columns } }

  func write(_ kind: Program.Kind, _ source: any EpisodeSource, episode: Int) {
    let blocks = feeds[kind] ?? []
    source.write(episode: episode) { name in blocks.first { $0.name == name }?.base }
  }

  func run(_ kind: Program.Kind, _ source: any EpisodeSource, episode: Int) throws {
    write(kind, source, episode: episode)
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

/// The losses of the episodes of a step; each is written by one thread.
final class EpisodeResults {
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

/// Room for the gradients of the episodes of a step; each is written by one thread.
final class GradientSlots {
  private let memory: UnsafeMutableBufferPointer<[Float]>

  init(_ slots: [[Float]]) {
    memory = .allocate(capacity: slots.count)
    _ = memory.initialize(from: slots)
  }

  deinit {
    memory.deinitialize()
    memory.deallocate()
  }

  func copy(_ worker: EpisodeWorker, _ task: Int) {
    memory[task].withUnsafeMutableBufferPointer {
      if let base = $0.baseAddress { worker.copyGradients(to: base) }
    }
  }

  var arrays: [[Float]] { Array(memory) }
}

/// What the programs of an evaluation hand out; each entry is written by one thread.
final class EpisodeOutputs {
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

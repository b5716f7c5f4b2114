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
    loss = try session.fetch(OutputName.loss, .gradients)
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
      trainable.map { EpisodeName.gradient($0.name) } + [OutputName.loss, EpisodeName.accuracy])
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

  /// - Parameter target: `gradientCount` elements.
  func copyGradients(to target: inout [Float]) {
    target.withUnsafeMutableBufferPointer {
      guard var place = $0.baseAddress else { return }
      for gradient in gradients { place += gradient.copy(to: place) }
    }
  }

  var outputs: [String: [Float]] { Self.values(fetches) }
  var observations: [String: [Float]] { Self.values(extras) }

  private static func values(_ fetches: [FetchView]) -> [String: [Float]] {
    Dictionary(
      fetches.map { ($0.name, $0.values(rows: 1)) }, uniquingKeysWith: { first, _ in first })
  }
}

/// A value for each episode of a step or an evaluation, each written by one thread.
final class EpisodeSlots<Value> {
  private let memory: UnsafeMutableBufferPointer<Value>

  init(_ count: Int, _ value: Value) {
    memory = .allocate(capacity: count)
    memory.initialize(repeating: value)
  }

  deinit {
    memory.deinitialize()
    memory.deallocate()
  }

  subscript(task: Int) -> Value {
    get { memory[task] }
    _modify { yield &memory[task] }
  }

  var count: Int { memory.count }
  var values: [Value] { Array(memory) }
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

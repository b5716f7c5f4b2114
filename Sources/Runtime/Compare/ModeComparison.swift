import GraphIR
import Plan

/// Trains the eager engine and a compiled plan side by side on the same batches, and measures how
/// far apart they come.
public final class ModeComparison {
  /// One tensor's largest difference.
  public struct Entry: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable { case loss, gradient, parameter }
    public var kind: Kind
    public var name: String
    /// max |eager − static| over the largest magnitude in the tensor; see `ModeComparison.floor`.
    public var difference: Double
    /// The step (from 1) at which it was that large.
    public var step: Int
  }

  public struct Report: Sendable, Hashable {
    public var steps: Int
    /// Losses and gradients: the largest of all steps; parameters: after the last one.
    public var entries: [Entry]
    public var eagerSeconds: Double
    public var staticSeconds: Double

    public func largest(_ kind: Entry.Kind) -> Double {
      entries.filter { $0.kind == kind }.map(\.difference).max() ?? 0
    }
    public var largest: Double { entries.map(\.difference).max() ?? 0 }
  }

  /// A gradient is measured against its own largest element, but at least against this share of the
  /// largest element of all gradients of the step: what is zero but for rounding has no relative
  /// accuracy.
  public static let floor = 1e-4

  private let engine: StaticEngine
  private let eager: EagerTrainingEngine
  private let session: Session

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
  ) throws -> Report {
    precondition(!order.isEmpty, "there are rows to compare on")
    let batchSize = session.batchCapacity(.train)
    let eagerBlocks = try eager.destinations(for: source.feeds, .train)
    let trainBlocks = try engine.destinations(for: source.feeds, .train)
    let gradientBlocks = try destinations(for: source.feeds)
    var worst: [String: Entry] = [:]
    var names: [String] = []
    func note(_ kind: Entry.Kind, _ name: String, _ difference: Double, _ step: Int) {
      let key = "\(kind.rawValue) \(name)"
      if worst[key] == nil { names.append(key) }
      // A difference that is not a number is the largest of all.
      if let known = worst[key]?.difference, known >= difference || known.isNaN { return }
      worst[key] = Entry(kind: kind, name: name, difference: difference, step: step)
    }
    var seconds = (eager: 0.0, static: 0.0)
    for step in 1...max(1, steps) {
      let first = (step - 1) * batchSize % order.count
      let batch = first..<min(first + batchSize, order.count)
      for blocks in [eagerBlocks, trainBlocks, gradientBlocks] {
        Trainer.copy(order, batch, source, blocks)
      }
      try session.run(.gradients, rows: batch.count)
      let start = Platform.nanoseconds()
      try eager.train(rows: batch.count)
      let middle = Platform.nanoseconds()
      try engine.train(rows: batch.count)
      let end = Platform.nanoseconds()
      if step > 1 || steps == 1 {
        seconds.eager += Double(middle - start) / 1e9
        seconds.static += Double(end - middle) / 1e9
      }
      note(.loss, "loss", Self.difference([eager.loss], [engine.loss], floor: 0), step)
      for (index, task) in session.plan.tasks.enumerated() {
        guard let reference = eager.loss(task: index), let found = engine.loss(task: index) else {
          continue
        }
        note(.loss, "loss.\(task.name)", Self.difference([reference], [found], floor: 0), step)
      }
      for (name, difference) in try gradients() { note(.gradient, name, difference, step) }
    }
    for record in session.plan.parameters where record.isTrainable {
      let difference = Self.difference(
        try eager.parameter(record.name), try session.parameter(record.name), floor: 0)
      note(.parameter, record.name, difference, max(1, steps))
    }
    return Report(
      steps: max(1, steps), entries: names.compactMap { worst[$0] }, eagerSeconds: seconds.eager,
      staticSeconds: seconds.static)
  }

  /// The gradients of the last step in both modes.
  private func gradients() throws -> [(String, Double)] {
    var pairs: [(name: String, eager: [Float], compiled: [Float])] = []
    for record in session.plan.parameters where record.isTrainable {
      guard let values = eager.model.gradients[ParameterID(record.name)] else { continue }
      let fetch = "gradient.\(record.name)"
      // A gradient that only one of the modes has counts as zero in the other.
      let compiled =
        session.hasFetch(fetch, .gradients)
        ? try session.fetch(fetch, .gradients).values(rows: 1)
        : [Float](repeating: 0, count: values.count)
      pairs.append((record.name, values, compiled))
    }
    let scale = pairs.flatMap(\.eager).map { abs($0) }.max() ?? 0
    return pairs.map {
      ($0.name, Self.difference($0.eager, $0.compiled, floor: Double(scale) * Self.floor))
    }
  }

  private func destinations(for feeds: [BatchFeed]) throws -> [UnsafeMutableRawPointer?] {
    let blocks = try session.feeds(.gradients)
    return feeds.map { feed in blocks.first { $0.name == feed.name }?.base }
  }

  /// max |a − b| over the largest magnitude in either, or over `floor` if that is larger; 0 for
  /// two tensors of zeros, infinite for tensors of different sizes.
  static func difference(_ a: [Float], _ b: [Float], floor: Double) -> Double {
    guard a.count == b.count else { return .infinity }
    var distance = 0.0
    var scale = floor
    for (x, y) in zip(a, b) {
      guard x.isFinite, y.isFinite else { return .nan }
      distance = max(distance, abs(Double(x) - Double(y)))
      scale = max(scale, Double(max(abs(x), abs(y))))
    }
    return distance == 0 ? 0 : distance / scale
  }
}

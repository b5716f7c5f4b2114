import GraphIR
import Schema
import TensorTypes

/// A step on a batch that goes through the model in parts.
extension EagerModel {
  /// What a part of a batch comes to, times its share of the rows.
  private struct Part {
    var gradients: [ParameterID: [Scalar]]
    var assigned: [ParameterID: [Scalar]]
    /// The outputs that are a single number.
    var scalars: [String: Scalar]

    static func + (a: Part, b: Part) -> Part {
      func sums(_ a: [ParameterID: [Scalar]], _ b: [ParameterID: [Scalar]])
        -> [ParameterID: [Scalar]]
      {
        a.merging(b) { x, y in Swift.zip(x, y).map { $0 + $1 } }
      }
      return Part(
        gradients: sums(a.gradients, b.gradients), assigned: sums(a.assigned, b.assigned),
        scalars: a.scalars.merging(b.scalars) { $0 + $1 })
    }
  }

  /// - Returns: The scalar outputs by name: means over the micro-batches by their rows.
  func microBatchedStep(
    rows: Int, feeds: Feeds, isUpdating: Bool
  ) throws -> [String: EagerTensor<Scalar>] {
    let weights = batchWeights(rows: rows, feeds)
    defer { setWeights([Scalar](repeating: 0, count: weights.count + 1)) }
    guard
      let batch = try sum(
        0..<microBatches.count,
        { try part(microBatches.rows($0, of: rows), of: rows, feeds, weights) })
    else { return [:] }
    gradients = batch.gradients
    if isUpdating {
      let moved = trainableParameters.map(\.id).filter { batch.gradients[$0] != nil }
      let clipped = clipping.applied(to: moved.map { batch.gradients[$0] ?? [] })
      for (id, gradient) in zip(moved, clipped) {
        try engine.update(id, gradient: gradient, optimizer, learningRate)
      }
      for (id, values) in batch.assigned { try engine.setValues(of: id, values) }
      engine.step += 1
    }
    return batch.scalars.mapValues { engine.make(.f32(), .floats([$0])) }
  }

  /// The sum over places, in halves of which the first is as large as a power of two can be.
  private func sum(_ places: Range<Int>, _ part: (Int) throws -> Part?) throws -> Part? {
    guard places.count > 1 else { return try part(places.lowerBound) }
    var half = 1
    while 2 * half < places.count { half *= 2 }
    let middle = places.lowerBound + half
    let first = try sum(places.lowerBound..<middle, part)
    guard let second = try sum(middle..<places.upperBound, part) else { return first }
    return first.map { $0 + second } ?? second
  }

  /// nil for a part without rows.
  private func part(
    _ range: Range<Int>, of rows: Int, _ feeds: Feeds, _ weights: [Double]
  ) throws -> Part? {
    guard !range.isEmpty else { return nil }
    let share = Scalar(range.count) / Scalar(rows)
    setWeights(weights.map { Scalar($0) * share } + [Scalar(rows)])
    engine.beginStep(
      batchSize: range.count, feeds: feeds.mapValues { $0.rows(range, of: rows) },
      firstRow: range.lowerBound)
    defer { try? engine.finishStep(optimizer: nil) }
    if engine.variable(ParameterID(MicroBatches.weightsParameter)) == nil, !weights.isEmpty {
      // The first time that the model runs it declares what it reads.
      try build(engine)
      setWeights(weights.map { Scalar($0) * share } + [Scalar(rows)])
      engine.beginStep(
        batchSize: range.count, feeds: feeds.mapValues { $0.rows(range, of: rows) },
        firstRow: range.lowerBound)
    }
    let (outputs, loss) = try forward()
    let trainable = trainableParameters
    let reads = try trainable.map { try engine.parameter($0) }
    let found = try engine.gradients(of: loss, withRespectTo: reads)
    var part = Part(gradients: [:], assigned: engine.assignments(), scalars: [:])
    for (parameter, gradient) in zip(trainable, found) {
      part.gradients[parameter.id] = gradient.floats.map { $0 * share }
    }
    part.assigned = part.assigned.mapValues { $0.map { $0 * share } }
    for (name, output) in outputs where output.type == .f32() {
      part.scalars[name] = (output.scalar ?? .nan) * share
    }
    return part
  }

  private func setWeights(_ values: [Scalar]) {
    let id = ParameterID(MicroBatches.weightsParameter)
    if engine.variable(id)?.values.count == values.count { try? engine.setValues(of: id, values) }
  }

  /// By task the sum of its weights over the rows of a batch; empty where the feeds have none.
  private func batchWeights(rows: Int, _ feeds: Feeds) -> [Double] {
    guard let labels = feeds[InputID(FeedLayout.labels)], rows > 0 else { return [] }
    let tasks = labels.count / rows
    let mask = feeds[InputID(FeedLayout.labelMask)]?.floats
    let sample = feeds[InputID(FeedLayout.sampleWeight)]?.floats
    return (0..<tasks).map { task in
      (0..<rows).reduce(0.0) { sum, row in
        sum + Double(sample?[row] ?? 1) * Double(mask?[row * tasks + task] ?? 1)
      }
    }
  }
}

extension EagerStorage {
  /// The elements of some rows of a matrix with so many.
  fileprivate func rows(_ range: Range<Int>, of rows: Int) -> EagerStorage {
    let width = rows > 0 ? count / rows : 0
    let part = range.lowerBound * width..<range.upperBound * width
    switch self {
    case .floats(let values): return .floats(Array(values[part]))
    case .ids(let values): return .ids(Array(values[part]))
    case .mask(let values): return .mask(Array(values[part]))
    }
  }
}

import GraphIR
import Schema
import TensorTypes

/// Turns the feeds into what a model's first layers read.
struct FeatureEncoder {
  let features: [FeatureSpec]
  let schema: DataSchema
  /// λ of the penalty on embedding tables.
  let embeddingL2: Double

  /// One f32[B, *] for each feature that is an id, a bucket or a sequence, in the declared order;
  /// then all numbers as one block.
  /// - Throws: `ModelError` when spec and schema do not belong together, `TypeError`.
  func encode<E: Emitter>(on e: E) throws -> EncodedFeatures<E.Tensor> {
    let layout = schema.feeds
    guard features.count == schema.features.count, layout.slots.count == features.count else {
      throw ModelError(
        "the spec has \(features.count) features, the data schema \(schema.features.count)")
    }
    var encoded = EncodedFeatures<E.Tensor>(parts: [])
    for (index, feature) in features.enumerated() {
      let learned = schema.features[index]
      guard learned.name == feature.name else {
        throw ModelError(
          "feature \(index) is \(quoted(feature.name)) in the spec and \(quoted(learned.name)) in"
            + " the data schema")
      }
      switch (feature.input, layout.slots[index], learned.cardinality) {
      case (.numeric, .numeric, _): continue
      case (.oneHot, .id(let column), let rows?):
        let hot = try e.oneHot(ids(column, layout, on: e), depth: rows)
        encoded.parts.append((feature.name, hot))
      case (.embedding(let dim, let table), .id(let column), let rows?):
        let table = try self.table(table, rows: rows, dim: dim, on: e)
        encoded.parts.append((feature.name, try e.gather(table, ids(column, layout, on: e))))
      case (
        .sequence(let dim, let table, let pooling), .sequence(let length, let weighted), let rows?
      ):
        let table = try self.table(table, rows: rows, dim: dim, on: e)
        let pooled = try pool(
          feature.name, table, length: length, weighted: weighted, pooling, on: e)
        encoded.parts.append((feature.name, pooled))
      default:
        throw ModelError("the data schema reads \(quoted(feature.name)) as another kind of feature")
      }
    }
    if let feed = layout.feed(named: FeedLayout.numeric) {
      encoded.numeric = try e.input(InputID(feed.name), .f32(.batch, .fixed(feed.width)))
    }
    return encoded
  }

  /// A column of the `ids` feed, i32[B].
  private func ids<E: Emitter>(
    _ column: Int, _ layout: FeedLayout, on e: E
  ) throws -> E.Tensor {
    guard let feed = layout.feed(named: FeedLayout.ids) else {
      throw ModelError("the data schema has no ids")
    }
    let all = try e.input(InputID(feed.name), .i32(.batch, .fixed(feed.width)))
    return try e.reshape(e.slice(all, axis: 1, column..<column + 1), [.batch])
  }

  private func table<E: Emitter>(
    _ name: String, rows: Int, dim: Int, on e: E
  ) throws -> E.Tensor {
    try e.parameter(
      Parameter(
        ParameterID("embedding.\(name)"), .f32(.fixed(rows), .fixed(dim)), .normal(0.05),
        l2: embeddingL2))
  }

  /// The rows of the ids of a field as one, f32[B, dim]; zeros for a field without ids.
  private func pool<E: Emitter>(
    _ feature: String, _ table: E.Tensor, length: Int, weighted: Bool, _ pooling: Pooling, on e: E
  ) throws -> E.Tensor {
    let ids = try e.input(
      InputID(FeedLayout.sequenceIds(feature)), .i32(.batch, .fixed(length)))
    var rows = try e.gather(table, ids)
    let present = try e.isPresent(ids)
    var weights = try e.convertToFloat(present)
    let column: Shape = [.batch, .fixed(length), 1]
    if weighted {
      weights = try e.input(
        InputID(FeedLayout.sequenceWeights(feature)), .f32(.batch, .fixed(length)))
      rows = try e.mul(rows, e.reshape(weights, column))
    }
    switch pooling {
    case .sum: return try e.sum(rows, axes: [1])
    case .mean:
      // Weights can cancel out or all be 0; the field is then empty.
      let total = try e.sum(weights, axes: [1], keepAxes: true)
      let divisor = try e.max(e.abs(total), e.constant(1e-6))
      return try e.div(e.sum(rows, axes: [1]), divisor)
    case .max:
      let absent = try e.sub(e.constant(1), e.reshape(e.convertToFloat(present), column))
      let lowered = try e.sub(rows, e.scale(absent, by: 1e30))
      let highest = try e.reduce(.max, lowered, axes: [1])
      let any = try e.reduce(.max, e.convertToFloat(present), axes: [1], keepAxes: true)
      return try e.mul(e.max(highest, e.constant(-1e15)), any)
    }
  }
}

/// The features of a step as tensors.
public struct EncodedFeatures<Tensor> {
  /// f32[B, *] per feature that is not a plain number, in the declared order.
  public var parts: [(name: String, tensor: Tensor)]
  /// All plain numbers, f32[B, n].
  public var numeric: Tensor?
}

extension Emitter {
  /// Everything side by side, f32[B, *].
  public func concatenated(_ features: EncodedFeatures<Tensor>) throws -> Tensor {
    let all = features.parts.map(\.tensor) + (features.numeric.map { [$0] } ?? [])
    guard let first = all.first else { throw ModelError("the model has no features") }
    return all.count == 1 ? first : try concat(all, axis: 1)
  }
}

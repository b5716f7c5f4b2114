import GraphIR
import Schema
import TensorTypes

/// Turns the feeds into what a model's first layers read.
struct FeatureEncoder {
  /// What the names of embedding tables begin with.
  static let tablePrefix = FeatureSpec.Input.parameter(table: "")

  let features: [FeatureSpec]
  let schema: DataSchema
  /// λ of the penalty on kernels, that of the attention pooling here.
  var l2 = 0.0
  /// λ of the penalty on embedding tables.
  var embeddingL2 = 0.0

  /// One f32[B, *] for each feature that is an id, a bucket, a sequence or an encoded number, in the declared
  /// order; then all other numbers, vectors among them, as one block.
  /// - Throws: `ModelError` when spec and schema do not belong together, `TypeError`.
  func encode<E: Emitter>(on e: E) throws -> EncodedFeatures<E.Tensor> {
    let layout = schema.feeds
    guard features.count == schema.features.count, layout.slots.count == features.count else {
      throw ModelError(
        "the spec has \(features.count) features, the data schema \(schema.features.count)")
    }
    var encoded = EncodedFeatures<E.Tensor>(parts: [])
    // The columns that are read as they are.
    var plain: [Range<Int>] = []
    for (index, feature) in features.enumerated() {
      let learned = schema.features[index]
      guard learned.name == feature.name else {
        throw ModelError(
          "feature \(index) is \(quoted(feature.name)) in the spec and \(quoted(learned.name)) in"
            + " the data schema")
      }
      switch (feature.input, layout.slots[index], learned.cardinality) {
      case (.numeric, .numeric(let column), _):
        plain.append(column..<column + 1)
      case (.numeric, .vector(let column, let dim), _):
        plain.append(column..<column + dim)
      case (.piecewiseLinear(let dim), .numeric(let column), _):
        guard case .numeric(let normalizer) = learned.encoder, let bins = normalizer.curve?.bins
        else { throw mismatch(index) }
        let place = try e.slice(numbers(layout, on: e), axis: 1, column..<column + 1)
        let shares = try e.piecewiseLinear(place, bins: bins)
        encoded.parts.append((feature.name, try numberLayer(shares, dim, feature, on: e)))
      case (.periodic(let count, let scale, let dim), .numeric(let column), _):
        let x = try e.slice(numbers(layout, on: e), axis: 1, column..<column + 1)
        let waves = try e.periodic(x, count: count, scale: scale, name: layer(of: feature))
        encoded.parts.append((feature.name, try numberLayer(waves, dim, feature, on: e)))
      case (.oneHot, .id(let column), let rows?):
        let hot = try e.oneHot(ids(column, layout, on: e), depth: rows)
        encoded.parts.append((feature.name, hot))
      case (.embedding, .id, _?):
        encoded.parts.append((feature.name, try embedding(index, layout, on: e)))
        encoded.embedded.insert(feature.name)
      case (.sequence, .sequence, _?):
        encoded.parts.append((feature.name, try sequence(index, layout, on: e)))
        encoded.embedded.insert(feature.name)
      default: throw mismatch(index)
      }
    }
    if !plain.isEmpty {
      let numbers = try numbers(layout, on: e)
      let isWhole =
        plain.reduce(0) { $0 + $1.count } == layout.feed(named: FeedLayout.numeric)?.width
      let slices = isWhole ? [] : try plain.map { try e.slice(numbers, axis: 1, $0) }
      encoded.numeric =
        isWhole ? numbers : slices.count == 1 ? slices[0] : try e.concat(slices, axis: 1)
    }
    return encoded
  }

  /// The `numeric` feed, f32[B, numbers].
  private func numbers<E: Emitter>(_ layout: FeedLayout, on e: E) throws -> E.Tensor {
    guard let feed = layout.feed(named: FeedLayout.numeric) else {
      throw ModelError("the data schema has no numbers")
    }
    return try e.input(InputID(feed.name), .f32(.batch, .fixed(feed.width)))
  }

  /// The layer that follows the encoding of a number, f32[B, dim]; the encoding itself without one.
  private func numberLayer<E: Emitter>(
    _ encoding: E.Tensor, _ dim: Int?, _ feature: FeatureSpec, on e: E
  ) throws -> E.Tensor {
    guard let dim else { return encoding }
    return try e.dense(
      encoding, units: dim, activation: .relu, name: layer(of: feature), l2: l2)
  }

  /// What the names of the parameters of an encoded number begin with.
  private func layer(of feature: FeatureSpec) -> String { "numbers.\(feature.name)" }

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
    let id = ParameterID(FeatureSpec.Input.parameter(table: name))
    let isFrozen = features.contains { $0.input.tableParameter == id.name && $0.isFrozen }
    return try e.parameter(
      Parameter(
        id, .f32(.fixed(rows), .fixed(dim)), .normal(0.05), isTrainable: !isFrozen,
        l2: isFrozen ? 0 : embeddingL2))
  }

  /// The embedding of an id feature, f32[B, dim].
  private func embedding<E: Emitter>(
    _ index: Int, _ layout: FeedLayout, on e: E
  ) throws -> E.Tensor {
    guard case .embedding(let dim, let name) = features[index].input,
      case .id(let column) = layout.slots[index],
      let rows = schema.features[index].cardinality
    else { throw mismatch(index) }
    return try e.gather(
      table(name, rows: rows, dim: dim, on: e), ids(column, layout, on: e))
  }

  /// The pooled embedding of a sequence, f32[B, dim].
  private func sequence<E: Emitter>(
    _ index: Int, _ layout: FeedLayout, on e: E
  ) throws -> E.Tensor {
    let feature = features[index]
    guard case .sequence(let dim, let name, let pooling) = feature.input,
      case .sequence(let length, let weighted) = layout.slots[index],
      let rows = schema.features[index].cardinality
    else { throw mismatch(index) }
    let table = try self.table(name, rows: rows, dim: dim, on: e)
    let ids = try e.input(
      InputID(FeedLayout.sequenceIds(feature.name)), .i32(.batch, .fixed(length)))
    let weights =
      weighted
      ? try e.input(
        InputID(FeedLayout.sequenceWeights(feature.name)), .f32(.batch, .fixed(length))) : nil
    let items = SequenceItems(
      rows: try e.gather(table, ids), present: try e.convertToFloat(e.isPresent(ids)),
      weights: weights)
    switch pooling {
    case .sum: return try e.sumPooled(items)
    case .mean: return try e.meanPooled(items)
    case .max: return try e.maxPooled(items)
    case .attention:
      guard let target = features.firstIndex(where: { $0.name == feature.attentionTarget }) else {
        throw mismatch(index)
      }
      return try e.attentionPooled(
        items, target: embedding(target, layout, on: e), name: "attention.\(feature.name)", l2: l2)
    }
  }

  private func mismatch(_ index: Int) -> ModelError {
    ModelError("the data schema reads \(quoted(features[index].name)) as another kind of feature")
  }
}

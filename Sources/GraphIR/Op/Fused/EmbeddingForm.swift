import TensorTypes

/// Lookups whose results lie side by side. The operands of `embeddings` are the tables, then the ids
/// of each feature, i32[B] or i32[B, length]; those of its gradient the ids, then the cotangent.
public struct EmbeddingForm: Sendable, Hashable {
  public enum Pooling: String, Sendable, Hashable, CaseIterable {
    /// The rows of all ids side by side.
    case concat
    case sum
    /// The sum divided by the number of ids that are not padding; 0 where all are.
    case mean
  }

  public struct Table: Sendable, Hashable {
    public var rows: Int
    public var columns: Int

    public init(rows: Int, columns: Int) {
      self.rows = rows
      self.columns = columns
    }

    public var type: TensorType { .f32(.fixed(rows), .fixed(columns)) }
  }

  public struct Feature: Sendable, Hashable {
    /// Which table it looks up.
    public var table: Int
    public var pooling: Pooling

    public init(table: Int, pooling: Pooling) {
      self.table = table
      self.pooling = pooling
    }
  }

  public var tables: [Table]
  public var features: [Feature]

  public init(tables: [Table], features: [Feature]) {
    self.tables = tables
    self.features = features
  }

  /// The columns of the result that a feature with ids of this type takes.
  public func columns(of feature: Feature, ids: TensorType) -> Int {
    let length = feature.pooling == .concat && ids.shape.rank == 2 ? ids.shape[1] : 1
    return tables[feature.table].columns * length.size(batch: 1)
  }

  func infer(_ op: String, _ operands: [TensorType]) throws -> [TensorType] {
    try checkCount(op, operands, tables.count + features.count)
    for (place, table) in tables.enumerated() {
      guard operands[place] == table.type else {
        throw TypeError.operand(op, place, operands[place], expected: "\(table.type)")
      }
    }
    return [try result(op, operands, firstID: tables.count)]
  }

  func inferGradient(_ op: String, _ operands: [TensorType]) throws -> [TensorType] {
    try checkCount(op, operands, features.count + 1)
    let expected = try result(op, operands, firstID: 0)
    guard operands[features.count] == expected else {
      throw TypeError.operand(op, features.count, operands[features.count], expected: "\(expected)")
    }
    return tables.map(\.type)
  }

  private func result(
    _ op: String, _ operands: [TensorType], firstID: Int
  ) throws -> TensorType {
    guard !features.isEmpty else { throw TypeError(op: op, "needs a feature") }
    guard tables.allSatisfy({ $0.type.defect == nil }),
      features.allSatisfy({ tables.indices.contains($0.table) })
    else { throw TypeError(op: op, "has empty tables, or features of unknown tables") }
    let rows = operands[firstID].shape.dimensions.first
    var width = 0
    for (index, feature) in features.enumerated() {
      let ids = operands[firstID + index]
      guard let rows, ids.dtype == .i32, ids.shape.dimensions.first == rows,
        ids.shape.rank == 1
          || ids.shape.rank == 2 && ids.shape[1].fixedSize ?? .max < 1 << 20
      else {
        throw TypeError.operand(
          op, firstID + index, ids, expected: "i32[\(rows ?? .batch)] or i32[\(rows ?? .batch), *]")
      }
      width += columns(of: feature, ids: ids)
      guard width <= Shape.maximumCount else { throw TypeError(op: op, "has too many columns") }
    }
    return TensorType(.f32, [rows ?? .batch, .fixed(width)])
  }

  // MARK: Meaning

  func expand<E: Emitter>(_ emitter: E, _ operands: [E.Tensor]) throws -> E.Tensor {
    var parts: [E.Tensor] = []
    for (index, feature) in features.enumerated() {
      let ids = operands[tables.count + index]
      let shape = emitter.shape(of: ids)
      var rows = try emitter.gather(operands[feature.table], ids)
      if shape.rank == 2 {
        let columns = Dimension.fixed(columns(of: feature, ids: emitter.type(of: ids)))
        switch feature.pooling {
        case .concat: rows = try emitter.reshape(rows, [shape[0], columns])
        case .sum: rows = try emitter.sum(rows, axes: [1])
        case .mean: rows = try emitter.div(emitter.sum(rows, axes: [1]), count(emitter, ids))
        }
      }
      parts.append(rows)
    }
    return try emitter.concat(parts, axis: 1)
  }

  /// The number of ids that are not padding, at least 1: f32[B, 1].
  private func count<E: Emitter>(_ emitter: E, _ ids: E.Tensor) throws -> E.Tensor {
    let present = try emitter.convertToFloat(emitter.isPresent(ids))
    return try emitter.max(
      emitter.sum(present, axes: [1], keepAxes: true), emitter.constant(1))
  }

  func expandGradient<E: Emitter>(_ emitter: E, _ operands: [E.Tensor]) throws -> [E.Tensor] {
    var sums: [E.Tensor?] = Array(repeating: nil, count: tables.count)
    var start = 0
    for (index, feature) in features.enumerated() {
      let ids = operands[index]
      let shape = emitter.shape(of: ids)
      let table = tables[feature.table]
      let end = start + columns(of: feature, ids: emitter.type(of: ids))
      var g = try emitter.slice(operands[features.count], axis: 1, start..<end)
      start = end
      if shape.rank == 2 {
        let rows: Shape = [shape[0], shape[1], .fixed(table.columns)]
        if feature.pooling == .mean { g = try emitter.div(g, count(emitter, ids)) }
        if feature.pooling == .concat {
          g = try emitter.reshape(g, rows)
        } else {
          let single = try emitter.reshape(g, [shape[0], 1, .fixed(table.columns)])
          g = try emitter.broadcast(single, to: rows)
        }
      }
      let update = try emitter.scatterAdd(ids, g, rows: table.rows)
      sums[feature.table] = try sums[feature.table].map { try emitter.add($0, update) } ?? update
    }
    return try zip(sums, tables).map { try $0 ?? emitter.constant(0, $1.type) }
  }
}

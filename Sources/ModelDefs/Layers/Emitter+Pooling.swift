import GraphIR
import TensorTypes

/// The ids of a sequence feature.
public struct SequenceItems<Tensor> {
  /// Their embeddings, f32[B, length, dim]; zeros for padding.
  public var rows: Tensor
  /// 1 for an id, 0 for padding, f32[B, length].
  public var present: Tensor
  /// Their weights, f32[B, length], 0 for padding; nil for 1 each.
  public var weights: Tensor?

  public init(rows: Tensor, present: Tensor, weights: Tensor?) {
    self.rows = rows
    self.present = present
    self.weights = weights
  }
}

/// Poolings of the ids of a row: f32[B, length, dim] → f32[B, dim], zeros for a row without ids.
extension Emitter {
  /// Σ w·e.
  public func sumPooled(_ items: SequenceItems<Tensor>) throws -> Tensor {
    try sum(weighted(items), axes: [1])
  }

  /// Σ w·e / |Σ w|.
  public func meanPooled(_ items: SequenceItems<Tensor>) throws -> Tensor {
    let total = try sum(items.weights ?? items.present, axes: [1], keepAxes: true)
    // Weights can cancel out or all be 0.
    return try div(sumPooled(items), max(abs(total), constant(1e-6)))
  }

  /// The largest w·e of each unit.
  public func maxPooled(_ items: SequenceItems<Tensor>) throws -> Tensor {
    let absent = try column(sub(constant(1), items.present))
    let highest = try reduce(.max, sub(weighted(items), scale(absent, by: 1e30)), axes: [1])
    let any = try reduce(.max, items.present, axes: [1], keepAxes: true)
    return try mul(max(highest, constant(-1e15)), any)
  }

  /// Σ a·w·e with a = softmax(⟨W t, e⟩ / √dim) over the ids: those count that fit the target t,
  /// f32[B, n]. Parameter `<name>.kernel`, f32[n, dim].
  public func attentionPooled(
    _ items: SequenceItems<Tensor>, target: Tensor, name: String
  ) throws -> Tensor {
    guard let dim = shape(of: items.rows).last?.fixedSize else {
      throw TypeError(op: "attention", "\(name) has rows of type \(type(of: items.rows))")
    }
    let query = try dense(target, units: dim, name: name, hasBias: false)
    let products = try mul(items.rows, reshape(query, [.batch, 1, .fixed(dim)]))
    let scores = try scale(sum(products, axes: [2]), by: 1 / Double(dim).squareRoot())
    let absent = try sub(constant(1), items.present)
    let shares = try softmax(sub(scores, scale(absent, by: 1e9)))
    return try sum(mul(weighted(items), column(mul(shares, items.present))), axes: [1])
  }

  private func weighted(_ items: SequenceItems<Tensor>) throws -> Tensor {
    try items.weights.map { try mul(items.rows, column($0)) } ?? items.rows
  }

  /// f32[B, length] → f32[B, length, 1].
  private func column(_ x: Tensor) throws -> Tensor {
    try reshape(x, Shape(shape(of: x).dimensions + [1]))
  }
}

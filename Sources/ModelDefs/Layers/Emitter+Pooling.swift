import GraphIR
import TensorTypes

/// The ids of a sequence feature.
package struct SequenceItems<Tensor> {
  /// Their embeddings, f32[B, length, dim]; zeros for padding.
  package var rows: Tensor
  /// 1 for an id, 0 for padding, f32[B, length].
  package var present: Tensor
  /// Their weights, f32[B, length], 0 for padding; nil for 1 each.
  package var weights: Tensor?

  package init(rows: Tensor, present: Tensor, weights: Tensor?) {
    self.rows = rows
    self.present = present
    self.weights = weights
  }
}

/// Poolings of the ids of a row: f32[B, length, dim] → f32[B, dim], zeros for a row without ids.
extension Emitter {
  /// Σ w·e.
  package func sumPooled(_ items: SequenceItems<Tensor>) throws -> Tensor {
    try sum(weighted(items), axes: [1])
  }

  /// Σ w·e / Σ |w|, zeros where every weight is 0. In magnitude no unit exceeds the largest of its
  /// rows, whatever the signs of the weights.
  package func meanPooled(_ items: SequenceItems<Tensor>) throws -> Tensor {
    let sizes = try items.weights.map { try abs($0) } ?? items.present
    let total = try sum(sizes, axes: [1], keepAxes: true)
    // Far below any weight, so that 0 is not divided by 0; far above where products lose digits.
    return try div(sumPooled(items), max(total, constant(1e-30)))
  }

  /// The largest w·e of each unit.
  package func maxPooled(_ items: SequenceItems<Tensor>) throws -> Tensor {
    let absent = try column(sub(constant(1), items.present))
    let highest = try reduce(.max, sub(weighted(items), scale(absent, by: 1e30)), axes: [1])
    let any = try reduce(.max, items.present, axes: [1], keepAxes: true)
    return try mul(max(highest, constant(-1e15)), any)
  }

  /// Σ a·w·e with a = softmax(⟨W t, e⟩ / √dim) over the ids: those count that fit the target t,
  /// f32[B, n]. Weights change what is added up, not whom the target attends to. Parameter
  /// `<name>.kernel`, f32[n, dim].
  /// - Parameter l2: λ of the penalty on the kernel.
  package func attentionPooled(
    _ items: SequenceItems<Tensor>, target: Tensor, name: String, l2: Double = 0
  ) throws -> Tensor {
    guard let dim = shape(of: items.rows).last?.fixedSize else {
      throw TypeError(op: "attention", "\(name) has rows of type \(type(of: items.rows))")
    }
    let query = try dense(target, units: dim, name: name, l2: l2, hasBias: false)
    let products = try mul(items.rows, reshape(query, [.batch, 1, .fixed(dim)]))
    let scores = try scale(sum(products, axes: [2]), by: 1 / Double(dim).squareRoot())
    let absent = try sub(constant(1), items.present)
    // Far below any score that an id may have, whatever its embedding holds.
    let shares = try softmax(sub(scores, scale(absent, by: 1e30)))
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

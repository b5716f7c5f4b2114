import GraphIR
import TensorTypes

/// The layers of each expert and the hidden layers of each gate.
struct Experts: Sendable {
  var units: [Int]
  var gateUnits: [Int]

  /// Reads both, and reports experts without a layer.
  init(_ section: SectionReader) {
    units = section[MMoE.expertHiddenUnits]
    gateUnits = section[MMoE.gateHiddenUnits]
    if units.isEmpty { section.report("an expert needs a layer", MMoE.expertHiddenUnits) }
  }
}

/// Mixtures of experts.
extension Emitter {
  /// So many experts f_i(x), f32[B, n] each. Parameters `<name>.<i>.…`.
  func experts(
    _ x: Tensor, _ count: Int, _ experts: Experts, name: String, _ style: LayerStyle
  ) throws -> [Tensor] {
    try (0..<count).map { try mlp(x, units: experts.units, name: "\(name).\($0)", style) }
  }

  /// The weights that a gate gives `count` experts: softmax(W·mlp(x)), f32[B, n] → f32[B, count].
  /// Parameters `<name>.dense.<layer>.…` of the hidden layers, `<name>.kernel` and `<name>.bias`.
  package func gate(
    _ x: Tensor, over count: Int, hidden: [Int], name: String, _ style: LayerStyle
  ) throws -> Tensor {
    let h = try mlp(x, units: hidden, name: name, style)
    return try softmax(dense(h, units: count, name: name, l2: style.l2))
  }

  /// Experts side by side: as many f32[B, n] → f32[B, experts, n].
  package func stack(_ experts: [Tensor]) throws -> Tensor {
    guard let first = experts.first, shape(of: first).rank == 2,
      let width = shape(of: first).last?.fixedSize
    else { throw TypeError(op: "stack", "needs experts of type f32[B, *]") }
    let row = try concat(experts, axis: 1)
    return try reshape(row, [shape(of: first)[0], .fixed(experts.count), .fixed(width)])
  }

  /// Σ_e g_e · expert_e: experts f32[B, experts, n], weights f32[B, experts] → f32[B, n].
  package func mixture(_ experts: Tensor, weights: Tensor) throws -> Tensor {
    let shape = shape(of: weights)
    let column = try reshape(weights, Shape(shape.dimensions + [1]))
    return try sum(mul(experts, column), axes: [1])
  }
}

import GraphIR

extension Emitter {
  /// A task's own layers and its single output: f32[B, n] → f32[B, 1], a logit or a value.
  /// Parameters `<name>.dense.<layer>.…` of the hidden layers and `<name>.output.…`.
  public func tower(
    _ x: Tensor, units: [Int], name: String, _ style: LayerStyle
  ) throws -> Tensor {
    let h = try mlp(x, units: units, name: name, style)
    return try dense(h, units: 1, name: "\(name).output", l2: style.l2)
  }
}

import GraphIR

extension Emitter {
  /// A task's own layers and its output: f32[B, n] → f32[B, outputs], a logit, a value, or the logits
  /// of the classes.
  /// Parameters `<name>.dense.<layer>.…` of the hidden layers and `<name>.output.…`.
  public func tower(
    _ x: Tensor, units: [Int], outputs: Int = 1, name: String, _ style: LayerStyle
  ) throws -> Tensor {
    let h = try mlp(x, units: units, name: name, style)
    return try dense(h, units: outputs, name: "\(name).output", l2: style.l2)
  }

  /// The heads of all tasks: for each a tower over its input, f32[B, n]. Parameters
  /// `towers.<task>.…`.
  func towers(
    _ inputs: [Tensor], units: [Int], of tasks: [TaskSpec], _ style: LayerStyle
  ) throws -> ModelHeads<Tensor> {
    ModelHeads(
      try zip(inputs, tasks).map { x, task in
        try tower(x, units: units, outputs: task.outputs, name: "towers.\(task.name)", style)
      })
  }
}

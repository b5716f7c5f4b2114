import GraphIR

extension Emitter {
  /// A task's output: f32[B, n] → f32[B, outputs], a logit, a value, or the logits of the classes.
  /// Parameters `towers.<task>.output.…`; the bias starts at `ModelContext.outputStart`.
  func output(_ h: Tensor, of task: Int, _ context: ModelContext) throws -> Tensor {
    let spec = context.tasks[task]
    return try dense(
      h, units: spec.outputs, name: "towers.\(spec.name).output", l2: context.l2,
      biasStart: context.outputStart(task), trainsBias: spec.trainsOutputBias,
      isOutput: true)
  }

  /// A task's own layers and its output. Parameters `towers.<task>.dense.<layer>.…` of the hidden
  /// layers, and those of the output.
  func tower(
    _ x: Tensor, units: [Int], of task: Int, _ context: ModelContext, _ style: LayerStyle
  ) throws -> Tensor {
    let name = "towers.\(context.tasks[task].name)"
    return try output(mlp(x, units: units, name: name, style), of: task, context)
  }

  /// The heads of all tasks: for each a tower over its input, f32[B, n].
  func towers(
    _ inputs: [Tensor], units: [Int], _ context: ModelContext, _ style: LayerStyle
  ) throws -> ModelHeads<Tensor> {
    ModelHeads(
      try inputs.enumerated().map { task, x in
        try tower(x, units: units, of: task, context, style)
      })
  }
}

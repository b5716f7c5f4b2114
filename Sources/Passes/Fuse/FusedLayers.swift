import GraphIR
import TensorTypes

/// Emits the layers of a cluster of bundles as one product, and slices of it for their outputs.
struct FusedLayers {
  let rewriter: GraphRewriter
  private var builder: GraphBuilder { rewriter.builder }

  init(_ rewriter: GraphRewriter) { self.rewriter = rewriter }

  func emit(_ cluster: [Bundle]) throws {
    guard cluster.count > 1 else { return try emitWide(cluster[0]) }
    // Each activation has a product of its own, so that what it computes is contiguous.
    let runs = cluster.map(\.runs)
    let inputs = try builder.joined(cluster.map { try rewriter.value($0.x) }, axis: 1)
    for run in runs[0].indices { try emitGrouped(runs.map { $0[run] }, inputs) }
  }

  // MARK: One input

  private func emitWide(_ bundle: Bundle) throws {
    let weights = try bundle.layers.map { try rewriter.value($0.weight) }
    var wide = try builder.matmul(rewriter.value(bundle.x), builder.joined(weights, axis: 1))
    if let bias = try bias([bundle]) { wide = try builder.add(wide, bias) }
    try handOut(bundle.runs, of: wide, from: 0)
  }

  /// Applies the runs' activations to columns of a value from `start` on, and lets slices stand for
  /// the layers' outputs.
  private func handOut(_ runs: [Bundle], of value: ValueID, from start: Int) throws {
    var start = start
    for run in runs {
      var part = try builder.columns(value, start..<start + run.units)
      if let activation = run.layers[0].activation {
        part = try builder.unary(activation.op, part)
      }
      try handOut(run.layers, of: part, from: 0)
      start += run.units
    }
  }

  private func handOut(_ layers: [DenseLayer], of value: ValueID, from start: Int) throws {
    var column = start
    for layer in layers {
      rewriter.replace(
        layer.output, with: try builder.columns(value, column..<column + layer.units))
      column += layer.units
    }
  }

  // MARK: Several inputs

  private func emitGrouped(_ runs: [Bundle], _ inputs: ValueID) throws {
    let weights = try runs.map { run in
      let wide = try builder.joined(run.layers.map { try rewriter.value($0.weight) }, axis: 1)
      return try builder.reshape(wide, Shape([1] + builder.shape(of: wide).dimensions))
    }
    let form = LinearForm(groups: runs.count)
    var wide = try builder.emitOne(
      .matrix(.linear(form)), [inputs, builder.joined(weights, axis: 0)])
    if let bias = try bias(runs) { wide = try builder.add(wide, bias) }
    if let activation = runs[0].layers[0].activation {
      wide = try builder.unary(activation.op, wide)
    }
    for (group, run) in runs.enumerated() {
      try handOut(run.layers, of: wide, from: group * run.units)
    }
  }

  // MARK: Parts

  /// The biases of all layers side by side, zeros for those that have none; nil if none has.
  private func bias(_ bundles: [Bundle]) throws -> ValueID? {
    let layers = bundles.flatMap(\.layers)
    guard layers.contains(where: { $0.bias != nil }) else { return nil }
    return try builder.joined(
      layers.map { layer in
        try layer.bias.map { try rewriter.value($0) }
          ?? builder.constant(0, .f32(.fixed(layer.units)))
      }, axis: 0)
  }
}

import GraphIR
import TensorTypes

/// Rows of members.
extension Emitter {
  /// Each row once for each member: [B, …] → [Bm, …].
  func repeated(_ x: Tensor, _ members: Int) throws -> Tensor {
    let inner = Array(shape(of: x).dimensions.dropFirst())
    let column = try reshape(x, Shape([.batch, 1] + inner))
    let wide = try broadcast(column, to: Shape([.batch, .fixed(members)] + inner))
    return try reshape(wide, Shape([.batches(members)] + inner))
  }

  /// The mean over the members of each row: f32[Bm, n] → f32[B, n]; the value itself without members.
  package func memberMean(_ x: Tensor) throws -> Tensor {
    let shape = shape(of: x)
    guard case .batches(let members)? = shape.dimensions.first, members > 1 else { return x }
    let inner = Array(shape.dimensions.dropFirst())
    let stack = try reshape(x, Shape([.batch, .fixed(members)] + inner))
    return try scale(sum(stack, axes: [1]), by: 1 / Double(members))
  }

  /// A row's members side by side, f32[B, m·n], of f32[Bm, n] or, with the same for each, of f32[B, n].
  private func wide(_ x: Tensor, _ members: Int, width: Int) throws -> Tensor {
    let rows = shape(of: x)[0] == .batch ? try repeated(x, members) : x
    return try reshape(rows, [.batch, .fixed(members * width)])
  }

  /// f32[B, m·n] → f32[Bm, n].
  private func rows(_ x: Tensor, _ members: Int, width: Int) throws -> Tensor {
    try reshape(x, [.batches(members), .fixed(width)])
  }

  /// A number for each unit of each member: f32[m, n], read as f32[m·n].
  private func adapter(
    _ name: String, _ members: Int, _ units: Int, _ start: Initializer, isTrainable: Bool = true
  ) throws -> Tensor {
    let matrix = try parameter(
      Parameter(
        ParameterID(name), .f32(.fixed(members), .fixed(units)), start, isTrainable: isTrainable))
    return try reshape(matrix, [.fixed(members * units)])
  }

  /// A dense layer of members, f32[Bm, n] (or f32[B, n], where it reads the features) → f32[Bm, units].
  ///
  /// A hidden layer is act((x ⊙ r)·W ⊙ s + b) with one W for all members (Gorishniy et al., section 3.3):
  /// parameters `<name>.kernel` f32[n, units], `.adapter_in` r f32[m, n], `.adapter_out` s and `.bias` b
  /// f32[m, units]. r starts from normal numbers where the layer reads the features, which makes members
  /// different, and from 1 elsewhere, as s does. An output layer is x·W_m + b with a kernel
  /// f32[m, n, units] for each member.
  ///
  /// `prelu` learns a slope for each unit of each member.
  func memberDense(
    _ x: Tensor, width: Int, _ layer: DenseLayerSizes, members: Int, _ activation: Activation?,
    dropout: Double
  ) throws -> Tensor {
    let name = layer.name
    let kernelShape: [Dimension] = [.fixed(width), .fixed(layer.units)]
    func kernel(_ leading: [Dimension]) throws -> Tensor {
      try parameter(
        Parameter(
          ParameterID("\(name).kernel"), TensorType(.f32, Shape(leading + kernelShape)),
          .uniform(layer.limit(width)), l2: layer.l2))
    }
    var y: Tensor
    if layer.isOutput {
      y = try emitOne(
        .matrix(.linear(LinearForm(groups: members))),
        [wide(x, members, width: width), kernel([.fixed(members)])])
    } else {
      let readsFeatures = shape(of: x)[0] == .batch
      let r = try adapter(
        "\(name).adapter_in", members, width, readsFeatures ? .normal(1) : .constant(1))
      let own = try mul(wide(x, members, width: width), r)
      let product = try matmul(rows(own, members, width: width), kernel([]))
      let s = try adapter("\(name).adapter_out", members, layer.units, .constant(1))
      y = try mul(wide(product, members, width: layer.units), s)
    }
    if layer.hasBias {
      y = try add(
        y,
        adapter(
          "\(name).bias", members, layer.units, .constant(layer.biasStart),
          isTrainable: layer.trainsBias))
    }
    if activation == .prelu { y = try activate(y, .prelu, name: name) }
    var result = try rows(y, members, width: layer.units)
    if let activation, activation != .prelu {
      result = try activate(result, activation, name: name)
    }
    return try self.dropout(result, rate: dropout)
  }
}

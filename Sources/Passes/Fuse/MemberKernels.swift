import GraphIR
import TensorTypes

/// Emits layers of members as products with a kernel for each member.
struct MemberKernels {
  let rewriter: GraphRewriter
  private var builder: GraphBuilder { rewriter.builder }

  init(_ rewriter: GraphRewriter) { self.rewriter = rewriter }

  /// The layers of a cluster: all of one input, or one of each input.
  func emit(_ cluster: [MemberLayer]) throws {
    let first = cluster[0]
    let (members, units) = (first.members, cluster.count * first.units)
    var wide =
      switch first.input {
      case .shared(let x): try shared(rewriter.value(x), cluster)
      case .own where cluster.allSatisfy { $0.input == first.input }: try sideBySide(cluster)
      case .own: try stacked(cluster)
      }
    if first.bias != nil {
      let bias = try side(cluster.compactMap(\.bias))
      wide = try builder.add(wide, builder.reshape(bias, [.fixed(members * units)]))
    }
    var rows = try builder.reshape(wide, [.batches(members), .fixed(units)])
    if let activation = first.activation { rows = try builder.unary(activation.op, rows) }
    for (place, layer) in cluster.enumerated() {
      let start = place * layer.units
      let output = try builder.columns(rows, start..<start + layer.units)
      rewriter.replace(
        layer.output,
        with: try builder.reshape(output, rewriter.source.shape(of: layer.output)))
    }
  }

  // MARK: Products

  /// E layers that read the same row x f32[B, n] for each member: x times the kernels f32[n, m·E·units].
  private func shared(_ x: ValueID, _ layers: [MemberLayer]) throws -> ValueID {
    let first = layers[0]
    let (m, n, e, u) = (first.members, first.inputs, layers.count, first.units)
    let adapters = layers.compactMap(\.adapters)
    let r = try builder.reshape(side(adapters.map(\.of)), [.fixed(m), .fixed(e), .fixed(n)])
    let kernels = try product(
      (side(layers.map(\.kernel)), [.fixed(n), 1, .fixed(e), .fixed(u)]),
      (builder.transpose(r, [2, 0, 1]), [.fixed(n), .fixed(m), .fixed(e), 1]),
      (side(adapters.map(\.behind)), [1, .fixed(m), .fixed(e), .fixed(u)]))
    return try builder.matmul(x, builder.reshape(kernels, [.fixed(n), .fixed(m * e * u)]))
  }

  /// E layers of one input f32[Bm, n]: m products with kernels f32[n, E·units].
  private func sideBySide(_ layers: [MemberLayer]) throws -> ValueID {
    let first = layers[0]
    let (m, n, e, u) = (first.members, first.inputs, layers.count, first.units)
    let kernels: ValueID
    if first.adapters != nil {
      let adapters = layers.compactMap(\.adapters)
      let r = try builder.reshape(side(adapters.map(\.of)), [.fixed(m), .fixed(e), .fixed(n)])
      kernels = try product(
        (side(layers.map(\.kernel)), [1, .fixed(n), .fixed(e), .fixed(u)]),
        (builder.transpose(r, [0, 2, 1]), [.fixed(m), .fixed(n), .fixed(e), 1]),
        (side(adapters.map(\.behind)), [.fixed(m), 1, .fixed(e), .fixed(u)]))
    } else {
      kernels = try builder.joined(layers.map { try rewriter.value($0.kernel) }, axis: 2)
    }
    return try grouped(
      rows(first), builder.reshape(kernels, [.fixed(m), .fixed(n), .fixed(e * u)]), m)
  }

  /// Layers of T inputs f32[Bm, n] side by side: m·T products with kernels f32[n, units].
  private func stacked(_ layers: [MemberLayer]) throws -> ValueID {
    let first = layers[0]
    let (m, n, t, u) = (first.members, first.inputs, layers.count, first.units)
    let kernels: ValueID
    if first.adapters != nil {
      let adapters = layers.compactMap(\.adapters)
      let shared = try layers.map {
        try builder.reshape(rewriter.value($0.kernel), [1, .fixed(n), .fixed(u)])
      }
      kernels = try product(
        (builder.joined(shared, axis: 0), [1, .fixed(t), .fixed(n), .fixed(u)]),
        (side(adapters.map(\.of)), [.fixed(m), .fixed(t), .fixed(n), 1]),
        (side(adapters.map(\.behind)), [.fixed(m), .fixed(t), 1, .fixed(u)]))
    } else {
      let own = try layers.map {
        try builder.reshape(rewriter.value($0.kernel), [.fixed(m), .fixed(n * u)])
      }
      kernels = try builder.joined(own, axis: 1)
    }
    return try grouped(
      builder.joined(layers.map(rows), axis: 1),
      builder.reshape(kernels, [.fixed(m * t), .fixed(n), .fixed(u)]), m * t)
  }

  // MARK: Parts

  /// Rows of members times so many kernels of columns that lie side by side.
  private func grouped(_ rows: ValueID, _ kernels: ValueID, _ groups: Int) throws -> ValueID {
    let width = groups * builder.shape(of: kernels).size(1)
    return try builder.emitOne(
      .matrix(.linear(LinearForm(groups: groups))),
      [builder.reshape(rows, [.batch, .fixed(width)]), kernels])
  }

  /// The input of a layer as f32[Bm, n].
  private func rows(_ layer: MemberLayer) throws -> ValueID {
    switch layer.input {
    case .shared(let x), .own(let x):
      try builder.reshape(rewriter.value(x), [.batches(layer.members), .fixed(layer.inputs)])
    }
  }

  /// Matrices side by side.
  private func side(_ matrices: [ValueID]) throws -> ValueID {
    try builder.joined(matrices.map(rewriter.value), axis: 1)
  }

  /// W ⊙ r ⊙ s, each under a shape.
  private func product(
    _ kernel: (ValueID, Shape), _ r: (ValueID, Shape), _ s: (ValueID, Shape)
  ) throws -> ValueID {
    try builder.mul(
      builder.mul(builder.reshape(kernel.0, kernel.1), builder.reshape(r.0, r.1)),
      builder.reshape(s.0, s.1))
  }
}

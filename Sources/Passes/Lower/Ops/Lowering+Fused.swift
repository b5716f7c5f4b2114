import GraphIR
import Plan
import TensorTypes

extension Lowering {
  mutating func lower(_ op: FusedOp, _ node: Graph.Node) throws {
    switch op {
    case .mixture(let form): try mixture(form, node)
    case .mixtureGradient(let form, let activation):
      try mixtureGradient(form, activation, node)
    case .embeddings(let form): try embeddings(form, node)
    case .embeddingsGradient(let form): try embeddingsGradient(form, node)
    case .oneHotLinear(let form): try oneHotLinear(form, node)
    case .oneHotGradient(let form): try oneHotGradient(form, node)
    case .chain(let chain): try lower(chain, node)
    }
  }

  // MARK: Mixtures

  private mutating func mixture(_ form: MixtureForm, _ node: Graph.Node) throws {
    let experts = try matrix(try operand(node, 0))
    let logits = try matrix(try operand(node, 1))
    let layout = try layout(form, node)
    let isWeightRead = placement.isRead(node.results[1])
    try withMatrix(node, 1) { lowering, weights in
      try lowering.withMatrix(node, 0) { lowering, output in
        lowering.emit(
          .mixture(
            MixtureInstruction(
              layout: layout, experts: experts, logits: logits,
              weights: isWeightRead ? weights : nil, output: output)))
      }
    }
  }

  private mutating func mixtureGradient(
    _ form: MixtureForm, _ activation: EpilogueActivation?, _ node: Graph.Node
  ) throws {
    let experts = try matrix(try operand(node, 0))
    let weights = try matrix(try operand(node, 1))
    let cotangent = try matrix(try operand(node, 2))
    let layout = try layout(form, node)
    try withMatrix(node, 0) { lowering, expertCotangents in
      try lowering.withMatrix(node, 1) { lowering, logitCotangents in
        lowering.emit(
          .mixtureGradient(
            MixtureGradientInstruction(
              layout: layout, experts: experts, weights: weights, cotangent: cotangent,
              expertCotangents: expertCotangents, logitCotangents: logitCotangents,
              gradientOf: activation.map(Self.activation))))
      }
    }
  }

  private func layout(_ form: MixtureForm, _ node: Graph.Node) throws -> MixtureLayout {
    let columns = shape(try operand(node, 0))[1].size(batch: 1)
    return MixtureLayout(
      width: form.width,
      expertColumns: Array(stride(from: 0, to: columns, by: form.width)),
      gates: zip(form.gates, form.gateColumns).enumerated().map { index, gate in
        MixtureLayout.Gate(
          experts: gate.0, logitColumn: gate.1.lowerBound, column: index * form.width)
      })
  }

  // MARK: Tables

  private mutating func embeddings(_ form: EmbeddingForm, _ node: Graph.Node) throws {
    var features: [GatherInstruction.Feature] = []
    var column = 0
    for (index, feature) in form.features.enumerated() {
      let ids = try operand(node, form.tables.count + index)
      features.append(
        .init(
          table: try matrix(try operand(node, feature.table)), ids: try idMatrix(ids),
          pooling: Self.pooling(feature.pooling), column: column))
      column += form.columns(of: feature, ids: graph.type(of: ids))
    }
    try withMatrix(node, 0) { lowering, target in
      lowering.emit(.gather(GatherInstruction(features: features, matrix: target)))
    }
  }

  private mutating func embeddingsGradient(_ form: EmbeddingForm, _ node: Graph.Node) throws {
    let cotangent = try matrix(try operand(node, form.features.count))
    var copies: [(View, View, Shape)] = []
    var tables: [View] = []
    for (index, table) in form.tables.enumerated() {
      let target = try result(node, index)
      var matrix = target
      if let direct = Views.matrix(target, table.type.shape) {
        matrix = direct
      } else {
        matrix = try placement.table.temporary(table.type, label: "table gradient")
        copies.append((matrix, target, table.type.shape))
      }
      emit(.fill(matrix, 0))
      tables.append(matrix)
    }
    var features: [GatherInstruction.Feature] = []
    var column = 0
    for (index, feature) in form.features.enumerated() {
      let ids = try operand(node, index)
      features.append(
        .init(
          table: tables[feature.table], ids: try idMatrix(ids),
          pooling: Self.pooling(feature.pooling), column: column))
      column += form.columns(of: feature, ids: graph.type(of: ids))
    }
    emit(.scatterAdd(ScatterAddInstruction(features: features, matrix: cotangent)))
    for (from, to, shape) in copies { try copy(from, to: to, shape: shape) }
  }

  /// Ids i32[B] as a column, i32[B, length] as they are.
  private mutating func idMatrix(_ value: ValueID) throws -> View {
    guard shape(value).rank == 2 else { return try ids(value) }
    return try matrix(value)
  }

  private static func pooling(_ pooling: EmbeddingForm.Pooling) -> GatherInstruction.Pooling {
    switch pooling {
    case .concat: .concat
    case .sum: .sum
    case .mean: .mean
    }
  }

  // MARK: Products with one-hot columns

  private mutating func oneHotLinear(_ form: OneHotForm, _ node: Graph.Node) throws {
    let weight = try matrix(try operand(node, 0))
    let features = try oneHotFeatures(form, node, first: 1)
    let bias = try form.biasOperand.map { try vector(try operand(node, $0)) }
    let addend = try form.addendOperand.map { try operand(node, $0) }
    try withMatrix(node, 0) { lowering, target in
      if let addend { try lowering.store(addend, to: target) }
      lowering.emit(
        .oneHotLinear(
          OneHotLinearInstruction(
            features: features, weight: weight, bias: bias, matrix: target,
            accumulate: addend != nil, activation: form.activation.map(Self.activation),
            activationColumns: form.activationColumns)))
    }
  }

  private mutating func oneHotGradient(_ form: OneHotForm, _ node: Graph.Node) throws {
    let cotangent = try matrix(try operand(node, form.features.count))
    let features = try oneHotFeatures(form, node, first: 0)
    try withMatrix(node, 0) { lowering, target in
      lowering.emit(.fill(target, 0))
      lowering.emit(
        .oneHotGradient(
          OneHotGradientInstruction(
            features: features, weight: target, bias: nil, matrix: cotangent)))
    }
  }

  private mutating func oneHotFeatures(
    _ form: OneHotForm, _ node: Graph.Node, first: Int
  ) throws -> [OneHotLinearInstruction.Feature] {
    try form.features.enumerated().map { index, feature in
      .init(
        ids: try ids(try operand(node, first + index)), rowOffset: feature.rowOffset,
        rowCount: feature.rowCount)
    }
  }

  // MARK: Results

  /// Lets `body` write a result as a matrix with contiguous rows; where its place is not one,
  /// through a temporary.
  private mutating func withMatrix(
    _ node: Graph.Node, _ index: Int, _ body: (inout Lowering, View) throws -> Void
  ) throws {
    let target = try result(node, index)
    let type = graph.type(of: node.results[index])
    if let matrix = Views.matrix(target, type.shape) { return try body(&self, matrix) }
    let temporary = try placement.table.temporary(type, label: "\(node.results[index])")
    try body(&self, temporary)
    try copy(temporary, to: target, shape: type.shape)
  }
}

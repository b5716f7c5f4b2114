import TensorTypes

extension FusedOp {
  /// Cheap rules for what models are made of; the others are differentiated as what they stand for.
  func gradient<E: Emitter>(
    _ emitter: E, _ operands: [E.Tensor], _ results: [E.Tensor], _ cotangents: [E.Tensor?],
    _ needed: [Bool]
  ) throws -> [E.Tensor?] {
    switch self {
    case .mixture(let form):
      if let g = cotangents[0], cotangents[1] == nil {
        let op = FusedOp.mixtureGradient(form, gradientOf: nil)
        return zip(try emitter.emit(.fused(op), [operands[0], results[1], g]), needed)
          .map { $1 ? $0 : nil }
      }
    case .embeddings(let form):
      if let g = cotangents[0], needed.contains(true) {
        let ids = operands[form.tables.count...]
        let tables = try emitter.emit(.fused(.embeddingsGradient(form)), ids + [g])
        return zip(tables, needed).map { $1 ? $0 : nil } + ids.map { _ in nil }
      }
    case .oneHotLinear(let form):
      if let g = cotangents[0] {
        return try form.gradient(emitter, operands, results[0], g, needed)
      }
    case .mixtureGradient, .embeddingsGradient, .oneHotGradient, .chain:
      break
    }
    return try expandedGradient(emitter, operands, cotangents, needed)
  }

  private func expandedGradient<E: Emitter>(
    _ emitter: E, _ operands: [E.Tensor], _ cotangents: [E.Tensor?], _ needed: [Bool]
  ) throws -> [E.Tensor?] {
    let trace = TracingEmitter(emitter)
    let inputs = operands.map { trace.trace($0) }
    let results = try expand(trace, inputs)
    return try trace.gradient(
      of: results, cotangents: cotangents, by: inputs, needed: needed)
  }
}

extension OneHotForm {
  fileprivate func gradient<E: Emitter>(
    _ emitter: E, _ operands: [E.Tensor], _ result: E.Tensor, _ cotangent: E.Tensor,
    _ needed: [Bool]
  ) throws -> [E.Tensor?] {
    var g = cotangent
    if let activation {
      g = try epilogue.onColumns(emitter, [g, result]) {
        try emitter.mul($0[0], activation.derivative(emitter, $0[1]))
      }
    }
    var cotangents: [E.Tensor?] = operands.map { _ in nil }
    if needed[0] {
      let plain = OneHotForm(rows: rows, features: features)
      cotangents[0] = try emitter.emitOne(
        .fused(.oneHotGradient(plain)), operands[1...features.count] + [g])
    }
    if let place = biasOperand, needed[place] {
      cotangents[place] = try emitter.sum(g, axes: [0])
    }
    if let place = addendOperand, needed[place] { cotangents[place] = g }
    return cotangents
  }
}

/// Passes ops on to another emitter and notes them, so that what they compute can be
/// differentiated.
private final class TracingEmitter<Base: Emitter>: Emitter {
  struct Traced: NumberedTensor {
    var base: Base.Tensor
    /// Its number among all tensors of the trace.
    var index: Int
  }

  private struct Entry: AppliedOp {
    var op: Op
    var operands: [Traced]
    var results: [Traced]
  }

  private let base: Base
  private var entries: [Entry] = []
  private var count = 0

  init(_ base: Base) { self.base = base }

  var isTraining: Bool { base.isTraining }
  func type(of tensor: Traced) -> TensorType { base.type(of: tensor.base) }
  func makeRandomStream() -> Int { base.makeRandomStream() }
  func parameter(_ parameter: Parameter) throws -> Traced { trace(try base.parameter(parameter)) }
  func output(_ name: String, _ tensor: Traced) throws { try base.output(name, tensor.base) }

  func trace(_ tensor: Base.Tensor) -> Traced {
    defer { count += 1 }
    return Traced(base: tensor, index: count)
  }

  func emit(_ op: Op, _ operands: [Traced]) throws -> [Traced] {
    let results = try base.emit(op, operands.map(\.base)).map(trace)
    entries.append(Entry(op: op, operands: operands, results: results))
    return results
  }

  func gradient(
    of results: [Traced], cotangents: [Base.Tensor?], by inputs: [Traced], needed: [Bool]
  ) throws -> [Base.Tensor?] {
    var varies = Array(repeating: false, count: count)
    for (input, needed) in zip(inputs, needed) where needed { varies[input.index] = true }
    entries.markDescendants(&varies)
    var sums: [Base.Tensor?] = Array(repeating: nil, count: count)
    for (result, cotangent) in zip(results, cotangents) {
      guard let cotangent, varies[result.index] else { continue }
      sums[result.index] = try sums[result.index].map { try base.add($0, cotangent) } ?? cotangent
    }
    try base.sweep(back: entries, &sums, varies: varies) { entry, arriving, needed in
      try entry.op.gradient(
        base, operands: entry.operands.map(\.base), results: entry.results.map(\.base),
        cotangents: arriving, needed: needed)
    }
    return inputs.map { sums[$0.index] }
  }
}

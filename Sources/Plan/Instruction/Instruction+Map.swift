extension Instruction {
  /// The same instruction on other views.
  public func mapViews(_ map: (View) -> View) -> Instruction {
    switch self {
    case .matmul(var m):
      m.a = map(m.a)
      m.b = map(m.b)
      m.c = m.c.map(map)
      m.bias = m.bias.map(map)
      m.y = m.y.map(map)
      m.columnSums = m.columnSums.map(map)
      m.update = m.update.map { .init(parameter: map($0.parameter), l2: $0.l2) }
      m.columnUpdate = m.columnUpdate.map { .init(parameter: map($0.parameter), l2: $0.l2) }
      return .matmul(m)
    case .elementwise(var e):
      e.operands = e.operands.map(map)
      return .elementwise(e)
    case .reduce(var r):
      r.input = map(r.input)
      r.output = map(r.output)
      return .reduce(r)
    case .softmax(var s):
      s.input = map(s.input)
      s.cotangent = s.cotangent.map(map)
      s.output = map(s.output)
      return .softmax(s)
    case .gather(let g): return .gather(g.mapViews(map))
    case .scatterAdd(let g): return .scatterAdd(g.mapViews(map))
    case .oneHot(let o): return .oneHot(.init(ids: map(o.ids), output: map(o.output)))
    case .oneHotLinear(let o): return .oneHotLinear(o.mapViews(map))
    case .oneHotGradient(let o): return .oneHotGradient(o.mapViews(map))
    case .mixture(var m):
      m.experts = map(m.experts)
      m.logits = map(m.logits)
      m.weights = m.weights.map(map)
      m.output = map(m.output)
      return .mixture(m)
    case .mixtureGradient(var m):
      m.experts = map(m.experts)
      m.weights = map(m.weights)
      m.cotangent = map(m.cotangent)
      m.expertCotangents = map(m.expertCotangents)
      m.logitCotangents = map(m.logitCotangents)
      return .mixtureGradient(m)
    case .convolution(var c):
      c.image = map(c.image)
      c.filter = map(c.filter)
      c.result = map(c.result)
      return .convolution(c)
    case .pool(var p):
      p.image = map(p.image)
      p.indices = map(p.indices)
      p.result = p.result.map(map)
      return .pool(p)
    case .random(var r):
      r.output = map(r.output)
      return .random(r)
    case .fill(let view, let value): return .fill(map(view), value)
    case .batchSize(let view): return .batchSize(map(view))
    case .sparseUpdate(var u):
      u.table = map(u.table)
      u.sources = u.sources.map {
        .init(ids: $0.ids.map(map), pooling: $0.pooling, matrix: map($0.matrix))
      }
      return .sparseUpdate(u)
    case .optimizer: return self
    }
  }
}

extension GatherInstruction {
  fileprivate func mapViews(_ map: (View) -> View) -> GatherInstruction {
    GatherInstruction(
      features: features.map {
        .init(table: map($0.table), ids: map($0.ids), pooling: $0.pooling, column: $0.column)
      }, matrix: map(matrix))
  }
}

extension OneHotLinearInstruction {
  fileprivate func mapViews(_ map: (View) -> View) -> OneHotLinearInstruction {
    var result = self
    result.features = features.map {
      .init(ids: map($0.ids), rowOffset: $0.rowOffset, rowCount: $0.rowCount)
    }
    result.weight = map(weight)
    result.bias = bias.map(map)
    result.matrix = map(matrix)
    return result
  }
}

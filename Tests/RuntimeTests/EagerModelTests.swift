import GraphIR
import Plan
import Runtime
import Schema
import TensorTypes
import Testing

/// Whole steps: a small network written once, run directly and through a graph.
@Suite struct EagerModelTests {
  /// Two dense layers, dropout between them, on numbers and an embedded id.
  private static func network<E: Emitter>(_ emitter: E) throws {
    let numeric = try emitter.input("numeric", .f32(.batch, 3))
    let ids = try emitter.input("ids", .i32(.batch))
    let table = try emitter.parameter(Parameter("table", .f32(5, 2), .normal(0.5), l2: 0.01))
    let x = try emitter.concat([numeric, emitter.gather(table, ids)], axis: 1)
    let w1 = try emitter.parameter(Parameter("w1", .f32(5, 4), .normal(0.5)))
    let b1 = try emitter.parameter(Parameter("b1", .f32(4), .constant(0.1)))
    var hidden = try emitter.tanh(emitter.add(emitter.matmul(x, w1), b1))
    if emitter.isTraining {
      let kept = try emitter.compare(
        .less, emitter.random(emitter.shape(of: hidden)), emitter.constant(0.8))
      hidden = try emitter.div(
        emitter.mul(hidden, emitter.convertToFloat(kept)), emitter.constant(0.8))
    }
    let w2 = try emitter.parameter(Parameter("w2", .f32(4, 1), .uniform(0.5)))
    let logit = try emitter.matmul(hidden, w2)
    try emitter.output("probability", emitter.sigmoid(logit))
    if emitter.isTraining {
      let label = try emitter.input("label", .f32(.batch, 1))
      let loss = try emitter.sub(emitter.softplus(logit), emitter.mul(logit, label))
      try emitter.output("loss", emitter.mean(loss))
    }
  }

  private static let settings = Optimizer(kind: .adam, learningRate: 0.05)

  private func feeds<S: EagerScalar>(_ step: Int, _ type: S.Type) -> EagerModel<S>.Feeds {
    let rows = 6
    let numbers = CounterRandom(seed: 11).uniforms(stream: 0, step: step, count: rows * 3)
    let ids = (0..<rows).map { Int32(($0 * 7 + step) % 5) }
    let labels = (0..<rows).map { numbers[3 * $0] > 0.5 ? Float(1) : 0 }
    return [
      "numeric": .floats(converting: numbers), "ids": .ids(ids),
      "label": .floats(converting: labels),
    ]
  }

  @Test func trainingLowersTheLoss() throws {
    let model = EagerModel<Float>(seed: 1, optimizer: Self.settings, build: Self.network)
    var losses: [Float] = []
    for step in 0..<60 {
      let outputs = try model.step(batchSize: 6, feeds: feeds(step % 3, Float.self))
      losses.append(try #require(outputs["loss"]?.scalar))
    }
    let first: Float = losses.prefix(6).reduce(0, +)
    let last: Float = losses.suffix(6).reduce(0, +)
    #expect(last < 0.8 * first)
    #expect(model.engine.step == 60)
    var unlabelled = feeds(0, Float.self)
    unlabelled["label"] = nil
    let outputs = try model.predict(batchSize: 6, feeds: unlabelled)
    #expect(outputs["probability"]?.type == .f32(.batch, 1))
    #expect(outputs["probability"]?.sizes == [6, 1])
    #expect(outputs["loss"] == nil)
    #expect(model.engine.step == 60)
  }

  @Test func sameSeedSameBits() throws {
    func train(_ seed: UInt64) throws -> EagerState<Float> {
      let model = EagerModel<Float>(seed: seed, optimizer: Self.settings, build: Self.network)
      for step in 0..<5 { try model.step(batchSize: 6, feeds: feeds(step, Float.self)) }
      return model.engine.state
    }
    #expect(try train(1) == train(1))
    #expect(try train(1) != train(2))
  }

  @Test func singleAndDoublePrecisionAgree() throws {
    let float = EagerModel<Float>(seed: 1, optimizer: Self.settings, build: Self.network)
    let double = EagerModel<Double>(seed: 1, optimizer: Self.settings, build: Self.network)
    try float.step(batchSize: 6, feeds: feeds(0, Float.self))
    try double.step(batchSize: 6, feeds: feeds(0, Double.self))
    #expect(double.gradients.count == 4)
    for (id, expected) in double.gradients {
      let found = try #require(float.gradients[id])
      for (a, b) in zip(found, expected) { #expect(abs(Double(a) - b) < 1e-6, "\(id)") }
    }
  }

  @Test func graphRunsAsTheModelDoes() throws {
    let builder = GraphBuilder(name: "network")
    try Self.network(builder)
    let engine = EagerEngine<Double>(seed: 1)
    let model = EagerModel<Double>(seed: 1, optimizer: Self.settings, build: Self.network)
    let outputs = try model.step(
      batchSize: 6, feeds: feeds(0, Double.self), isUpdating: false)
    engine.beginStep(batchSize: 6, feeds: feeds(0, Double.self))
    let values = try GraphInterpreter(builder.graph).run(on: engine)
    for (index, value) in values.enumerated() {
      #expect(value.type == builder.graph.type(of: ValueID(index)))
      #expect(value.sizes == value.type.shape.sizes(batch: 6))
    }
    #expect(engine.outputs.map(\.name) == ["probability", "loss"])
    for (name, tensor) in engine.outputs { #expect(tensor.floats == outputs[name]?.floats) }
  }

  /// A graph that holds its own gradients and updates, from GraphIR's rules, trains as the tape does.
  @Test func graphWithUpdatesTrainsAsTheTapeDoes() throws {
    let builder = GraphBuilder(name: "network")
    try Self.network(builder)
    let forward = builder.graph
    let loss = try #require(forward.output(named: "loss"))
    var cotangents = [loss: try builder.constant(1)]
    for node in forward.nodes.reversed() {
      guard let g = node.results.first.flatMap({ cotangents[$0] }) else { continue }
      let found = try node.op.gradient(
        builder, operands: node.operands, results: node.results, cotangents: [g],
        needed: node.operands.map { _ in true })
      for (operand, gradient) in zip(node.operands, found) {
        guard let gradient else { continue }
        cotangents[operand] =
          try cotangents[operand].map { try builder.add($0, gradient) } ?? gradient
      }
    }
    for node in forward.nodes {
      guard case .source(.parameter(let id, let type)) = node.op,
        let gradient = cotangents[node.results[0]]
      else { continue }
      _ = try builder.emit(.effect(.update(id, type)), [gradient])
    }
    let interpreter = GraphInterpreter(builder.graph)
    let engine = EagerEngine<Double>(seed: 1)
    let model = EagerModel<Double>(seed: 1, optimizer: Self.settings, build: Self.network)
    for step in 0..<4 {
      try model.step(batchSize: 6, feeds: feeds(step, Double.self))
      engine.beginStep(batchSize: 6, feeds: feeds(step, Double.self), isRecording: false)
      try interpreter.run(on: engine)
      try engine.finishStep(optimizer: Self.settings)
    }
    #expect(engine.step == 4)
    for (id, expected) in model.engine.state.values {
      let found = try #require(engine.variable(id)?.values)
      for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-7, "\(id): \(a) ≠ \(b)") }
    }
  }

  @Test func firstNonFiniteValueIsNamed() throws {
    let model = EagerModel<Float>(seed: 1, optimizer: Self.settings) { engine in
      let x = try engine.input("x", .f32(.batch, 1))
      let w = try engine.parameter(Parameter("w", .f32(1, 1), .constant(1)))
      let y = try engine.log(engine.matmul(x, w))
      try engine.output("loss", engine.mean(y))
    }
    model.engine.findsNonFinite = true
    try model.step(batchSize: 2, feeds: ["x": .floats([1, 2])])
    #expect(model.engine.firstNonFinite == nil)
    try model.step(batchSize: 2, feeds: ["x": .floats([1, -2])])
    #expect(
      model.engine.firstNonFinite?.description
        == "what follows the layer \"w\" (log(f32[B, 1]) → f32[B, 1])")
    try model.step(batchSize: 2, feeds: ["x": .floats([.infinity, 2])])
    #expect(model.engine.firstNonFinite?.description == "the data (input $x → f32[B, 1])")
  }

  @Test func misuseIsReported() throws {
    let model = EagerModel<Float>(seed: 1, optimizer: Self.settings, build: Self.network)
    #expect(throws: EagerError.missingFeed("numeric")) { try model.step(batchSize: 6, feeds: [:]) }
    #expect(
      throws: EagerError.feedMismatch(
        "numeric", count: 18, dtype: .f32, expected: .f32(.batch, 3), batchSize: 5)
    ) { try model.step(batchSize: 5, feeds: feeds(0, Float.self)) }
    #expect(model.engine.outputs.isEmpty)
    let silent = EagerModel<Float>(seed: 1, optimizer: Self.settings) { _ in }
    #expect(throws: EagerError.missingOutput("loss")) { try silent.step(batchSize: 1, feeds: [:]) }
    let wide = EagerModel<Float>(seed: 1, optimizer: Self.settings) { engine in
      try engine.output("loss", engine.constant(1, .f32(2)))
    }
    #expect(throws: EagerError.lossIsNotScalar(.f32(2))) { try wide.step(batchSize: 1, feeds: [:]) }
    let engine = EagerEngine<Float>(seed: 0)
    try engine.declare(Parameter("w", .f32(2), .constant(0)))
    #expect(throws: TypeError.self) { try engine.declare(Parameter("w", .f32(3), .constant(0))) }
    #expect(throws: TypeError.self) {
      try engine.declare(Parameter("v", .f32(.batch), .constant(0)))
    }
  }

  @Test func assignmentsTakeEffectAfterTheStep() throws {
    let engine = EagerEngine<Double>(seed: 0)
    let count = Parameter("count", .f32(), .constant(1), isTrainable: false)
    for expected in [1.0, 2, 3] {
      engine.beginStep(batchSize: 1)
      let before = try engine.parameter(count)
      try engine.emit(
        .effect(.assign("count", .f32())), [engine.add(before, engine.constant(1))])
      #expect(try engine.parameter(count).floats == [expected])
      try engine.finishStep(optimizer: Self.settings)
    }
    #expect(engine.variable("count")?.values == [4])
  }
}

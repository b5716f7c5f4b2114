import Plan
import Runtime
import Schema
import Testing

/// Hand-built programs against plain loops.
@Suite struct SessionTests {
  /// A linear model y = x·w + b with squared error, trained by a separate optimizer instruction.
  static func linear(
    inputs: Int, outputs: Int, capacity: Int,
    optimizer: Optimizer = Optimizer(kind: .sgd, learningRate: 0.1)
  ) -> Plan {
    var b = PlanBuilder(.train, capacity: capacity)
    let x = b.feed("x", width: inputs)
    let labels = b.feed("labels", width: outputs)
    let w = b.parameter("w", inputs, outputs)
    let bias = b.parameter("b", outputs, initializer: .constant(0.5))
    let y = b.value(width: outputs, label: "y")
    let d = b.value(width: outputs, label: "d")
    let rows = b.fixed(1)
    let loss = b.fixed(1)
    b.add(.matmul(MatmulInstruction(a: x, b: w, c: y, bias: bias)))
    b.add(.batchSize(BatchSizeInstruction(view: rows)), sameLevel: true)
    // d = (y − label)·2/B, loss = Σ (y − label)²
    b.add(
      .elementwise(
        ElementwiseInstruction(
          extents: y.extents,
          views: [
            y, labels, d, loss,
            View(buffer: rows.buffer, extents: y.extents, strides: [0, 0]),
          ],
          steps: [
            .init(.load, destination: 0, a: 0), .init(.load, destination: 1, a: 1),
            .init(.sub, destination: 2, a: 0, b: 1),
            .init(.function(.square), destination: 3, a: 2),
            .init(.sumAll, a: 3, b: 3), .init(.load, destination: 4, a: 4),
            .init(.div, destination: 5, a: 2, b: 4),
            .init(.mulConstant, destination: 6, a: 5, immediate: 2), .init(.store, a: 6, b: 2),
          ])))
    b.add(
      .matmul(
        MatmulInstruction(
          a: x, b: d, c: b.gradient(of: w), transposeA: true, columnSums: b.gradient(of: bias))))
    b.add(
      .optimizer(
        OptimizerInstruction(
          parameters: b.block(.parameters), gradients: b.block(.gradients),
          segments: [
            .init(offset: 0, count: (inputs * outputs + 15) / 16 * 16 + outputs, l2: 0)
          ])))
    b.fetch("loss", loss)
    b.fetch("y", y)
    return b.plan(optimizer: optimizer)
  }

  static func fill(_ session: Session, _ name: String, _ values: [Float]) throws {
    let block = try session.feed(name, .train)
    block.base.assumingMemoryBound(to: Float.self).update(from: values, count: values.count)
  }

  @Test(arguments: [1, 2]) func linearModelMatchesPlainLoops(threads: Int) throws {
    let (inputs, outputs, capacity) = (7, 3, 20)
    let session = try Session(
      plan: Self.linear(inputs: inputs, outputs: outputs, capacity: capacity), threads: threads)
    session.initialize(seed: 5)
    var w = try session.parameter("w").map(Double.init)
    var b = try session.parameter("b").map(Double.init)
    #expect(b == [0.5, 0.5, 0.5])
    var numbers = TestNumbers(1)
    for rows in [20, 20, 13, 1, 20] {
      let x = numbers.array(rows * inputs)
      let labels = numbers.array(rows * outputs)
      try Self.fill(session, "x", x)
      try Self.fill(session, "labels", labels)
      try session.run(.train, rows: rows)
      let results = try session.fetch("y", .train)
      let total = try session.fetch("loss", .train)
      var loss = 0.0
      var dw = [Double](repeating: 0, count: inputs * outputs)
      var db = [Double](repeating: 0, count: outputs)
      for r in 0..<rows {
        for o in 0..<outputs {
          var y = b[o]
          for i in 0..<inputs { y += Double(x[r * inputs + i]) * w[i * outputs + o] }
          #expect(abs(Double(results[r, o]) - y) < 1e-5)
          let error = y - Double(labels[r * outputs + o])
          loss += error * error
          for i in 0..<inputs {
            dw[i * outputs + o] += Double(x[r * inputs + i]) * error * 2 / Double(rows)
          }
          db[o] += error * 2 / Double(rows)
        }
      }
      #expect(abs(Double(total.scalar) - loss) < 1e-3)
      for k in w.indices { w[k] -= 0.1 * dw[k] }
      for k in b.indices { b[k] -= 0.1 * db[k] }
      for (found, expected) in zip(try session.parameter("w") + session.parameter("b"), w + b) {
        #expect(abs(Double(found) - expected) < 1e-5)
      }
    }
    #expect(session.step == 5)
  }

  @Test(arguments: Optimizer.Kind.allCases)
  func bitsDoNotDependOnThreads(kind: Optimizer.Kind) throws {
    let (inputs, outputs, capacity) = (90, 70, 200)
    let plan = Self.linear(
      inputs: inputs, outputs: outputs, capacity: capacity,
      optimizer: Optimizer(kind: kind, learningRate: 0.01))
    var found: [[Float]] = []
    for threads in [1, 2, 3] {
      let session = try Session(plan: plan, threads: threads)
      session.adaptsThreads = false
      session.initialize(seed: 3)
      var numbers = TestNumbers(2)
      for step in 0..<60 {
        let rows = step % 4 == 3 ? 77 : capacity
        try Self.fill(session, "x", numbers.array(rows * inputs))
        try Self.fill(session, "labels", numbers.array(rows * outputs))
        try session.run(.train, rows: rows)
      }
      found.append(session.weights + session.optimizerStates.flatMap { $0 })
    }
    #expect(!found[0].contains { !$0.isFinite })
    #expect(found[0] == found[1])
    #expect(found[0] == found[2])
  }

  @Test func resumingGoesOnBitForBit() throws {
    let plan = Self.linear(
      inputs: 5, outputs: 2, capacity: 8,
      optimizer: Optimizer(kind: .adam, learningRate: 0.01))
    func train(_ session: Session, _ numbers: inout TestNumbers, steps: Int) throws {
      for _ in 0..<steps {
        try Self.fill(session, "x", numbers.array(40))
        try Self.fill(session, "labels", numbers.array(16))
        try session.run(.train, rows: 8)
      }
    }
    var numbers = TestNumbers(4)
    let whole = try Session(plan: plan)
    whole.initialize(seed: 1)
    try train(whole, &numbers, steps: 10)

    numbers = TestNumbers(4)
    let first = try Session(plan: plan)
    first.initialize(seed: 1)
    try train(first, &numbers, steps: 4)
    var checkpoint = plan
    checkpoint.weights = first.weights
    checkpoint.progress = TrainingProgress(
      step: first.step, epoch: 0, rowInEpoch: 0, states: first.optimizerStates)
    let second = try Session(plan: checkpoint)
    try train(second, &numbers, steps: 6)
    #expect(second.weights == whole.weights)
    #expect(second.step == 10)
  }

  @Test func unsuitableCallsAreErrors() throws {
    let session = try Session(plan: Self.linear(inputs: 3, outputs: 1, capacity: 4))
    #expect(throws: SessionError.rows(5, capacity: 4)) { _ = try session.run(.train, rows: 5) }
    #expect(throws: SessionError.rows(0, capacity: 4)) { _ = try session.run(.train, rows: 0) }
    #expect(throws: SessionError.noProgram("predict")) { _ = try session.run(.predict, rows: 1) }
    #expect(throws: SessionError.noFeed("z")) { _ = try session.feed("z", .train) }
    #expect(throws: SessionError.noFetch("z")) { _ = try session.fetch("z", .train) }
    #expect(throws: SessionError.noParameter("z")) { _ = try session.parameter("z") }
  }

  @Test func viewsThatLeaveTheirBufferAreErrors() throws {
    var plan = Self.linear(inputs: 3, outputs: 2, capacity: 4)
    guard case .matmul(var product) = plan.programs[0].instructions[0] else { return }
    product.a.offset = 1
    plan.programs[0].instructions[0] = .matmul(product)
    let error = #expect(throws: LinkError.self) { try Session(plan: plan) }
    #expect(error?.message.contains("operand A: the view reaches element 12") == true)
  }
}

/// Subnormal numbers are zero in a run, on every thread, and the caller's mode comes back.
@Suite struct SubnormalTests {
  @Test(arguments: [1, 2]) func runsFlushSubnormals(threads: Int) throws {
    var b = PlanBuilder(.predict, capacity: 4096)
    let x = b.feed("x", width: 8)
    let y = b.value(width: 8)
    b.add(
      .elementwise(
        ElementwiseInstruction(
          extents: y.extents, views: [x, y],
          steps: [
            .init(.load, destination: 0, a: 0),
            .init(.mulConstant, destination: 1, a: 0, immediate: 0.5), .init(.store, a: 1, b: 1),
          ])))
    b.fetch("y", y)
    let session = try Session(plan: b.plan(), threads: threads)
    let feed = try session.feed("x", .predict).base.assumingMemoryBound(to: Float.self)
    feed.update(repeating: Float.leastNormalMagnitude, count: 4096 * 8)
    try session.run(.predict, rows: 4096)
    let values = try session.fetch("y", .predict).values(rows: 4096)
    #expect(!values.contains { $0 != 0 })
    let half = feed[0] / 2
    #expect(half != 0)
  }
}

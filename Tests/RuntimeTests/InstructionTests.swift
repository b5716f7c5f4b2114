import Plan
import Runtime
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Row-wise instructions through a session against plain loops.
@Suite struct InstructionTests {
  private func columns(_ view: View, _ range: Range<Int>) -> View {
    var view = view
    view.offset += range.lowerBound
    view.extents[1] = .fixed(range.count)
    return view
  }

  private func fill(_ session: Session, _ name: String, _ values: [Float]) throws {
    let block = try session.feed(name, .predict)
    block.base.assumingMemoryBound(to: Float.self).update(from: values, count: values.count)
  }

  private func softmax(_ x: [Float]) -> [Float] {
    let top = x.max() ?? 0
    let powers = x.map { exp($0 - top) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  @Test(arguments: [1, 2]) func softmaxOnSlices(threads: Int) throws {
    var b = PlanBuilder(.predict, capacity: 10)
    let x = b.feed("x", width: 7)
    let y = b.value(width: 6)
    let slice = columns(y, 1..<5)
    b.add(.softmax(SoftmaxInstruction(input: columns(x, 2..<6), output: slice)))
    b.fetch("y", slice)
    let session = try Session(plan: b.plan(), threads: threads)
    var numbers = TestNumbers(1)
    let input = numbers.array(63)
    try fill(session, "x", input)
    try session.run(.predict, rows: 9)
    let found = try session.fetch("y", .predict)
    for r in 0..<9 {
      let y = softmax(Array(input[7 * r + 2..<7 * r + 6]))
      for c in 0..<4 { #expect(abs(found[r, c] - y[c]) < 1e-6) }
    }
  }

  @Test(arguments: [1, 2]) func mixturesOfSomeExperts(threads: Int) throws {
    var b = PlanBuilder(.predict, capacity: 10)
    let all = b.feed("all", width: 3 * 4 + 5)
    let (experts, logits) = (columns(all, 0..<12), columns(all, 12..<17))
    let (output, weights) = (b.value(width: 8), b.value(width: 5))
    let layout = MixtureLayout(
      width: 4, expertColumns: [0, 4, 8],
      gates: [
        .init(experts: [2, 0], logitColumn: 3, column: 4),
        .init(experts: [0, 1, 2], logitColumn: 0, column: 0),
      ])
    b.add(
      .mixture(
        MixtureInstruction(
          layout: layout, experts: experts, logits: logits, weights: weights, output: output)))
    b.fetch("output", output)
    let session = try Session(plan: b.plan(), threads: threads)
    var numbers = TestNumbers(2)
    let input = numbers.array(9 * 17)
    try fill(session, "all", input)
    try session.run(.predict, rows: 9)
    let found = try session.fetch("output", .predict)
    for r in 0..<9 {
      let row = Array(input[17 * r..<17 * (r + 1)])
      for gate in layout.gates {
        let first = 12 + gate.logitColumn
        let w = softmax(Array(row[first..<first + gate.experts.count]))
        for h in 0..<4 {
          var expected: Float = 0
          for (k, expert) in gate.experts.enumerated() { expected += w[k] * row[4 * expert + h] }
          #expect(abs(found[r, gate.column + h] - expected) < 1e-6)
        }
      }
    }
  }

  @Test(arguments: [ReduceInstruction.Kind.sum, .max, .min]) func reductionsOverAxes(
    kind: ReduceInstruction.Kind
  ) throws {
    var b = PlanBuilder(.predict, capacity: 10)
    let x = b.feed("x", width: 5)
    let (overRows, overColumns) = (b.fixed(1, 5), b.value(width: 1))
    b.add(
      .reduce(
        ReduceInstruction(
          kind: kind, input: x, reduced: [true, false], output: overRows)))
    b.add(
      .reduce(
        ReduceInstruction(kind: kind, input: x, reduced: [false, true], output: overColumns)),
      sameLevel: true)
    b.fetch("rows", overRows)
    b.fetch("columns", overColumns)
    let session = try Session(plan: b.plan(), threads: 2)
    var numbers = TestNumbers(3)
    let input = numbers.array(35)
    try fill(session, "x", input)
    try session.run(.predict, rows: 7)
    func combined(_ values: [Float]) -> Float {
      switch kind {
      case .sum: values.reduce(0, +)
      case .max: values.max() ?? 0
      case .min: values.min() ?? 0
      }
    }
    let (rows, columns) = (
      try session.fetch("rows", .predict), try session.fetch("columns", .predict)
    )
    for c in 0..<5 {
      #expect(abs(rows[0, c] - combined((0..<7).map { input[5 * $0 + c] })) < 1e-5)
    }
    for r in 0..<7 {
      #expect(abs(columns[r, 0] - combined(Array(input[5 * r..<5 * r + 5]))) < 1e-5)
    }
  }

  @Test(arguments: [1, 2]) func randomNumbersFollowSeedAndStep(threads: Int) throws {
    var b = PlanBuilder(.train, capacity: 100)
    let x = b.value(width: 7)
    b.add(.random(RandomInstruction(output: x, stream: 3)))
    b.fetch("x", x)
    let session = try Session(plan: b.plan(), threads: threads)
    session.initialize(seed: 77)
    for step in 0..<3 {
      try session.run(.train, rows: 60)
      let found = try session.fetch("x", .train).values(rows: 60)
      let expected = CounterRandom(seed: 77).uniforms(stream: 3, step: step, count: 420)
      #expect(found == expected)
    }
  }

  /// Parameters that are columns of one fused matrix start, read and write like separate ones.
  @Test func parametersMayBeColumnsOfAMatrix() throws {
    var b = PlanBuilder(.train, capacity: 4)
    let matrix = b.parameter("whole", 6, 10)
    b.add(.fill(b.gradient(of: matrix), 0))
    var plan = b.plan()
    plan.parameters = [
      ParameterRecord(
        name: "left", shape: [6, 4], offset: 0, rows: 6, columns: 4, rowStride: 10,
        initializer: .normal(1), isTrainable: true, l2: 0),
      ParameterRecord(
        name: "right", shape: [2, 3, 6], offset: 4, rows: 6, columns: 6, rowStride: 10,
        initializer: .uniform(0.5), isTrainable: true, l2: 0),
    ]
    let session = try Session(plan: plan)
    session.initialize(seed: 11)
    let left = ParameterInitializer(seed: 11, name: "left")
    let right = ParameterInitializer(seed: 11, name: "right")
    #expect(try session.parameter("left") == (0..<24).map { left.normal($0, deviation: 1) })
    #expect(try session.parameter("right") == (0..<36).map { right.uniform($0, limit: 0.5) })
    let values = (0..<24).map { Float($0) }
    try session.setParameter("left", values)
    #expect(try session.parameter("left") == values)
    #expect(try session.parameter("right") == (0..<36).map { right.uniform($0, limit: 0.5) })
    #expect(throws: SessionError.self) { try session.setParameter("left", [1]) }
    // A value that is not finite is found in the parameter that holds it, the last row included.
    #expect(session.nonFiniteParameter() == nil)
    try session.setParameter("right", (0..<36).map { $0 == 35 ? .nan : Float($0) })
    #expect(session.nonFiniteParameter() == "right")
    try session.setParameter("left", (0..<24).map { $0 == 23 ? .infinity : Float($0) })
    #expect(session.nonFiniteParameter() == "left")
  }
}

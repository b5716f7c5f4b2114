import Plan
import Runtime
import Testing

/// Where a session finds the first number that is not finite.
@Suite struct DiagnosisTests {
  /// Layers `first` and `second`, the square of the first's result times 1e30, and the sum of four
  /// parameters of their own.
  private static func session() throws -> Session {
    var b = PlanBuilder(.predict, capacity: 5)
    let x = b.feed("x", width: 2)
    let label = b.feed("label", width: 3)
    let first = b.parameter("first.kernel", 2, 3)
    let second = b.parameter("second.kernel", 3, 3)
    let own = ["a.scale", "b.shift", "c.kernel", "d.bias"].map { b.parameter($0, 4, 1) }
    let (y, z) = (b.value(width: 3), b.value(width: 3))
    let (square, weighted) = (b.value(width: 3), b.value(width: 3))
    let sum = b.fixed(4, 1)
    func scaled(_ from: View, _ to: View) -> Instruction {
      .elementwise(
        ElementwiseInstruction(
          extents: to.extents, views: [from, to],
          steps: [
            .init(.load, destination: 0, a: 0), .init(.function(.square), destination: 1, a: 0),
            .init(.mulConstant, destination: 2, a: 1, immediate: 1e30), .init(.store, a: 2, b: 1),
          ]))
    }
    b.add(.matmul(MatmulInstruction(a: x, b: first, c: y)))
    b.add(scaled(y, square))
    b.add(.matmul(MatmulInstruction(a: square, b: second, c: z)))
    b.add(scaled(label, weighted))
    b.add(
      .elementwise(
        ElementwiseInstruction(
          extents: sum.extents, views: own + [sum],
          steps: [
            .init(.load, destination: 0, a: 0), .init(.load, destination: 1, a: 1),
            .init(.load, destination: 2, a: 2), .init(.load, destination: 3, a: 3),
            .init(.add, destination: 4, a: 0, b: 1), .init(.add, destination: 5, a: 4, b: 2),
            .init(.add, destination: 6, a: 5, b: 3), .init(.store, a: 6, b: 4),
          ])))
    b.fetch("z", z)
    b.fetch("weighted", weighted)
    b.fetch("sum", sum)
    let session = try Session(plan: b.plan())
    try session.setParameter("first.kernel", [1, 0, 0, 0, 1, 0])
    try session.setParameter("second.kernel", (0..<9).map { _ in 1e-30 })
    for (place, name) in ["a.scale", "b.shift", "c.kernel", "d.bias"].enumerated() {
      try session.setParameter(name, (0..<4).map { Float(10 * place + $0) })
    }
    for (name, width) in [("x", 2), ("label", 3)] {
      try fill(session, name, (0..<5 * width).map { Float($0) })
    }
    return session
  }

  private static func fill(_ session: Session, _ name: String, _ values: [Float]) throws {
    let block = try session.feed(name, .predict)
    block.base.assumingMemoryBound(to: Float.self).update(from: values, count: values.count)
  }

  private func found(
    rows: Int = 5, _ change: (Session) throws -> Void = { _ in }
  ) throws -> String? {
    let session = try Self.session()
    try change(session)
    return try session.runLookingForNonFinite(.predict, rows: rows)
  }

  @Test func finiteNumbersAreNothing() throws {
    #expect(try found() == nil)
  }

  @Test func aFeedIsNamedWithItsRow() throws {
    func broken(_ place: Int) -> (Session) throws -> Void {
      { try Self.fill($0, "label", (0..<15).map { $0 == place ? .nan : 1 }) }
    }
    #expect(try found(broken(0)) == "feed 'label', row 1 of the batch")
    #expect(try found(broken(2)) == "feed 'label', row 1 of the batch")
    #expect(try found(broken(3)) == "feed 'label', row 2 of the batch")
    #expect(try found(broken(14)) == "feed 'label', row 5 of the batch")
    // Rows behind those of the run are not looked at.
    #expect(try found(rows: 4, broken(12)) == nil)
  }

  @Test func feedsComeBeforeParameters() throws {
    let text = try found { session in
      try session.setParameter("second.kernel", (0..<9).map { $0 == 8 ? -.infinity : 0 })
      try Self.fill(session, "x", (0..<10).map { $0 == 7 ? .infinity : 1 })
    }
    #expect(text == "feed 'x', row 4 of the batch")
  }

  @Test func aParameterIsNamedByItsLayer() throws {
    let text = try found {
      try $0.setParameter("second.kernel", (0..<9).map { $0 == 8 ? -.infinity : 0 })
    }
    #expect(text == "the layer \"second\"")
  }

  @Test func aProductIsThatOfItsLayer() throws {
    let text = try found { try $0.setParameter("first.kernel", [3e38, 3e38, 0, 3e38, 3e38, 0]) }
    #expect(text == "the layer \"first\" (matmul)")
  }

  @Test func whatFollowsALayerSaysSo() throws {
    let text = try found { try $0.setParameter("first.kernel", [1e6, 0, 0, 0, 0, 0]) }
    #expect(text == "what follows the layer \"first\" (elementwise)")
  }

  @Test func theSecondLayerIsFoundWhereTheFirstIsFinite() throws {
    let text = try found { try $0.setParameter("second.kernel", (0..<9).map { _ in 1e38 }) }
    #expect(text == "the layer \"second\" (matmul)")
  }

  @Test func withoutALayerItIsTheLoss() throws {
    let text = try found { try Self.fill($0, "label", (0..<15).map { $0 == 13 ? 1e7 : 1 }) }
    #expect(text == "the loss (elementwise)")
  }

  @Test func threeLayersAreNamed() throws {
    let text = try found { session in
      for name in ["a.scale", "d.bias"] { try session.setParameter(name, [0, 0, 0, 3e38]) }
    }
    #expect(text == "the layers \"a\", \"b\", \"c\" and others (elementwise)")
  }

  @Test func fetchesAreReadByTheirStrides() throws {
    let session = try Self.session()
    try session.run(.predict, rows: 5)
    let sum = try session.fetch("sum", .predict)
    #expect(sum.values(rows: 5) == [60, 64, 68, 72])
    #expect(sum.scalar == 60)
    let weighted = try session.fetch("weighted", .predict)
    #expect(weighted[1, 2] == 25 * 1e30)
    #expect(weighted.values(rows: 2) == (0..<6).map { Float($0 * $0) * 1e30 })
    #expect(session.hasFetch("sum", .predict))
    #expect(!session.hasFetch("sums", .predict))
    #expect(!session.hasFetch("sum", .train))
    #expect(session.batchCapacity(.predict) == 5)
    #expect(session.batchCapacity(.train) == 0)
    let feeds = try session.feeds(.predict)
    #expect(feeds.map(\.name) == ["x", "label"])
    #expect(feeds.map(\.width) == [2, 3])
    #expect(feeds.map(\.capacity) == [5, 5])
    #expect(feeds.map(\.isInteger) == [false, false])
  }
}

/// Element for element against values that the definition of the generator gives.
@Suite struct ParameterInitializerTests {
  /// Published test values of the 64-bit FNV-1a hash.
  @Test func namesAreHashedByFNV1a() {
    #expect(ParameterInitializer.fnv1a("") == 0xcbf2_9ce4_8422_2325)
    #expect(ParameterInitializer.fnv1a("a") == 0xaf63_dc4c_8601_ec8c)
    #expect(ParameterInitializer.fnv1a("foobar") == 0x8594_4171_f739_67e8)
  }

  @Test func normalNumbersHaveTheirMoments() {
    let initializer = ParameterInitializer(seed: 3, name: "w")
    let values = (0..<20_000).map { Double(initializer.normal($0, deviation: 2)) }
    let mean = values.reduce(0, +) / 20_000
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    #expect(abs(mean) < 0.05)
    #expect(abs(variance - 4) < 0.15)
    // Of a normal distribution 4.55 % lie beyond two deviations, 0.27 % beyond three.
    let beyond = values.count { abs($0) > 4 }
    #expect((810...1010).contains(beyond))
    #expect((25...90).contains(values.count { abs($0) > 6 }))
    // Neighbours are independent.
    let product = zip(values, values.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 } / 20_000
    #expect(abs(product) < 0.12)
  }

  @Test func uniformNumbersFillTheirRange() {
    let initializer = ParameterInitializer(seed: 3, name: "w")
    let values = (0..<20_000).map { Double(initializer.uniform($0, limit: 0.5)) }
    #expect(values.allSatisfy { abs($0) <= 0.5 })
    for tenth in 0..<10 {
      let low = -0.5 + Double(tenth) / 10
      #expect((1850...2150).contains(values.count { $0 >= low && $0 < low + 0.1 }))
    }
  }

  @Test func seedsAndNamesGiveOtherNumbers() {
    let values = [(1, "w"), (2, "w"), (1, "v"), (1, "w ")].map { seed, name in
      (0..<4).map {
        ParameterInitializer(seed: UInt64(seed), name: name).uniform($0, limit: 1)
      }
    }
    #expect(Set(values).count == 4)
    #expect(Set(values.flatMap { $0 }).count == 16)
  }
}

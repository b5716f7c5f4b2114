import GraphIR
import Runtime
import TensorTypes
import Testing

/// What `mtlc compare` bounds rounding by.
@Suite struct RoundingPerturbationTests {
  private static let rows = 1024

  /// The values of an op over `rows` rows, as they are and moved.
  private func moved(
    _ x: [Double], _ op: (EagerEngine<Double>, EagerTensor<Double>) throws -> EagerTensor<Double>
  ) throws -> (exact: [Double], moved: [Double], longestSum: Int) {
    let engine = EagerEngine<Double>(seed: 1)
    var results: [[Double]] = []
    for perturbation in [nil, RoundingPerturbation(seed: 1)] {
      engine.perturbation = perturbation
      engine.beginStep(batchSize: x.count, feeds: [InputID("x"): .floats(x)], isRecording: false)
      results.append(try op(engine, engine.input(InputID("x"), .f32(.batch))).floats)
    }
    return (results[0], results[1], try #require(engine.perturbation).longestSum)
  }

  /// What cancels was rounded on the way: ones that end in 0 lose as much as those that end in n.
  @Test func sumsAreMovedByTheirMagnitudes() throws {
    for (n, difference) in [(Self.rows, -1.0), (Self.rows, 1), (2, -1), (2, 1), (3, 1)] {
      let x = (0..<n).map { $0 < (n + 1) / 2 ? 1.0 : difference }
      let found = try moved(x) { try $0.sum($1) }
      let expected = 0x1p-24 * Double(n).squareRoot() * Double(n)
      // But for the rounding of what was moved, up to n in double precision.
      let moved = abs(found.moved[0] - found.exact[0])
      #expect(abs(moved - expected) <= 0x1p-52 * Double(n))
      #expect(found.longestSum == n)
    }
  }

  @Test func otherOpsAreMovedByAFewUnitsOfTheirOwn() throws {
    let x = (0..<Self.rows).map { Double($0) / 8 + 1 }
    let found = try moved(x) { try $0.emitOne(.elementwise(.unary(.log)), [$1]) }
    for (exact, moved) in zip(found.exact, found.moved) {
      #expect(abs(abs(moved - exact) - 4 * 0x1p-24 * exact) <= 0x1p-52 * exact)
    }
    #expect(Set(zip(found.exact, found.moved).map { $0 < $1 || $0 == 0 }).count == 2)
  }

  /// A choice rounds nothing.
  @Test func choicesStayAsTheyAre() throws {
    let found = try moved((0..<Self.rows).map { Double($0) - 500 }) {
      try $0.emitOne(.elementwise(.unary(.relu)), [$1])
    }
    #expect(found.exact == found.moved)
  }

  /// Every draw of every step is another, from its first number on.
  @Test func drawsDiffer() throws {
    var signs: [[Bool]] = []
    for seed in UInt64(1)...16 {
      for draw in 0..<16 {
        let engine = EagerEngine<Double>(seed: 1)
        engine.perturbation = RoundingPerturbation(seed: seed, draw: draw)
        let x = [Double](repeating: 2, count: 64)
        engine.beginStep(batchSize: 64, feeds: [InputID("x"): .floats(x)], isRecording: false)
        let input = try engine.input(InputID("x"), .f32(.batch))
        let moved = try engine.emitOne(.elementwise(.unary(.square)), [input]).floats
        signs.append(moved.map { $0 > 4 })
      }
    }
    #expect(Set(signs).count == signs.count)
    for place in [0, 1, 2, 63] {
      let ups = signs.count { $0[place] }
      // Of 256 throws of a coin: five deviations.
      #expect((88...168).contains(ups), "\(place): \(ups)")
    }
  }
}

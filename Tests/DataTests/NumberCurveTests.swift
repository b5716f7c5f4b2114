import Data
import Foundation
import Schema
import Testing

/// Numbers counted in bins, and quantiles made normal.
@Suite struct NumberCurveTests {
  private func fit(
    _ values: [String], _ kind: FeatureDeclaration.Kind
  ) throws -> (normalizer: Normalizer, curve: NumberCurve, cells: [Float]) {
    let folder = try TemporaryFolder()
    let path = try folder.write("x,y\n" + values.map { "\($0),0\n" }.joined())
    let declaration = DataDeclaration(
      format: TableFormat(missing: ["?"]),
      features: [FeatureDeclaration(name: "x", column: "x", kind: kind)], labels: [])
    let fitted = try declaration.fit([path])
    guard case .numeric(let normalizer) = fitted.schema.features[0].encoder,
      let curve = normalizer.curve
    else { throw DataError("no curve") }
    return (normalizer, curve, Array(try #require(fitted.dataset.floats("numeric"))))
  }

  @Test func binsLieBetweenQuantiles() throws {
    let values = (0...100).map { ($0 * 37) % 101 }
    let (_, curve, cells) = try fit(
      values.map(String.init), .piecewise(bins: 4, pointMasses: false))
    #expect(curve.inputs == [0, 25, 50, 75, 100] && curve.bins == 4)
    for (value, cell) in zip(values, cells) { #expect(abs(cell - Float(value) / 25) < 1e-6) }
    // The lines at the ends go on.
    #expect(curve.value(-50) == -2 && curve.value(150) == 6)
  }

  /// Quantiles that are the same number count once, here 0 for 60 of 100 rows; a missing number is where the
  /// mean is. What is no float is kept as a double.
  @Test func pointMassesAreOneEdge() throws {
    let values = Array(repeating: "0", count: 60) + (1...39).map(String.init) + ["1e100", "?"]
    let (normalizer, curve, cells) = try fit(values, .piecewise(bins: 10, pointMasses: false))
    #expect(curve.inputs.first == 0 && curve.inputs.last == 1e100)
    #expect(zip(curve.inputs, curve.inputs.dropFirst()).allSatisfy(<))
    #expect(curve.inputs.count < 7 && curve.outputs == curve.inputs.indices.map(Double.init))
    #expect(cells[..<60].allSatisfy { $0 == 0 } && cells[99] == Float(curve.inputs.count - 1))
    #expect(cells[100] == normalizer.missing && normalizer.missing == normalizer.apply(1e98))
    #expect(
      normalizer.apply(1e300).isFinite && normalizer.apply(-1e300) == -.greatestFiniteMagnitude)
  }

  /// As a capital gain: 0 in most rows, small values beside it. 0 is told from them on either side, and
  /// the bins that it leaves lie between quantiles of the others.
  @Test func aPointMassHasABinOfItsOwn() throws {
    let others = (1...60).map { Double($0) * 1e-3 } + (1...30).map { Double($0) * 1000 }
    let below = (1...10).map { Double($0) * -7 }
    let values = [Double](repeating: 0, count: 1800) + others + below
    let (_, curve, cells) = try fit(
      values.map { "\($0)" }, .piecewise(bins: 12, pointMasses: true))
    let mass = try #require(curve.inputs.firstIndex(of: 0))
    #expect(curve.inputs[mass - 1] == -7 && curve.inputs[mass + 1] == 1e-3)
    #expect(curve.inputs.first == -70 && curve.inputs.last == 30_000 && curve.bins == 12)
    // What is free of 13 edges: all but those of 0, the values beside it and both ends.
    let sorted = (others + below).sorted()
    let quantiles = (1...8).map { sorted[Int((Double($0) / 9 * 99).rounded())] }
    #expect(Set(curve.inputs) == Set(quantiles + [-70, -7, 0, 1e-3, 30_000]))
    for (value, cell) in zip(values, cells) {
      let place = Float(mass)
      #expect(value == 0 ? cell == place : value < 0 ? cell <= place - 1 : cell >= place + 1)
    }
    // Between 0 and the next value that training had, the share of that bin alone moves.
    #expect(curve.value(5e-4) == Double(mass) + 0.5)
    // Without the option 0 and all small values lie in one place of one bin.
    let plain = try fit(values.map { "\($0)" }, .piecewise(bins: 12, pointMasses: false))
    let small = zip(values, plain.cells).filter { 0...0.06 ~= $0.0 }.map(\.1)
    #expect(small.max().map { $0 - (small.min() ?? 0) < 1e-3 } == true)
  }

  /// A column without a value of that many rows has the same bins either way.
  @Test(arguments: [2, 7, 48])
  func binsBesideMassesAreThoseOfQuantiles(bins: Int) throws {
    let values = (0..<500).map { "\(Double(($0 * 37) % 500) / 3)" }
    let (plain, beside) = (
      try fit(values, .piecewise(bins: bins, pointMasses: false)),
      try fit(values, .piecewise(bins: bins, pointMasses: true))
    )
    #expect(plain.normalizer == beside.normalizer && plain.cells == beside.cells)
  }

  /// Masses beside each other and at the ends, in more bins than there are values, and in too few.
  @Test func massesAtTheEnds() throws {
    let values = ["1", "1", "1", "2", "2", "2", "5", "5", "9", "9", "9", "?"]
    for bins in [4, 30] {
      let (normalizer, curve, cells) = try fit(values, .piecewise(bins: bins, pointMasses: true))
      #expect(curve.inputs == [1, 2, 5, 9] && curve.outputs == [0, 1, 2, 3])
      #expect(cells[..<11] == [0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 3])
      #expect(cells[11] == normalizer.missing)
    }
    let two = (1...30).map(String.init) + Array(repeating: "0", count: 60)
    #expect(try fit(two, .piecewise(bins: 2, pointMasses: true)).curve.inputs == [0, 1, 30])
  }

  @Test func aConstantIsOneBin() throws {
    for kind in [
      FeatureDeclaration.Kind.piecewise(bins: 8, pointMasses: false),
      .piecewise(bins: 8, pointMasses: true), .numeric(.quantile),
    ] {
      let (normalizer, _, cells) = try fit(["7", "7", "?", "7"], kind)
      #expect(cells == [0, 0, 0, 0] && normalizer.apply(1e9) == 0)
      let none = try fit(["?", "?"], kind)
      #expect(none.cells == [0, 0] && none.normalizer.apply(3) == 0)
    }
  }

  /// Φ of the number is the share of rows below, ties counted half, whatever the values are; beyond the ends
  /// it stays.
  @Test func quantilesBecomeNormal() throws {
    let values =
      (0..<500).map { Foundation.exp(Double($0) / 50) } + [Double](repeating: 0.5, count: 500)
    let (normalizer, curve, cells) = try fit(values.map { "\($0)" }, .numeric(.quantile))
    #expect(curve.inputs.count <= 257 && curve.isClamped)
    for (k, cell) in cells.enumerated() {
      let share = k < 500 ? (500.5 + Double(k)) / 1000 : 0.25
      let found = erfc(-Double(cell) / 2.0.squareRoot()) / 2
      #expect(abs(found - share) < 2e-3, "\(values[k])")
    }
    #expect(normalizer.apply(-1) == normalizer.apply(0.5))
    #expect(normalizer.apply(1e9) == cells.max())
    // The report's ranges are of the numbers as they were.
    #expect(abs(normalizer.inverse(normalizer.apply(90)) / 90 - 1) < 1e-3)
  }

  @Test func valuesTooFarApartAreHalved() {
    let curve = NumberCurve(inputs: [-1.5e308, 1.5e308], outputs: [0, 1], isClamped: true)
    #expect(curve.value(0) == 0.5 && curve.value(1.7e308) == 1 && curve.value(-1.7e308) == 0)
    #expect(NumberCurve(inputs: [], outputs: [], isClamped: false).value(3) == 0)
    #expect(NumberCurve(inputs: [1], outputs: [2], isClamped: false).value(3) == 2)
  }
}

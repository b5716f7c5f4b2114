import GraphIR
import ModelDefs
import Runtime
import Schema
import Testing

/// The encoding of numbers in bins against the formula of the paper in double precision.
@Suite struct PiecewiseLinearTests {
  private static let rows = 9

  /// The shares that a number u in units of bins has passed of each.
  private func shares(_ u: Double, bins: Int) -> [Double] {
    (0..<bins).map { t in
      if bins == 1 { return u }
      let share = u - Double(t)
      return t == 0 ? min(share, 1) : t == bins - 1 ? max(share, 0) : min(max(share, 0), 1)
    }
  }

  /// Read out by towers whose weights are the columns of the identity.
  @Test(arguments: [2, 3, 4, 11], [false, true])
  func sharesOfBins(bins: Int, isEmbedded: Bool) throws {
    var fixture = SpecFixture()
    let width = isEmbedded ? 3 : bins
    fixture.features =
      "[{ name: 'a', type: 'numeric' }, { name: 'x', type: 'numeric',"
      + " encoding: 'piecewise_linear', num_bins: \(bins)\(isEmbedded ? ", embedding_dim: 3" : "") },"
      + " { name: 'b', type: 'numeric' }]"
    fixture.tasks =
      "[" + (0..<width + 2).map { "{ name: 'c\($0)', loss: 'mse' }" }.joined(separator: ",")
      + "]"
    fixture.model = "{ type: 'shared_bottom', bottom_hidden_units: [], tower_hidden_units: [] }"
    let model = try ModelFixture(fixture)
    let eager = model.eager(optimizer: Optimizer(kind: .sgd, learningRate: 0))
    let u = (0..<Self.rows).map { Double($0 - 2) * Double(bins) / 5 + 0.1 }
    let others = (0..<Self.rows).map { Double($0) / 7 - 0.4 }
    var feeds = model.feeds(rows: Self.rows)
    feeds[InputID(FeedLayout.numeric)] = .floats(zip(u, others).flatMap { [$1, $0, -$1] })
    _ = try eager.predict(batchSize: Self.rows, feeds: feeds)
    for column in 0..<width + 2 {
      try eager.engine.setValues(
        of: ParameterID("towers.c\(column).output.kernel"),
        (0..<width + 2).map { $0 == column ? 1 : 0 })
    }
    let bias = [0.2, -0.1, 0.3]
    if isEmbedded { try eager.engine.setValues(of: ParameterID("numbers.x.bias"), bias) }
    let outputs = try eager.predict(batchSize: Self.rows, feeds: feeds)
    let kernel = eager.engine.variable(ParameterID("numbers.x.kernel"))?.values ?? []
    #expect(kernel.count == (isEmbedded ? 3 * bins : 0))
    for row in 0..<Self.rows {
      let passed = shares(u[row], bins: bins)
      let read =
        isEmbedded
        ? (0..<3).map { j in
          max(0, passed.indices.reduce(bias[j]) { $0 + passed[$1] * kernel[$1 * 3 + j] })
        } : passed
      for (column, expected) in (read + [others[row], -others[row]]).enumerated() {
        let found = outputs[OutputName.prediction("c\(column)")]?.floats[row] ?? .nan
        #expect(abs(found - expected) < 1e-12, "\(u[row]) \(column)")
      }
    }
  }
}

import GraphIR
import Passes
import Plan
import Runtime
import Schema
import TensorTypes
import Testing

/// Rows that a comparison replaces because a derivative jumps within rounding of them.
@Suite struct KinkTests {
  /// Rows of two numbers.
  private struct Rows: BatchSource {
    let feeds = [FeedLayout.Feed(name: FeedLayout.numeric, width: 2, isInteger: false)]
    let values: [[Float]]
    var rowCount: Int { values.count }

    func copyRows(
      _ rows: UnsafeBufferPointer<Int32>, into destinations: [UnsafeMutableRawPointer?]
    ) {
      guard let target = destinations[0]?.assumingMemoryBound(to: Float.self) else { return }
      for (index, row) in rows.enumerated() {
        for column in 0..<2 { target[2 * index + column] = values[Int(row)][column] }
      }
    }
  }

  enum Bend: CaseIterable {
    case relu, absolute, maximum, least, compared, smooth
  }

  /// The mean of a function that bends where the two numbers of a row, times weights of 1, cancel.
  private func emit<E: Emitter>(_ bend: Bend, on e: E) throws {
    let x = try e.input(InputID(FeedLayout.numeric), .f32(.batch, 2))
    let w = try e.parameter(Parameter(ParameterID("w"), .f32(2), .constant(1)))
    let terms = try e.mul(x, w)
    let a = try e.slice(terms, axis: 1, 0..<1)
    let b = try e.neg(e.slice(terms, axis: 1, 1..<2))
    let sum = try e.sub(a, b)
    let zero = try e.constant(0, .f32())
    let y =
      switch bend {
      case .relu: try e.relu(sum)
      case .absolute: try e.abs(sum)
      case .maximum: try e.max(sum, zero)
      case .least: try e.min(a, b)
      case .compared: try e.select(e.compare(.greater, a, b), a, e.scale(b, by: 2))
      case .smooth: try e.tanh(sum)
      }
    try e.output(OutputName.loss, e.mean(e.square(y)))
  }

  private func replaced(_ bend: Bend, _ odd: [Float]) throws -> Int {
    let builder = GraphBuilder(name: "bend", isTraining: true)
    try emit(bend, on: builder)
    let optimizer = Optimizer(kind: .sgd, learningRate: 0.1)
    let runner = try PlanRunner(builder.graph, capacity: 4, optimizer: optimizer)
    runner.session.initialize(seed: 1)
    func model<Scalar: EagerScalar>() -> EagerModel<Scalar> {
      EagerModel(seed: 1, optimizer: optimizer) { try emit(bend, on: $0) }
    }
    let plain: [Float] = [2, 1]
    let rows = Rows(values: [plain, odd, plain, odd, plain, plain, plain, plain])
    let report = try ModeComparison(
      session: runner.session, eager: model(), reference: model()
    ).run(rows, order: Array(0..<8), steps: 1)
    return report.replacedRows
  }

  @Test(arguments: Bend.allCases) func rowsAtABendAreReplaced(_ bend: Bend) throws {
    // 3·10⁻⁵ is the limit where the largest sum is 3; both signs of what is below it.
    for near: Float in [1e-5, -1e-5] {
      #expect(try replaced(bend, [1 + near, -1]) == (bend == .smooth ? 0 : 2), "\(near)")
    }
    for far: Float in [1e-3, -1e-3] { #expect(try replaced(bend, [1 + far, -1]) == 0, "\(far)") }
    // Exactly at the bend both modes are there.
    #expect(try replaced(bend, [1, -1]) == 0)
    #expect(try replaced(bend, [0, 0]) == 0)
  }
}

import CKernels
import GraphIR
import Passes
import Plan
import Runtime
import Schema
import TensorTypes
import TestSupport
import Testing

/// Training steps whose products may round their operands. Without tiles of bfloat16 all precisions
/// are one, and what is said here of their distance holds all the same.
@Suite struct MatmulPrecisionTests {
  private static let rows = 256
  private static let numbers = 128
  private static let steps = 12
  private static let hasTiles = String(cString: mtlc_kernels_isa()) == "amx"

  /// Two hidden layers, large enough that all products but those of the head pay on tiles.
  private static let plan = Result { () throws -> Plan in
    let e = GraphBuilder(name: "wide")
    let x = try e.input(InputID("x"), .f32(.batch, .fixed(numbers)))
    let y = try e.input(InputID("y"), .f32(.batch, 1))
    func layer(_ name: String, _ input: GraphBuilder.Tensor, _ from: Int, _ to: Int) throws
      -> GraphBuilder.Tensor
    {
      let kernel = try e.parameter(
        Parameter(ParameterID("\(name).kernel"), .f32(.fixed(from), .fixed(to)), .uniform(0.15)))
      let bias = try e.parameter(
        Parameter(ParameterID("\(name).bias"), .f32(.fixed(to)), .constant(0.01)))
      return try e.add(e.matmul(input, kernel), bias)
    }
    let first = try e.relu(layer("first", x, numbers, 192))
    let second = try e.tanh(layer("second", first, 192, 96))
    let z = try layer("head", second, 96, 1)
    try e.output("prediction", z)
    try e.output("loss", e.mean(e.square(e.sub(z, y))))
    return try PlanRunner(
      e.graph, capacity: rows, optimizer: .init(kind: .sgd, learningRate: 0.05, [.momentum: 0.9])
    ).plan
  }

  private func session(
    _ precision: MatmulPrecision, threads: Int = 1, at weights: [Float]? = nil,
    progress: TrainingProgress? = nil
  ) throws -> Session {
    var plan = try Self.plan.get()
    plan.training.kernels.matmulPrecision = precision
    plan.weights = weights
    plan.progress = progress
    let session = try Session(plan: plan, threads: threads)
    session.adaptsThreads = false
    if weights == nil { session.initialize(seed: 11) }
    return session
  }

  private func feed(_ session: Session, _ kind: Program.Kind, step: Int) throws {
    var random = SplitMix64(seed: UInt64(step + 1))
    let x = (0..<Self.rows * Self.numbers).map { _ in Float(random.next() % 2001) / 1000 - 1 }
    for block in try session.feeds(kind) {
      let target = block.base.assumingMemoryBound(to: Float.self)
      for index in 0..<Self.rows * block.width {
        target[index] =
          block.name == "x" ? x[index] : x[index * Self.numbers] * x[index * Self.numbers + 1]
      }
    }
  }

  /// Losses of the steps in this range.
  private func train(_ session: Session, _ steps: Range<Int> = 0..<Self.steps) throws -> [Float] {
    let loss = try session.fetch("loss", .train)
    return try steps.map { step in
      try feed(session, .train, step: step)
      try session.run(.train, rows: Self.rows)
      return loss.scalar
    }
  }

  private func values(_ session: Session, _ kind: Program.Kind) throws -> [String: [Float]] {
    try feed(session, kind, step: 99)
    try session.run(kind, rows: Self.rows)
    let names = (session.plan.program(kind)?.fetches ?? []).map(\.name)
    return try Dictionary(
      uniqueKeysWithValues: names.map {
        ($0, try session.fetch($0, kind).values(rows: Self.rows))
      })
  }

  /// A number is off by 2⁻⁸ of itself at most, or by 2⁻¹⁷, so that a product of two is by 2⁻⁷, or
  /// (without the product of second parts) by 2⁻¹⁵. A loss is a mean over many rows and sums whose
  /// errors fall to both sides; gradient descent, whose step is in proportion to the gradient, keeps
  /// it there.
  @Test(arguments: [(MatmulPrecision.high, Float(0x1p-15)), (.medium, 0x1p-7)])
  func lossesStayNear(_ precision: MatmulPrecision, _ bound: Float) throws {
    let exact = try session(.highest)
    let other = try session(precision)
    let (x, y) = (try train(exact), try train(other))
    #expect(x[Self.steps - 1] < x[0])
    for (x, y) in zip(x, y) { #expect(abs(x - y) < (bound + 1e-6) * x, "\(x), \(y)") }
    // The key reaches the kernels where there is something that can take it.
    #expect((exact.weights != other.weights) == Self.hasTiles)
  }

  @Test func lessPrecisionIsFartherAway() throws {
    let exact = try session(.highest)
    let sessions = [try session(.high), try session(.medium)]
    _ = try train(exact)
    let distances = try sessions.map { other -> Float in
      _ = try train(other)
      return zip(exact.weights, other.weights).map { abs($0 - $1) }.max() ?? 0
    }
    #expect(Self.hasTiles ? distances[1] > 16 * distances[0] : distances == [0, 0])
  }

  @Test(arguments: [MatmulPrecision.high, .medium])
  func twoThreadsGiveTheSameBits(_ precision: MatmulPrecision) throws {
    let (one, two) = (try session(precision), try session(precision, threads: 2))
    #expect(try train(one) == train(two))
    #expect(one.weights == two.weights)
    #expect(one.optimizerStates == two.optimizerStates)
  }

  @Test(arguments: [MatmulPrecision.high, .medium])
  func stoppingAndGoingOnChangesNothing(_ precision: MatmulPrecision) throws {
    let whole = try session(precision)
    let losses = try train(whole)
    let first = try session(precision)
    _ = try train(first, 0..<5)
    let second = try session(
      precision, threads: 2, at: first.weights,
      progress: TrainingProgress(
        step: first.step, epoch: 0, rowInEpoch: 5 * Self.rows, states: first.optimizerStates))
    #expect(try train(second, 5..<Self.steps) == Array(losses[5...]))
    #expect(second.weights == whole.weights)
    #expect(second.optimizerStates == whole.optimizerStates)
  }

  /// Same weights, same predictions and gradients: only a training step may round.
  @Test(arguments: [Program.Kind.predict, .gradients])
  func otherProgramsAreExact(_ kind: Program.Kind) throws {
    let trained = try session(.medium)
    _ = try train(trained)
    let exact = try values(session(.highest, at: trained.weights), kind)
    #expect(exact["prediction"]?.count == Self.rows)
    for precision in [MatmulPrecision.high, .medium] {
      #expect(try values(session(precision, at: trained.weights), kind) == exact)
    }
    #expect(try values(trained, kind) == exact)
  }
}

import Plan
import Schema
import TensorTypes
import Testing

/// Convolutions and pooling in plans: their bytes, and what the validator refuses.
@Suite struct ConvolutionInstructionTests {
  private static func images(_ buffer: Int, _ sizes: [Int]) -> View {
    var strides = [Int](repeating: 1, count: sizes.count)
    for axis in stride(from: sizes.count - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * sizes[axis + 1]
    }
    return View(buffer: BufferID(buffer), extents: sizes.map { .fixed($0) }, strides: strides)
  }

  /// y = conv(x, w), indices of the largest, their elements.
  static func plan(
    _ change: (inout ConvolutionInstruction, inout PoolInstruction) -> Void = { _, _ in }
  ) -> Plan {
    var convolution = ConvolutionInstruction(
      kind: .forward, image: images(0, [2, 4, 4, 1]), filter: images(1, [3, 3, 1, 2]),
      result: images(2, [2, 4, 4, 2]), stride: 1, padding: 1)
    var pool = PoolInstruction(
      kind: .largest, image: images(2, [2, 4, 4, 2]), indices: images(3, [2, 2, 2, 2]),
      result: images(4, [2, 2, 2, 2]), window: 2, stride: 2)
    change(&convolution, &pool)
    let buffers = [
      Buffer(space: .feeds, offset: 0, count: 32, dtype: .f32),
      Buffer(space: .parameters, offset: 0, count: 18, dtype: .f32),
      Buffer(space: .arena, offset: 0, count: 64, dtype: .f32, lifetime: 0...1),
      Buffer(space: .arena, offset: 64, count: 16, dtype: .i32, lifetime: 0...1),
      Buffer(space: .arena, offset: 80, count: 16, dtype: .f32, lifetime: 0...1),
    ]
    let program = Program(
      kind: .predict, batchCapacity: 1, buffers: buffers, arenaFloats: 96,
      instructions: [.convolution(convolution), .pool(pool)], levels: [0, 1],
      feeds: [FeedRecord(name: "support.images", buffer: BufferID(0), width: 32)],
      fetches: [FetchRecord(name: "y", view: images(4, [2, 2, 2, 2]))])
    return Plan(
      name: "images", schema: DataSchema(format: TableFormat(), features: [], labels: []),
      tasks: [],
      training: TrainingSettings(
        batchSize: 1, evaluationBatchSize: 1, epochs: 1, seed: 1,
        optimizer: Optimizer(kind: .sgd, learningRate: 0.1)),
      parameters: [
        ParameterRecord(
          name: "w", shape: [3, 3, 1, 2], offset: 0, rows: 9, columns: 2, rowStride: 2,
          initializer: .normal(1), isTrainable: true, l2: 0)
      ], parameterFloats: 18, programs: [program],
      episodes: EpisodeSettings(
        kind: .images(ways: 2, shots: 1, queries: 1, height: 4, width: 4, rotations: false),
        steps: 3, tasksPerStep: 2, evaluationEpisodes: 4, evaluationInterval: 0))
  }

  private func findings(_ plan: Plan) -> String {
    PlanValidator(plan).findings().map { "\($0)" }.joined(separator: "\n")
  }

  @Test func isValidAndKeepsItsBytes() throws {
    #expect(findings(Self.plan()) == "")
    #expect(try Plan(decoding: Self.plan().encoded()) == Self.plan())
  }

  @Test func survivesTruncation() {
    let bytes = Self.plan().encoded()
    for count in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: PlanError.self) { try Plan(decoding: Array(bytes.prefix(count))) }
    }
  }

  @Test func refusesWhatDoesNotFit() {
    let cases: [(String, Plan)] = [
      ("is not 4×4", Self.plan { convolution, _ in convolution.padding = 0 }),
      ("stride 0", Self.plan { convolution, _ in convolution.stride = 0 }),
      (
        "a filter of 2×1",
        Self.plan { convolution, _ in convolution.filter = Self.images(1, [3, 3, 2, 1]) }
      ),
      (
        "does not lie inside",
        Self.plan { convolution, _ in convolution.image = Self.images(0, [3, 4, 4, 1]) }
      ),
      (
        "overlaps",
        Self.plan { convolution, _ in
          convolution.image = Self.images(2, [2, 4, 4, 1])
        }
      ),
      ("are no images", Self.plan { convolution, _ in convolution.image = Self.images(0, [32]) }),
      ("window 0", Self.plan { _, pool in pool.window = 0 }),
      (
        "is i32, expected f32",
        Self.plan { _, pool in pool.result = Self.images(3, [2, 2, 2, 2]) }
      ),
      (
        "expected [2, 2, 2, 2]",
        Self.plan { _, pool in pool.result = Self.images(4, [2, 2, 2, 1]) }
      ),
      (
        "it has no result",
        Self.plan { _, pool in
          pool.kind = .scatter
          pool.result = nil
        }
      ),
    ]
    for (words, plan) in cases {
      #expect(findings(plan).contains(words), "\(findings(plan)) lacks \(words)")
    }
    var plan = Self.plan()
    plan.episodes?.steps = 0
    #expect(findings(plan).contains("sizes that are not possible"))
    for (ways, side, steps) in [(1 << 12, 1 << 14, 1), (1 << 24 + 1, 4, 1), (2, 4, Int.max)] {
      plan = Self.plan()
      plan.episodes?.steps = steps
      plan.episodes?.kind = .images(
        ways: ways, shots: 2, queries: 1, height: side, width: side, rotations: false)
      #expect(findings(plan).contains("sizes that are not possible"), "\(ways) \(side) \(steps)")
    }
    plan = Self.plan()
    // Its images are written as these sizes say, whatever room the feed has.
    plan.episodes?.kind = .images(
      ways: 2, shots: 2, queries: 1, height: 4, width: 4, rotations: false)
    #expect(findings(plan).contains("feed support.images has width 32, the schema's 64"))
  }
}

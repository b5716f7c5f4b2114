import Plan
import Schema
import TensorTypes
import Testing

/// What a plan with micro-batches must be like.
@Suite struct MicroBatchPlanTests {
  private static func dense(_ buffer: Int) -> View {
    View(
      buffer: BufferID(buffer), offset: 16, extents: [.fixed(2), .fixed(3)], strides: [3, 1])
  }

  private static func block(_ buffer: Int) -> View {
    View(buffer: BufferID(buffer), extents: [.fixed(32)], strides: [1])
  }

  private static func buffer(
    _ space: Buffer.Space, _ count: Int, _ dtype: DType = .f32, at offset: Int = 0
  ) -> Buffer {
    Buffer(
      space: space, offset: offset, count: count, dtype: dtype,
      lifetime: space == .arena ? 0...1 : nil)
  }

  /// A table of five rows and a dense parameter; batches of eight rows in three parts.
  static func plan() -> Plan {
    var training = TrainingSettings(
      batchSize: 8, evaluationBatchSize: 8, epochs: 1, seed: 1,
      optimizer: Optimizer(
        kind: .sgd, sparse: SparseOptimizer(kind: .sgd, tables: ["table"])))
    training.microBatches = MicroBatches(3)
    func parameter(
      _ name: String, _ rows: Int, _ columns: Int, at offset: Int, isTrainable: Bool = true
    ) -> ParameterRecord {
      ParameterRecord(
        name: name, shape: rows == 1 ? [columns] : [rows, columns], offset: offset, rows: rows,
        columns: columns, rowStride: columns, initializer: .constant(0), isTrainable: isTrainable,
        l2: 0)
    }
    let parameters = [
      parameter("table", 5, 2, at: 0), parameter("dense", 2, 3, at: 16),
      parameter(MicroBatches.weightsParameter, 1, 2, at: 24, isTrainable: false),
    ]
    let train = Program(
      kind: .train, batchCapacity: 3,
      buffers: [buffer(.gradients, 32), buffer(.feeds, 6, .i32), buffer(.arena, 6)],
      arenaFloats: 6,
      instructions: [.fill(dense(0), 1), .fill(SamplePlan.matrix(2, 2), 2)], levels: [0],
      feeds: [FeedRecord(name: "ids", buffer: BufferID(1), width: 2)],
      fetches: [
        FetchRecord(name: Program.rowGradients(0), view: SamplePlan.matrix(2, 2))
      ])
    let update = Program(
      kind: .update, batchCapacity: 8,
      buffers: [
        buffer(.parameters, 32), buffer(.gradients, 32), buffer(.feeds, 16, .i32),
        buffer(.feeds, 16, at: 16),
      ], arenaFloats: 0,
      instructions: [
        .optimizer(
          OptimizerInstruction(
            parameters: block(0), gradients: block(1),
            segments: [.init(offset: 16, count: 6, l2: 0)]
          )),
        .sparseUpdate(
          SparseUpdateInstruction(
            table: View(
              buffer: BufferID(0), extents: [.fixed(5), .fixed(2)], strides: [2, 1]), l2: 0,
            sources: [
              .init(
                ids: SamplePlan.matrix(2, 1, stride: 2), pooling: .sum,
                matrix: SamplePlan.matrix(3, 2))
            ])),
      ], levels: [0],
      feeds: [
        FeedRecord(name: "ids", buffer: BufferID(2), width: 2),
        FeedRecord(name: Program.rowGradients(0), buffer: BufferID(3), width: 2),
      ], fetches: [])
    return Plan(
      name: "parts",
      schema: DataSchema(
        format: TableFormat(),
        features: ["u", "v"].map {
          FeatureSchema(name: $0, column: $0, encoder: .id(.identity(count: 4)))
        }, labels: [LabelSchema(task: "click", column: "y", kind: .binary)]), tasks: [],
      training: training, parameters: parameters, parameterFloats: 32, programs: [train, update])
  }

  private func findings(_ change: (inout Plan) -> Void = { _ in }) -> [String] {
    var plan = Self.plan()
    change(&plan)
    return PlanValidator(plan).findings().map(\.description)
  }

  @Test func itReadsBack() throws {
    #expect(findings() == [])
    let plan = Self.plan()
    let bytes = plan.encoded()
    #expect(try Plan(decoding: bytes) == plan)
    var whole = plan
    whole.training.microBatches = MicroBatches()
    whole.programs.removeLast()
    // A batch in one piece has no section.
    #expect(whole.encoded().count < bytes.count)
    #expect(try Plan(decoding: whole.encoded()).training.microBatches.count == 1)
  }

  @Test func runsOfReadGradients() {
    let plan = Self.plan()
    #expect(plan.program(.update)?.readGradients == [16..<22])
    // Two sums of six floats, and two ids for each row of the batch.
    var without = plan
    without.programs.removeLast()
    let update = plan.programs[1]
    #expect(plan.memoryBytes - without.memoryBytes == 4 * (2 * 6 + 2 * 8 + update.feedFloats))
  }

  @Test func whatDoesNotFitIsRefused() {
    func expect(
      _ words: String, _ location: SourceLocation = #_sourceLocation,
      _ change: (inout Plan) -> Void
    ) {
      let found = findings(change)
      #expect(
        found.contains { $0.contains(words) }, "\(words) in \(found)", sourceLocation: location)
    }
    for count in [0, -1, MicroBatches.most + 1, .max, .min] {
      expect("batches of \(count) micro-batches") { $0.training.microBatches.count = count }
    }
    expect("9 micro-batches of a batch of 8 rows") { $0.training.microBatches.count = 9 }
    expect("an update program without micro-batches") { $0.training.microBatches.count = 1 }
    expect("fewer than a micro-batch has") { $0.training.microBatches.count = 2 }
    expect("a batch size of \(Int.max)") { $0.training.batchSize = .max }
    expect("micro-batches without an update program") { $0.programs.removeLast() }
    expect("an update program without a training program") { $0.programs.removeFirst() }
    expect("an update program for 8 rows, fewer than a batch has") { $0.training.batchSize = 9 }
    expect("which takes gradients apart") { $0.training.taskWeighting = .pcGrad }
    expect("micro-batches of episodes") {
      $0.episodes = EpisodeSettings(
        kind: .rows(support: 1, queries: 1), steps: 1, tasksPerStep: 1, evaluationEpisodes: 1,
        evaluationInterval: 1)
    }
    expect("is fed ids, which no micro-batch has") {
      $0.programs[0].feeds = []
      $0.programs[0].buffers[1].space = .gradients
    }
    expect("is fed row_gradients.0, which no micro-batch has") { $0.programs[0].fetches = [] }
    expect("feed row_gradients.0 has width 2") {
      $0.programs[0].fetches[0].view.extents[1] = .fixed(1)
    }
    expect("a train program writes into the parameters space") {
      $0.programs[0].buffers[0].space = .parameters
    }
    expect("is not a number for each label and one more") { $0.parameters[2].isTrainable = true }
    expect("is not a number for each label and one more") { $0.schema.labels = [] }
  }
}

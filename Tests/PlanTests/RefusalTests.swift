import Plan
import Schema
import TensorTypes
import Testing

/// Each way to break the sample plan gives the finding that names it.
@Suite struct RefusalTests {
  private func findings(_ change: (inout Program) -> Void) -> [String] {
    var plan = SamplePlan.plan()
    change(&plan.programs[0])
    return PlanValidator(plan).findings().map(\.description)
  }

  /// One of the findings says these words, and nothing else is wrong.
  private func expect(
    _ words: String, _ location: SourceLocation = #_sourceLocation,
    _ change: (inout Program) -> Void
  ) {
    let found = findings(change)
    #expect(
      found.count == 1 && found[0].contains(words), "\(found)", sourceLocation: location)
  }

  private func matmul(
    _ program: inout Program, _ index: Int, _ change: (inout MatmulInstruction) -> Void
  ) {
    guard case .matmul(var product) = program.instructions[index] else { return }
    change(&product)
    program.instructions[index] = .matmul(product)
  }

  /// Two gates of one expert each instead of one of two.
  private func gates(_ program: inout Program, logits: [Int], columns: [Int]) {
    guard case .mixture(var mixture) = program.instructions[4],
      case .mixtureGradient(var gradient) = program.instructions[7]
    else { return }
    let layout = MixtureLayout(
      width: 1, expertColumns: [0, 3],
      gates: [
        .init(experts: [0], logitColumn: logits[0], column: columns[0]),
        .init(experts: [1], logitColumn: logits[1], column: columns[1]),
      ])
    mixture.layout = layout
    gradient.layout.width = 1
    program.instructions[4] = .mixture(mixture)
    program.instructions[7] = .mixtureGradient(gradient)
  }

  @Test func mixturesOfGatesThatOverlap() {
    #expect(findings { gates(&$0, logits: [0, 1], columns: [0, 1]) } == [])
    expect("train[4]: mixture: logits of gates overlap") {
      gates(&$0, logits: [0, 0], columns: [0, 1])
    }
    expect("train[4]: mixture: results of gates overlap") {
      gates(&$0, logits: [0, 1], columns: [1, 1])
    }
  }

  @Test func productsThatWriteOverEachOther() {
    expect("train[14]: matmul+update: parameter overlaps bias parameter") {
      matmul(&$0, 14) { $0.columnUpdate?.parameter = SamplePlan.vector(3, 6, offset: 3) }
    }
    expect("train[14]: matmul+update: b overlaps column sums") {
      matmul(&$0, 14) { $0.columnSums = SamplePlan.vector(11, 6) }
    }
    expect("train[16]: matmul: a overlaps c") {
      matmul(&$0, 16) {
        $0.gradientOf = nil
        $0.y = nil
        $0.c = SamplePlan.matrix(11, 4)
      }
    }
  }

  /// A softmax writes rows without gaps, of the size that it reads.
  @Test func softmaxOfOtherRows() {
    func softmax(_ output: View) -> Instruction {
      .softmax(SoftmaxInstruction(input: SamplePlan.matrix(12, 2), output: output))
    }
    let wide = findings { $0.instructions[8] = softmax(SamplePlan.matrix(12, 1)) }
    #expect(wide.contains { $0.contains("train[8]: softmax: output") }, "\(wide)")
    let apart = findings {
      var view = SamplePlan.matrix(12, 2)
      view.strides = [2, 2]
      $0.instructions[8] = softmax(view)
    }
    #expect(apart.contains { $0.contains("train[8]: softmax: output") }, "\(apart)")
  }

  @Test func loopsOfTooManyReductions() {
    let found = findings {
      guard case .elementwise(var loop) = $0.instructions[6] else { return }
      loop.steps += (0..<8).map { _ in .init(.sumAll, a: 3, b: 2) }
      $0.instructions[6] = .elementwise(loop)
    }
    #expect(found.contains { $0.contains("elementwise: 9 reductions") }, "\(found)")
  }

  @Test func updatesOfWhatIsNoParameter() {
    expect("parameter is not a parameter") {
      matmul(&$0, 14) { $0.update?.parameter.buffer = BufferID(4) }
    }
    expect("an L2 factor of -0.5") { matmul(&$0, 14) { $0.update?.l2 = -0.5 } }
    expect("optimizer: its gradients lie in the parameters space") {
      guard case .optimizer(var step) = $0.instructions[15] else { return }
      step.gradients = step.parameters
      step.segments = []
      $0.instructions[15] = .optimizer(step)
    }
  }

  /// A buffer may take the memory of another from the instruction on at which that one ends.
  @Test func memoryIsSharedFromTheLastUseOn() {
    func share(_ program: inout Program, from start: Int) {
      program.buffers[7].lifetime = 2...4
      program.buffers[12].lifetime = start...16
      program.buffers[12].offset = program.buffers[7].offset
    }
    #expect(findings { share(&$0, from: 4) } == [])
    expect("share memory while both live") { share(&$0, from: 3) }
  }

  /// The overlap of neighbours is found whatever starts first.
  @Test func whatIsReadWasWrittenInAnEarlierLevel() {
    expect("train[4]: it reads &6 before anything wrote it") {
      $0.instructions[1] = .fill(SamplePlan.matrix(13, 1, stride: 1), 0)
      $0.instructions[1] = .batchSize(BatchSizeInstruction(view: SamplePlan.scalar(13, offset: 3)))
      $0.instructions[7] = .fill(SamplePlan.matrix(11, 6), 0)
      $0.instructions[8] = .fill(SamplePlan.matrix(12, 2), 0)
    }
  }

  @Test func updatesByRowsOfOtherRows() {
    var plan = SamplePlan.plan()
    plan.training.optimizer.sparse = SparseOptimizer(kind: .lazyAdam, tables: ["table"])
    let table = View(
      buffer: BufferID(3), offset: 30, extents: [.fixed(5), .fixed(2)], strides: [2, 1])
    let matrix = View(
      buffer: BufferID(11), offset: 4, extents: [.batch(times: 1), .fixed(2)], strides: [6, 1])
    let ids = View(
      buffer: BufferID(2), extents: [.fixed(SamplePlan.rows), .fixed(2)], strides: [2, 1])
    plan.programs[0].instructions[15] = .sparseUpdate(
      SparseUpdateInstruction(
        table: table, l2: 0, sources: [.init(ids: ids, pooling: .sum, matrix: matrix)]))
    let found = PlanValidator(plan).findings().map(\.description)
    #expect(found.count == 1 && found[0].contains("ids have 4 rows, the gradient B"), "\(found)")
  }

  /// A gradient that is fetched has as many elements as its parameter has.
  @Test func gradientsAreOfTheSizeOfTheirParameter() {
    var plan = SamplePlan.plan()
    plan.programs[0].kind = .gradients
    plan.programs[0].instructions = [.fill(SamplePlan.vector(4, 40), 0)]
    plan.programs[0].levels = [0]
    for index in plan.programs[0].buffers.indices {
      plan.programs[0].buffers[index].lifetime = nil
      if plan.programs[0].buffers[index].space == .arena {
        plan.programs[0].buffers[index].lifetime = 0...0
        plan.programs[0].buffers[index].count = 0
      }
    }
    func findings(_ count: Int) -> [String] {
      plan.programs[0].fetches = [
        FetchRecord(name: "gradient.bias", view: SamplePlan.vector(4, count, offset: 24))
      ]
      return PlanValidator(plan).findings().map(\.description)
    }
    #expect(findings(6) == [])
    #expect(findings(7).first?.contains("is not of the size of its parameter") == true)
  }
}

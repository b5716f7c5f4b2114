import Plan
import Schema
import TensorTypes
import Testing

/// Numbers at the limits of what they can be: refused, and never computed with before that.
@Suite struct LimitTests {
  private func findings(_ change: (inout Plan) -> Void) -> String {
    var plan = SamplePlan.plan()
    change(&plan)
    // What a listing or an overview says of it has to come out too.
    _ = (plan.text, plan.memoryBytes, plan.programs.map(\.intermediateFloats))
    for instruction in plan.programs.flatMap(\.instructions) { _ = instruction.cost(rows: 1 << 24) }
    return PlanValidator(plan).findings().map(\.description).joined(separator: "\n")
  }

  private func loop(_ change: (inout ElementwiseInstruction) -> Void) -> String {
    findings {
      guard case .elementwise(var loop) = $0.programs[0].instructions[6] else { return }
      change(&loop)
      $0.programs[0].instructions[6] = .elementwise(loop)
    }
  }

  /// Views may repeat their elements, which takes time and no memory.
  @Test func whatAnInstructionWalksOverIsBounded() {
    let reduced = findings {
      guard case .reduce(var reduce) = $0.programs[0].instructions[11] else { return }
      reduce.input.extents = [.fixed(1 << 40), .fixed(6)]
      reduce.input.strides = [0, 1]
      $0.programs[0].instructions[11] = .reduce(reduce)
    }
    #expect(reduced.contains("train[11]: reduce: it walks over 6597069766656 elements of 7"))
    let filled = findings {
      let all = View(
        buffer: BufferID(13), extents: [.batch(times: 1 << 20), .fixed(1 << 20)], strides: [0, 0])
      $0.programs[0].instructions[5] = .fill(all, 1)
    }
    #expect(filled.contains("fill: it walks over 4398046511104 elements of 1"))
    // A sum of constants reads nothing.
    let constants = loop {
      $0.extents = [.fixed(1 << 20), .fixed(1 << 20)]
      $0.steps = [.init(.constant, destination: 0, immediate: 1), .init(.sumAll, a: 0, b: 2)]
    }
    #expect(constants.contains("elementwise: it walks over 1099511627776 elements of 1"))
    let overflowing = loop {
      $0.extents = [.batch(times: .max), .fixed(.max), .fixed(.min), .batch(times: -1)]
    }
    #expect(overflowing.contains("a loop over"))
  }

  @Test func fetchesAreNotMuchLargerThanWhatTheyRead() {
    func fetch(_ extents: [Extent]) -> String {
      findings {
        $0.programs[0].fetches[0].view.extents = extents
        $0.programs[0].fetches[0].view.strides = extents.map { _ in 0 }
      }
    }
    #expect(fetch([.batch(times: 1), .fixed(3)]) == "")
    #expect(fetch([.fixed(1 << 40)]).contains("fetch loss has 1099511627776 elements of 1"))
    #expect(fetch([.fixed(1 << 40), .fixed(1 << 40)]).contains("fetch loss has"))
    #expect(fetch([.batch(times: .max)]).contains("does not lie inside"))
  }

  @Test func registersThatNoOperationUses() {
    #expect(loop { $0.steps[0].c = 1 << 40 }.contains("step 0 names register 1099511627776"))
    #expect(loop { $0.steps[3].a = -1 }.contains("step 3 names register -1"))
    #expect(loop { $0.views.append($0.views[0]) } == "")
    let unused = loop {
      $0.views.append($0.views[0])
      $0.views[4].offset = .max
    }
    #expect(unused.contains("operand 4: [] does not lie inside &9"))
    #expect(loop { $0.views[0].strides = [0, 3, 1] }.contains("operand 0 has rank 3"))
  }

  @Test func stridesThatAreNeverStepped() {
    let found = findings {
      guard case .matmul(var product) = $0.programs[0].instructions[1] else { return }
      product.bias = View(
        buffer: BufferID(3), offset: 24, extents: [.fixed(1), .fixed(6)], strides: [.max, 1])
      $0.programs[0].instructions[1] = .matmul(product)
    }
    #expect(found.contains("bias: [1, 6] does not lie inside &3"))
  }

  @Test func sizesThatOverflowAtTheCapacity() {
    for times in [Int.max, .min, 1 << 62] {
      let found = findings {
        guard case .oneHotGradient(var step) = $0.programs[0].instructions[9] else { return }
        step.matrix.extents[0] = .batch(times: times)
        step.updateL2 = 0
        $0.programs[0].instructions[9] = .oneHotGradient(step)
      }
      #expect(found.contains("matrix: [\(times)B, 2] does not lie inside"))
    }
  }

  @Test func countersOfTheProgress() {
    #expect(findings { $0.progress!.step = .max }.contains("progress of \(Int.max)"))
    #expect(findings { $0.progress!.epoch = .max }.contains("progress of \(Int.max)"))
    #expect(findings { $0.progress!.epoch = 1 << 31 }.contains("progress of"))
    #expect(findings { $0.progress!.rowInEpoch = .max }.contains("progress of \(Int.max)"))
    #expect(findings { $0.progress!.step = -1 }.contains("progress of -1"))
    #expect(findings { $0.progress!.watch!.epochsWithout = .max }.contains("early stopping"))
    #expect(findings { $0.progress!.watch!.best!.epoch = .max }.contains("early stopping"))
    #expect(findings { $0.progress!.watch!.best!.epoch = 0 }.contains("early stopping"))
  }

  @Test func constantsOfTheRuleForTables() {
    for value in [Double.nan, .infinity, -1] {
      var sparse = SparseOptimizer(kind: .lazyAdam, tables: ["table"])
      sparse.beta1 = value
      #expect(
        findings { $0.training.optimizer.sparse = sparse }.contains("an optimizer constant"))
    }
  }

  /// Feeds are one block up to the end of the last one.
  @Test func memoryCountsWhereFeedsLie() {
    var plan = SamplePlan.plan()
    let before = plan.memoryBytes
    plan.programs[0].buffers[2].offset = 1 << 39
    #expect(PlanValidator(plan).findings() == [])
    #expect(plan.memoryBytes > before + 1 << 40)
    plan.programs[0].arenaFloats = .max
    #expect(plan.memoryBytes > 1 << 50)
  }

  /// A step on episodes holds the gradient of each.
  @Test func memoryCountsTheEpisodesOfAStep() {
    var plan = ConvolutionInstructionTests.plan()
    plan.programs[0].kind = .train
    let one = plan.memoryBytes
    plan.episodes?.tasksPerStep += 10
    #expect(plan.memoryBytes == one + 10 * 4 * 18)
  }

  /// Findings are a list for people, whatever number of pairs there is.
  @Test func manyOverlapsAreFewFindings() {
    let segments = (0..<4_000).map { _ in OptimizerInstruction.Segment(offset: 30, count: 10, l2: 0)
    }
    var plan = SamplePlan.plan()
    plan.programs[0].instructions[15] = .optimizer(
      OptimizerInstruction(
        parameters: SamplePlan.vector(3, 40), gradients: SamplePlan.vector(4, 40),
        segments: segments))
    let found = PlanValidator(plan).findings()
    #expect(found.count == 100)
    #expect(found.first?.description.contains("segment 0 overlaps segment 1") == true)
  }

  /// Rows are written to the feeds of episodes by the schema; its last feature names the group.
  @Test func episodesOfRowsHaveAGroup() {
    func found(_ schema: DataSchema) -> String {
      var plan = ConvolutionInstructionTests.plan()
      plan.schema = schema
      plan.episodes?.kind = .rows(support: 2, queries: 3)
      return PlanValidator(plan).findings().map(\.description).joined(separator: "\n")
    }
    var schema = SamplePlan.schema
    #expect(found(schema).contains("episodes of rows without a group"))
    schema.features.append(
      FeatureSchema(name: "group", column: "g", encoder: .id(.hash(buckets: 9))))
    #expect(!found(schema).contains("without a group"))
    let feeds = EpisodeSettings(
      kind: .rows(support: 2, queries: 3), steps: 1, tasksPerStep: 1, evaluationEpisodes: 0,
      evaluationInterval: 0
    ).feeds(schema)
    #expect(feeds.first { $0.name == "support.ids" }?.width == 2 * 6)
    #expect(feeds.first { $0.name == "query.ids.history" }?.width == 3 * 2)
    #expect(feeds.count == 2 * SamplePlan.schema.feeds.feeds.count)
  }
}

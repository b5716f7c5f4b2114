import Plan
import Schema
import TensorTypes
import Testing

@Suite struct ValidatorTests {
  /// What the validator says of the sample plan after a change; the first finding, or "valid".
  private func finding(_ change: (inout Plan) -> Void) -> String {
    var plan = SamplePlan.plan()
    change(&plan)
    return PlanValidator(plan).findings().first?.description ?? "valid"
  }

  private func train(_ change: (inout Program) -> Void) -> String {
    finding { change(&$0.programs[0]) }
  }

  /// What a parameter begins with is found by its name.
  @Test func initialValuesAreThoseOfTheParameter() throws {
    let initial = try #require(SamplePlan.plan().initial)
    #expect(initial["bias"]?.values == [Float](repeating: -1, count: 6))
    #expect(initial["table"]?.ranges == [0..<1, 3..<5])
    #expect(initial["expert.0"] == nil)
    #expect(initial.floats == 6 + 6 + 6 + 6)
    #expect(initial.withoutValues.floats == 0)
  }

  @Test func theSampleIsValid() {
    #expect(PlanValidator(SamplePlan.plan()).findings() == [])
  }

  @Test func parametersLieInsideTheirBlock() {
    #expect(finding { $0.parameters[3].offset = 31 }.contains("parameter block"))
    #expect(finding { $0.parameters[3].offset = -1 }.contains("parameter block"))
    #expect(finding { $0.parameters[0].rowStride = .max }.contains("parameter block"))
    #expect(finding { $0.parameters[0].rows = .max }.contains("expert.0"))
    #expect(finding { $0.parameters[1].offset = 2 }.contains("overlap"))
    #expect(finding { $0.parameters[1].name = "bias" }.contains("same name"))
    #expect(finding { $0.parameterFloats = .max }.contains("floats"))
    #expect(finding { $0.weights!.removeLast() }.contains("39 weights"))
    #expect(finding { $0.progress!.states.removeLast() }.contains("optimizer states"))
    for (change, words) in [
      ({ $0.step = -1 }, "-1 steps behind it"), ({ $0.step = 1 << 41 }, "steps behind it"),
      ({ $0.rows[1].parameter = "table" }, "two lists of initial values"),
      ({ $0.rows[1].parameter = "none" }, "none, which is no parameter"),
      ({ $0.rows[0].ranges[1] = 0..<2 }, "its rows 0..<2"),
      ({ $0.rows[0].ranges[1] = 3..<6 }, "its rows 3..<6"),
      ({ $0.rows[0].ranges[1] = 4..<4 }, "its rows 4..<4"),
      ({ $0.rows[0].ranges[0] = Int.min..<Int.max }, "its rows"),
      ({ $0.rows[0].values.removeLast() }, "5 initial values of table for 6"),
      ({ $0.rows[0].states.removeLast() }, "with 1 optimizer states"),
      ({ $0.rows[0].states[1].removeLast() }, "an initial optimizer state of table"),
      (
        {
          $0 = $0.withoutValues
          $0.rows[0].values = [1]
        }, "1 initial values of table for"
      ),
    ] as [((inout InitialValues) -> Void, String)] {
      #expect(finding { change(&$0.initial!) }.contains(words), "\(words)")
    }
    #expect(finding { $0.progress!.watch = nil }.contains("without its progress"))
    #expect(finding { $0.progress!.report.epochs[0].rows = .max }.contains("report of an epoch"))
    #expect(finding { $0.progress!.report.epochs[0].seconds = .nan }.contains("report of an epoch"))
    #expect(finding { $0.progress!.sums!.count = -1 }.contains("sums of losses"))
    #expect(finding { $0.progress!.sums!.seconds = .infinity }.contains("sums of losses"))
    #expect(finding { $0.progress!.sums!.tasks.removeLast() }.contains("sums of losses"))
    #expect(finding { $0.training.earlyStopping = nil }.contains("early stopping that is not"))
    #expect(finding { $0.progress!.watch!.epochsWithout = -1 }.contains("early stopping"))
    #expect(finding { $0.progress!.watch!.best!.weights.removeLast() }.contains("best epoch"))
    #expect(finding { $0.progress!.average!.weights.removeLast() }.contains("the average"))
    #expect(finding { $0.progress!.average!.count = 0 }.contains("average of 0"))
    #expect(finding { $0.progress!.average!.count = .max }.contains("an average of"))
    #expect(finding { $0.training.weightsAverage = .exponential(decay: 1) }.contains("with 1.0"))
    #expect(finding { $0.training.weightsAverage = .stochastic(start: .nan) }.contains("with nan"))
  }

  @Test func buffersLieInsideTheirSpace() {
    #expect(train { $0.buffers[13].offset += 1 }.contains("&13"))
    #expect(train { $0.buffers[3].offset = .max }.contains("&3"))
    #expect(train { $0.buffers[5].count = -1 }.contains("&5"))
    #expect(train { $0.buffers[3].dtype = .i32 }.contains("f32"))
    #expect(train { $0.buffers[1].offset = 0 }.contains("overlap"))
    #expect(train { $0.arenaFloats = .max }.contains("arena"))
    #expect(train { $0.batchCapacity = 0 }.contains("capacity"))
    #expect(train { $0.batchCapacity = 5 }.contains("feed"))
  }

  @Test func lifetimes() {
    #expect(train { $0.buffers[5].lifetime = 0...3 }.contains("outside its lifetime"))
    #expect(train { $0.buffers[5].lifetime = nil }.contains("lifetime"))
    #expect(train { $0.buffers[5].lifetime = 0...99 }.contains("lifetime"))
    #expect(train { $0.buffers[13].offset = $0.buffers[7].offset }.contains("share memory"))
    // A buffer may take the memory of one that is not needed any more.
    let reuse = train {
      $0.buffers[7].lifetime = 2...4
      $0.buffers[12].lifetime = 7...16
      $0.buffers[12].offset = $0.buffers[7].offset
    }
    #expect(reuse == "valid")
  }

  @Test func levels() {
    #expect(train { $0.levels[0] = 1 }.contains("levels"))
    #expect(train { $0.levels[3] = 99 }.contains("levels"))
    #expect(train { $0.levels.swapAt(2, 3) }.contains("levels"))
    #expect(train { $0.levels.remove(at: 1) }.contains("train[1]: it depends on instruction 0"))
    // The one-hot product and the matmul before it share nothing that is written.
    #expect(train { $0.levels.remove(at: 2) } == "valid")
    #expect(
      train { $0.instructions[4] = .fill(SamplePlan.matrix(10, 3), 0) }.contains(
        "before anything wrote"))
  }

  @Test func feedsAndFetches() {
    #expect(train { $0.feeds[0].name = "nonsense" }.contains("not one of the schema's"))
    #expect(train { $0.feeds[1].width = 3 }.contains("width"))
    #expect(train { $0.feeds[1].buffer = BufferID(99) }.contains("no buffer"))
    #expect(train { $0.feeds.removeLast() }.contains("no feed fills it"))
    #expect(train { $0.fetches[0].view.offset = 16 }.contains("fetch loss"))
    #expect(train { $0.fetches[0].view.buffer = BufferID(-1) }.contains("no buffer"))
    #expect(finding { $0.programs[1].fetches.removeFirst() }.contains("prediction.click"))
    #expect(finding { $0.programs[1].kind = .train }.contains("one kind"))
  }

  @Test func matmuls() {
    func matmul(_ index: Int = 1, _ change: (inout MatmulInstruction) -> Void) -> String {
      train {
        guard case .matmul(var instruction) = $0.instructions[index] else { return }
        change(&instruction)
        $0.instructions[index] = .matmul(instruction)
      }
    }
    #expect(matmul { $0.b.extents[0] = .fixed(3) }.contains("inner size"))
    #expect(matmul { $0.b.extents[0] = .fixed(.max) }.contains("does not lie inside"))
    #expect(matmul { $0.a.extents[0] = .batch(times: .max) }.contains("does not lie inside"))
    #expect(matmul { $0.a.strides[0] = .max }.contains("does not lie inside"))
    #expect(matmul { $0.a.offset = .max }.contains("does not lie inside"))
    #expect(matmul { $0.a.strides = [1, 4] }.contains("last axis"))
    #expect(matmul { $0.c!.strides[0] = 0 }.contains("twice"))
    #expect(matmul { $0.c = nil }.contains("stores nothing"))
    #expect(matmul { $0.c = $0.a }.contains("a overlaps c"))
    #expect(matmul { $0.c!.extents[1] = .fixed(5) }.contains("expected [B, 6]"))
    #expect(matmul { $0.groups = 0 }.contains("0 products"))
    #expect(matmul { $0.activationColumns = 0..<7 }.contains("columns"))
    #expect(matmul { $0.gradientOf = .relu }.contains("without y"))
    #expect(matmul(16) { $0.accumulate = true }.contains("adds to c and has an addend"))
    #expect(matmul(16) { $0.addend = $0.a }.contains("addend has shape [B, 6], expected [B, 4]"))
    #expect(matmul(16) { $0.cross!.factor = $0.a }.contains("factor has shape [B, 6]"))
    #expect(matmul(16) { $0.cross!.residual!.strides[0] = .max }.contains("residual: [B, 4] does"))
    #expect(matmul(16) { $0.cross!.output = $0.a }.contains("a overlaps crossed"))
    #expect(matmul(16) { $0.cross!.output = $0.c! }.contains("crossed overlaps c"))
    #expect(matmul(16) { $0.c = nil } == "valid")
    #expect(
      matmul(14) {
        let matrix = SamplePlan.weight(6, 4, 6)
        $0.cross = .init(factor: matrix, residual: nil, output: matrix)
      }.contains("a cross of several products or of a parameter's gradient"))
    #expect(matmul { $0.a = SamplePlan.matrix(1, 4) }.contains("i32"))
    #expect(matmul(14) { $0.update!.parameter.buffer = BufferID(4) }.contains("is not a parameter"))
    #expect(finding { $0.programs[1].instructions = $0.programs[0].instructions } != "valid")
  }

  @Test func elementwiseLoops() {
    func loop(_ change: (inout ElementwiseInstruction) -> Void) -> String {
      train {
        guard case .elementwise(var instruction) = $0.instructions[6] else { return }
        change(&instruction)
        $0.instructions[6] = .elementwise(instruction)
      }
    }
    #expect(loop { $0.steps[0].a = 9 }.contains("load of operand 9"))
    #expect(loop { $0.steps[0].destination = 32 }.contains("register 32"))
    #expect(loop { $0.steps[2].b = -1 }.contains("register -1"))
    #expect(loop { $0.steps[2].b = 30 }.contains("register 30, which holds nothing"))
    #expect(loop { $0.extents[1] = .fixed(4) }.contains("does not lie inside"))
    #expect(loop { $0.views[1].strides = [0, 1] }.contains("twice"))
    #expect(loop { $0.views[1] = SamplePlan.matrix(0, 5) }.contains("does not lie inside"))
    #expect(loop { $0.extents = [] }.contains("extents"))
    #expect(loop { $0.steps.append(.init(.sumAll, a: 0, b: 1)) }.contains("overlaps"))
  }

  @Test func lookupsAndMixtures() {
    func gather(_ change: (inout GatherInstruction) -> Void) -> String {
      train {
        guard case .gather(var instruction) = $0.instructions[0] else { return }
        change(&instruction)
        $0.instructions[0] = .gather(instruction)
      }
    }
    #expect(gather { $0.features[0].column = 3 }.contains("do not fit"))
    #expect(gather { $0.features[0].column = .max }.contains("do not fit"))
    #expect(gather { $0.features[0].column = 1 }.contains("another's"))
    #expect(gather { $0.features[1].pooling = .concat }.contains("do not fit"))
    #expect(gather { $0.features[0].ids = SamplePlan.matrix(0, 1) }.contains("f32, expected i32"))
    func mixture(_ change: (inout MixtureInstruction) -> Void) -> String {
      train {
        guard case .mixture(var instruction) = $0.instructions[4] else { return }
        change(&instruction)
        $0.instructions[4] = .mixture(instruction)
      }
    }
    #expect(mixture { $0.layout.width = 4 }.contains("expert"))
    #expect(mixture { $0.layout.expertColumns[0] = 1 }.contains("overlap"))
    #expect(mixture { $0.layout.gates[0].experts = [0, 2] }.contains("picks"))
    #expect(mixture { $0.layout.gates[0].logitColumn = 1 }.contains("logits"))
    #expect(mixture { $0.layout.gates[0].column = -1 }.contains("result"))
    let optimizer = train {
      $0.instructions[15] = .optimizer(
        OptimizerInstruction(
          parameters: SamplePlan.vector(3, 40), gradients: SamplePlan.vector(4, 40),
          segments: [.init(offset: 31, count: 10, l2: 0)]))
    }
    #expect(optimizer.contains("does not lie inside"))
    for norm in [0, -1, Float.nan, .infinity] {
      let clipped = train {
        $0.instructions[15] = .optimizer(
          OptimizerInstruction(
            parameters: SamplePlan.vector(3, 40), gradients: SamplePlan.vector(4, 40),
            segments: [.init(offset: 30, count: 10, l2: 0)], maximumNorm: norm))
      }
      #expect(clipped.contains("maximum norm"))
    }
  }

  @Test func schemaAndTraining() {
    #expect(finding { $0.training.batchSize = 0 }.contains("batch size"))
    #expect(finding { $0.training.optimizer.learningRate = .nan }.contains("optimizer"))
    #expect(finding { $0.training.schedule.period = .steps(-1) }.contains("schedule"))
    #expect(finding { $0.training.schedule.warmup = .epochs(.nan) }.contains("schedule"))
    let shape = LearningRateSchedule.Shape.step(factor: -1)
    #expect(finding { $0.training.schedule.shape = shape }.contains("schedule"))
    #expect(finding { $0.training.clipping.norm = 0 }.contains("clipping"))
    #expect(finding { $0.training.earlyStopping!.patience = 0 }.contains("early stopping"))
    #expect(finding { $0.training.taskWeights[1].task = "click" }.contains("two weights"))
    #expect(finding { $0.training.taskWeights[0].weight = -1 }.contains("weight"))
    let weighting = TaskWeighting.dynamicAverage(temperature: 0)
    #expect(finding { $0.training.taskWeighting = weighting }.contains("task weighting"))
    #expect(finding { $0.tasks[0].labelColumn = 5 }.contains("label column"))
    for (inputs, outputs) in [([1, 1], [0, 1]), ([0, 1], [1, 0]), ([0], []), ([.nan], [0])]
      as [([Double], [Double])]
    {
      let curve = FeatureSchema.Encoder.numeric(
        Normalizer(curve: NumberCurve(inputs: inputs, outputs: outputs, isClamped: true)))
      #expect(finding { $0.schema.features[0].encoder = curve }.contains("curve does not rise"))
    }
    let buckets = FeatureSchema.Encoder.bucketized(boundaries: [1, 1])
    #expect(finding { $0.schema.features[4].encoder = buckets }.contains("boundaries"))
    let huge = FeatureSchema.Encoder.id(.hash(buckets: .max))
    #expect(finding { $0.schema.features[2].encoder = huge }.contains("buckets"))
  }
}

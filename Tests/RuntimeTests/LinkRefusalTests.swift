import Plan
import Runtime
import Schema
import Testing

/// The linker's own checks: it links no instruction whose sizes do not fit, validated or not.
@Suite struct LinkRefusalTests {
  /// What linking an instruction says, "linked" when it is content.
  private func outcome(
    _ kind: Program.Kind = .train,
    optimizer: Optimizer = Optimizer(kind: .sgd, learningRate: 0.1),
    _ make: (inout PlanBuilder) -> Instruction
  ) -> String {
    var b = PlanBuilder(kind, capacity: 6)
    b.add(make(&b))
    do {
      _ = try Session(plan: b.unchecked(optimizer: optimizer))
      return "linked"
    } catch {
      return "\(error)"
    }
  }

  private func cut(_ view: View, _ columns: Range<Int>) -> View {
    var view = view
    view.offset += columns.lowerBound
    view.extents[view.extents.count - 1] = .fixed(columns.count)
    return view
  }

  @Test func products() {
    func product(_ change: (inout MatmulInstruction, inout PlanBuilder) -> Void = { _, _ in })
      -> String
    {
      outcome {
        let (x, y) = ($0.feed("x", width: 3), $0.value(width: 5))
        var i = MatmulInstruction(a: x, b: $0.parameter("w", 3, 5), c: y)
        change(&i, &$0)
        return .matmul(i)
      }
    }
    #expect(product() == "linked")
    #expect(product { i, _ in i.groups = 0 }.contains("0 groups"))
    #expect(product { i, _ in i.groups = 2 }.contains("no axis for 2 groups") == false)
    #expect(product { i, b in i.b = b.fixed(4, 5) }.contains("operand B, inner size: size 4"))
    #expect(product { i, b in i.c = b.value(width: 4) }.contains("result, columns: size 4"))
    #expect(product { i, b in i.c = b.fixed(6, 5) }.contains("result, rows: size 6"))
    #expect(product { i, _ in i.c = nil }.contains("no result"))
    #expect(product { i, b in i.bias = b.fixed(4) }.contains("bias: 1×4, expected 5 elements"))
    #expect(product { i, b in i.y = b.value(width: 4) }.contains("activation output, columns"))
    #expect(product { i, b in i.y = b.fixed(6, 5) }.contains("activation output, rows"))
    #expect(product { i, _ in i.gradientOf = .relu }.contains("without the activation's output"))
    #expect(
      product { i, _ in i.activationColumns = 1..<6 }.contains("activation columns 1..<6 of 5"))
    #expect(product { i, _ in i.activationColumns = 1..<5 } == "linked")
    #expect(product { i, _ in i.activationColumns = -1..<5 }.contains("activation columns"))
    #expect(product { i, b in i.columnSums = b.fixed(6) }.contains("column sums: 1×6"))
    #expect(product { i, _ in i.c!.strides[0] = 4 }.contains("rows 4 apart overlap"))
    #expect(product { i, _ in i.a.strides[1] = 2 }.contains("elements of a row") == false)
    #expect(product { i, _ in i.c!.extents = [.batch(times: 1)] }.contains("1 extents and 2"))
    #expect(
      product { i, _ in
        i.c!.extents += [.fixed(1), .fixed(1)]
        i.c!.strides += [1, 1]
      }.contains("rank 4"))
    #expect(product { i, _ in i.a.strides[0] = -3 }.contains("negative extent or stride"))
    #expect(product { i, _ in i.a.strides[0] = .max }.contains("leaves its buffer"))
    #expect(product { i, _ in i.a.offset = 1 }.contains("reaches element 18"))
    #expect(product { i, _ in i.a.offset = -1 }.contains("reaches element 16"))
    #expect(product { i, _ in i.a.buffer = BufferID(99) }.contains("there is no buffer"))
    #expect(product { i, b in i.a = b.feed("ids", width: 3, integer: true) }.contains("holds i32"))
  }

  @Test func updatesInProducts() {
    func update(_ change: (inout MatmulInstruction, inout PlanBuilder) -> Void) -> String {
      outcome {
        var i = MatmulInstruction(
          a: $0.feed("x", width: 3), b: $0.feed("g", width: 5), c: nil, transposeA: true,
          update: .init(parameter: $0.parameter("w", 3, 5), l2: 0))
        change(&i, &$0)
        return .matmul(i)
      }
    }
    #expect(update { _, _ in } == "linked")
    #expect(
      update { i, b in i.update!.parameter = b.parameter("v", 4, 5) }.contains("parameter, rows"))
    #expect(
      update { i, b in i.update!.parameter = b.parameter("v", 3, 4) }.contains("parameter, columns")
    )
    #expect(
      update { i, b in i.update!.parameter = b.fixed(3, 5) }.contains("what is not a parameter"))
    #expect(
      update { i, b in i.columnUpdate = .init(parameter: b.parameter("c", 4), l2: 0) }.contains(
        "bias parameter: 1×4, expected 5"))
    #expect(update { i, _ in i.accumulate = true }.contains("no result"))
  }

  @Test func groupsOfProducts() {
    func product(_ groups: Int, _ sizes: (Int, Int)) -> String {
      outcome {
        .matmul(
          MatmulInstruction(
            a: $0.fixed(sizes.0, 4, 3), b: $0.fixed(sizes.1, 3, 5), c: $0.fixed(2, 4, 5),
            groups: groups))
      }
    }
    #expect(product(2, (2, 2)) == "linked")
    #expect(product(2, (3, 2)).contains("operand A: 3 groups, the instruction has 2"))
    #expect(product(2, (2, 1)).contains("operand B: 1 groups, the instruction has 2"))
    let flat = outcome {
      .matmul(
        MatmulInstruction(a: $0.fixed(4), b: $0.fixed(2, 4, 5), c: $0.fixed(2, 1, 5), groups: 2))
    }
    #expect(flat.contains("operand A: no axis for 2 groups"))
  }

  @Test func lookups() {
    func gather(
      _ change: (inout GatherInstruction.Feature, inout PlanBuilder) -> Void = { _, _ in }
    ) -> String {
      outcome {
        var feature = GatherInstruction.Feature(
          table: $0.parameter("t", 7, 2), ids: $0.feed("ids", width: 3, integer: true),
          pooling: .concat, column: 1)
        change(&feature, &$0)
        return .gather(GatherInstruction(features: [feature], matrix: $0.value(width: 7)))
      }
    }
    #expect(gather() == "linked")
    #expect(gather { f, _ in f.column = 2 }.contains("feature 0: 6 columns from 2 of 7"))
    #expect(gather { f, _ in f.column = -1 }.contains("6 columns from -1 of 7"))
    #expect(gather { f, _ in f.ids.strides[1] = 2 }.contains("element"))
    #expect(
      gather { f, _ in
        f.ids.extents[1] = .fixed(1)
        f.ids.strides[1] = 2
      } == "linked")
    #expect(
      gather { f, _ in
        f.ids.extents[1] = .fixed(2)
        f.ids.strides[1] = 2
      }.contains("ids of a row are not neighbours"))
    #expect(
      gather { f, _ in
        f.ids.extents += [.fixed(1)]
        f.ids.strides += [1]
      }.contains("ids 0: rank 3"))
    #expect(
      gather { f, _ in
        f.ids.extents = []
        f.ids.strides = []
      }.contains("ids 0: rank 0"))
    #expect(gather { f, _ in f.ids.extents[0] = .fixed(6) }.contains("ids 0, rows: size 6"))
    #expect(gather { f, b in f.ids = b.feed("z", width: 3) }.contains("holds f32"))
    #expect(gather { f, _ in f.table.extents[0] = .batch(times: 1) }.contains("table 0: "))
    #expect(gather { f, _ in f.table.extents[0] = .fixed(0) }.contains("table 0: 0×2"))
    #expect(gather { f, _ in f.pooling = .sum } == "linked")
  }

  @Test func oneHotRows() {
    func linear(
      _ change: (inout OneHotLinearInstruction, inout PlanBuilder) -> Void = { _, _ in }
    ) -> String {
      outcome {
        let ids = $0.feed("ids", width: 2, integer: true)
        var i = OneHotLinearInstruction(
          features: [
            .init(ids: cut(ids, 0..<1), rowOffset: 0, rowCount: 4),
            .init(ids: cut(ids, 1..<2), rowOffset: 4, rowCount: 5),
          ], weight: $0.parameter("w", 9, 3), bias: nil, matrix: $0.value(width: 3),
          accumulate: false)
        change(&i, &$0)
        return .oneHotLinear(i)
      }
    }
    #expect(linear() == "linked")
    #expect(linear { i, _ in i.features[1].rowOffset = 5 }.contains("feature 1: rows 5+5 of 9"))
    #expect(linear { i, _ in i.features[1].rowOffset = 10 }.contains("feature 1: rows 10+5 of 9"))
    #expect(linear { i, _ in i.features[0].rowOffset = -1 }.contains("feature 0: rows -1+4 of 9"))
    #expect(linear { i, _ in i.features[0].rowCount = 0 }.contains("feature 0: rows 0+0 of 9"))
    #expect(linear { i, _ in i.features = [] }.contains("no features"))
    #expect(
      linear { i, b in i.features[1].ids = b.feed("other", width: 1, integer: true) }.contains(
        "ids 1: not a column of the same matrix"))
    #expect(
      linear { i, _ in
        i.features[0].ids.extents[1] = .fixed(2)
      }.contains("ids 0: not a column of the same matrix"))
    #expect(linear { i, b in i.matrix = b.value(width: 2) }.contains("weight, columns: size 3"))
    #expect(linear { i, b in i.bias = b.fixed(2) }.contains("bias: 1×2, expected 3"))
    #expect(
      linear { i, _ in i.activationColumns = 2..<4 }.contains("activation columns 2..<4 of 3"))
    #expect(linear { i, _ in i.activationColumns = 2..<3 } == "linked")
    let depth = outcome(.predict) {
      .oneHot(
        OneHotInstruction(
          ids: $0.feed("ids", width: 2, integer: true), output: $0.value(width: 4)))
    }
    #expect(depth.contains("ids of length 2, depth 4"))
  }

  @Test func mixtures() {
    func mixture(
      _ change: (inout MixtureInstruction, inout PlanBuilder) -> Void = { _, _ in }
    ) -> String {
      outcome(.predict) {
        let gates: [MixtureLayout.Gate] = [
          .init(experts: [2, 0], logitColumn: 3, column: 4),
          .init(experts: [0, 1, 2], logitColumn: 0, column: 0),
        ]
        var i = MixtureInstruction(
          layout: MixtureLayout(width: 4, expertColumns: [0, 4, 8], gates: gates),
          experts: $0.feed("experts", width: 12), logits: $0.feed("logits", width: 5),
          weights: $0.value(width: 5), output: $0.value(width: 8))
        change(&i, &$0)
        return .mixture(i)
      }
    }
    #expect(mixture() == "linked")
    #expect(mixture { i, _ in i.layout.width = 0 }.contains("experts 0 wide"))
    #expect(
      mixture { i, _ in i.layout.expertColumns[1] = 9 }.contains("expert 1: 4 columns from 9 of 12")
    )
    #expect(
      mixture { i, _ in i.layout.expertColumns[1] = -1 }.contains("expert 1: 4 columns from -1"))
    #expect(
      mixture { i, _ in i.layout.gates[0].experts = [0, 3] }.contains("gate 0: experts [0, 3]"))
    #expect(mixture { i, _ in i.layout.gates[0].experts = [0, 0] }.contains("gate 0: experts"))
    #expect(mixture { i, _ in i.layout.gates[0].experts = [] }.contains("gate 0: experts []"))
    #expect(
      mixture { i, _ in i.layout.gates[0].logitColumn = 4 }.contains(
        "gate 0: logits from column 4 of 5"))
    #expect(
      mixture { i, _ in i.layout.gates[1].column = 5 }.contains(
        "gate 1: results from column 5 of 8"))
    #expect(
      mixture { i, b in i.weights = b.value(width: 4) }.contains("4 columns for 5 gate weights"))
    #expect(mixture { i, b in i.logits = b.fixed(6, 5) }.contains("logits, rows"))
    #expect(mixture { i, b in i.experts = b.fixed(6, 12) }.contains("experts, rows"))
    #expect(mixture { i, b in i.weights = b.fixed(6, 5) }.contains("weights, rows"))
  }

  @Test func optimizers() {
    func optimizer(
      _ change: (inout OptimizerInstruction, inout PlanBuilder) -> Void = { _, _ in }
    ) -> String {
      outcome {
        _ = $0.parameter("w", 4, 4)
        var i = OptimizerInstruction(
          parameters: $0.block(.parameters), gradients: $0.block(.gradients),
          segments: [.init(offset: 3, count: 13, l2: 0)])
        change(&i, &$0)
        return .optimizer(i)
      }
    }
    #expect(optimizer() == "linked")
    #expect(optimizer { i, _ in i.segments[0].offset = 4 }.contains("segment 4+13 of 16 floats"))
    #expect(optimizer { i, _ in i.segments[0].offset = -1 }.contains("segment -1+13 of 16"))
    #expect(optimizer { i, _ in i.segments[0].count = -1 }.contains("segment 3+-1 of 16"))
    #expect(optimizer { i, _ in i.segments[0].count = .max }.contains("segment 3+"))
    #expect(
      optimizer { i, b in i.gradients = b.block(.parameters) }.contains("gradients are no block"))
    #expect(optimizer { i, b in i.parameters = b.block(.gradients) }.contains("are no block"))
  }

  @Test func reductionsAndRandomNumbers() {
    func reduce(_ change: (inout ReduceInstruction) -> Void) -> String {
      outcome(.predict) {
        var i = ReduceInstruction(
          kind: .sum, input: $0.feed("x", width: 5), reduced: [true, false], output: $0.fixed(1, 5))
        change(&i)
        return .reduce(i)
      }
    }
    #expect(reduce { _ in } == "linked")
    #expect(
      reduce { $0.reduced = [true] }.contains("ranks of input, output and reduced axes differ"))
    #expect(reduce { $0.output.strides = [1] }.contains("ranks of input, output"))
    #expect(reduce { $0.output.offset = 1 }.contains("output: the view reaches element 5"))
    func random(_ change: (inout RandomInstruction, inout PlanBuilder) -> Void) -> String {
      outcome {
        var i = RandomInstruction(output: $0.value(width: 4), stream: 3)
        change(&i, &$0)
        return .random(i)
      }
    }
    #expect(random { _, _ in } == "linked")
    #expect(random { i, _ in i.stream = -1 }.contains("stream -1"))
    #expect(random { i, _ in i.stream = 1 << 32 }.contains("stream 4294967296"))
    #expect(random { i, _ in i.output.extents[1] = .fixed(3) }.contains("output: not contiguous"))
    #expect(
      random { i, b in
        i.output = b.fixed(2, 6)
        i.output.extents = [.fixed(2), .batch(times: 1)]
      }.contains("the batch is not the first axis"))
    let softmax = outcome(.predict) {
      .softmax(SoftmaxInstruction(input: $0.feed("x", width: 5), output: $0.value(width: 4)))
    }
    #expect(softmax.contains("output, columns: size 4, expected 5"))
  }

  @Test func elementwiseLoops() {
    func loop(
      _ change: (inout ElementwiseInstruction, inout PlanBuilder) -> Void = { _, _ in }
    ) -> String {
      outcome(.predict) {
        let (x, y) = ($0.feed("x", width: 3), $0.value(width: 3))
        var i = ElementwiseInstruction(
          extents: y.extents, views: [x, y],
          steps: [.init(.load, destination: 31, a: 0), .init(.store, a: 31, b: 1)])
        change(&i, &$0)
        return .elementwise(i)
      }
    }
    let missing = "names a register or operand that is not there"
    #expect(loop() == "linked")
    #expect(loop { i, _ in i.steps[0].destination = 32 }.contains(missing))
    #expect(loop { i, _ in i.steps[0].a = 2 }.contains(missing))
    #expect(loop { i, _ in i.steps[1].b = 2 }.contains(missing))
    #expect(loop { i, _ in i.steps[1].a = -1 }.contains(missing))
    for place in [\ElementwiseInstruction.Step.a, \.b, \.c] {
      #expect(
        loop { i, _ in
          var step = ElementwiseInstruction.Step(.select, destination: 1)
          step[keyPath: place] = 32
          i.steps.insert(step, at: 1)
        }.contains(missing))
    }
    #expect(
      loop { i, _ in i.extents = [.fixed(3)] }.contains("operand 0: rank 2 in a loop of rank 1"))
    #expect(
      loop { i, _ in i.extents = Array(repeating: .fixed(1), count: 5) }.contains("rank 5"))
    #expect(loop { i, _ in i.extents[1] = .fixed(4) }.contains("the view reaches element"))
    #expect(
      loop { i, b in
        i.views.append(b.feed("ids", width: 3, integer: true))
        i.steps.append(.init(.sumAll, a: 31, b: 2))
      }.contains("operand 2: a reduction into integers"))
  }

  @Test func tablesUpdatedByRows() {
    func update(
      _ change: (inout SparseUpdateInstruction, inout PlanBuilder) -> Void = { _, _ in }
    ) -> String {
      let rows = SparseOptimizer(kind: .sgd, tables: ["t"])
      return outcome(optimizer: Optimizer(kind: .sgd, sparse: rows)) {
        var i = SparseUpdateInstruction(
          table: $0.parameter("t", 7, 2), l2: 0,
          sources: [
            .init(
              ids: $0.feed("ids", width: 3, integer: true), pooling: .concat,
              matrix: $0.feed("g", width: 6))
          ])
        change(&i, &$0)
        return .sparseUpdate(i)
      }
    }
    #expect(update() == "linked")
    #expect(update { i, _ in i.sources = [] }.contains("0 sources"))
    #expect(
      update { i, _ in i.sources[0].pooling = .sum }.contains("source 0: 6 columns, 2 expected"))
    #expect(update { i, b in i.sources[0].matrix = b.fixed(6, 6) }.contains("ids 0, rows"))
    #expect(
      update { i, b in
        i.sources[0] = .init(ids: nil, pooling: .concat, matrix: b.fixed(6, 2))
      }.contains("source 0: 6 rows for a table of 7"))
    #expect(update { i, _ in i.table.extents[0] = .fixed(0) }.contains("table: 0×2"))
    #expect(update { i, _ in i.table.extents[0] = .batch(times: 1) }.contains("table: B×2"))
  }

  @Test func parametersFeedsAndFetches() throws {
    func session(_ change: (inout Plan) -> Void) -> String {
      var b = PlanBuilder(.predict, capacity: 6)
      let (x, y) = (b.feed("x", width: 3), b.value(width: 5))
      b.add(.matmul(MatmulInstruction(a: x, b: b.parameter("w", 3, 5), c: y)))
      b.fetch("y", y)
      var plan = b.unchecked()
      change(&plan)
      do {
        _ = try Session(plan: plan)
        return "linked"
      } catch {
        return "\(error)"
      }
    }
    let outside = "parameter 'w' lies outside the parameter block"
    #expect(session { _ in } == "linked")
    #expect(session { $0.parameters[0].offset = 2 }.contains(outside))
    #expect(session { $0.parameters[0].offset = -1 }.contains(outside))
    #expect(session { $0.parameters[0].rows = -1 }.contains(outside))
    #expect(session { $0.parameters[0].columns = -1 }.contains(outside))
    #expect(session { $0.parameters[0].rowStride = 4 }.contains(outside))
    #expect(session { $0.parameters[0].rowStride = .max }.contains(outside))
    let feed = "predict program: feed 'x' leaves its buffer"
    #expect(session { $0.programs[0].feeds[0].width = 4 }.contains(feed))
    #expect(session { $0.programs[0].feeds[0].width = -1 }.contains(feed))
    #expect(session { $0.programs[0].feeds[0].buffer = BufferID(9) }.contains(feed))
    // The buffer of the result is large enough, but no feed.
    #expect(session { $0.programs[0].feeds[0].buffer = BufferID(1) }.contains(feed))
    let fetch = "predict program: fetch 'y' leaves its buffer"
    #expect(session { $0.programs[0].fetches[0].view.offset = 1 }.contains(fetch))
    #expect(session { $0.programs[0].fetches[0].view.offset = -1 }.contains(fetch))
    #expect(session { $0.programs[0].fetches[0].view.strides = [5] }.contains(fetch))
    #expect(session { $0.programs[0].fetches[0].view.strides = [-5, 1] }.contains(fetch))
    #expect(session { $0.programs[0].fetches[0].view.extents[1] = .fixed(6) }.contains(fetch))
    #expect(session { $0.programs[0].fetches[0].view.buffer = BufferID(9) }.contains(fetch))
  }
}

import Plan
import Runtime
import Schema
import Testing

/// The linker's own checks: it links no instruction whose sizes do not fit, validated or not.
@Suite struct LinkRefusalTests {
  /// What linking an instruction says, "linked" when it is content.
  func outcome(
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

  func cut(_ view: View, _ columns: Range<Int>) -> View {
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
    #expect(product { i, b in i.addend = b.value(width: 4) }.contains("addend, columns: size 4"))
    #expect(
      product { i, b in (i.addend, i.accumulate) = (b.value(width: 5), true) }.contains(
        "an addend beside what the result holds"))
    func crossed(_ factor: Int, _ residual: Int, _ output: Int) -> String {
      product { i, b in
        i.c = nil
        i.cross = .init(
          factor: b.value(width: factor), residual: b.value(width: residual),
          output: b.value(width: output))
      }
    }
    #expect(crossed(5, 5, 5) == "linked")
    #expect(crossed(4, 5, 5).contains("factor, columns: size 4"))
    #expect(crossed(5, 4, 5).contains("residual, columns: size 4"))
    #expect(crossed(5, 5, 4).contains("crossed, columns: size 4"))
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
    #expect(
      random { i, _ in (i.output.extents[1], i.output.strides[1]) = (.fixed(2), 2) }.contains(
        "output: its rows have gaps"))
    #expect(
      random { i, b in
        i.output = b.fixed(2, 6)
        i.output.extents = [.fixed(2), .batch(times: 1)]
      }.contains("output: its rows have gaps"))
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

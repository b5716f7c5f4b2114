import GraphIR
import Plan
import TensorTypes

extension Lowering {
  /// A chain as one instruction. Registers are handed out again once nothing reads them any more.
  mutating func lower(_ chain: ElementwiseChain, _ node: Graph.Node) throws {
    var writer = try ChainWriter(chain)
    var operands: [View] = []
    for operand in node.operands {
      operands.append(Views.broadcast(try view(operand), from: shape(operand), to: chain.shape))
    }
    var targets: [View] = []
    for (index, result) in chain.results.enumerated() {
      let target = try self.result(node, index)
      targets.append(result.reduction.map { $0.view(target, over: chain.shape) } ?? target)
    }
    writer.write()
    guard writer.registers <= ElementwiseInstruction.maximumRegisters,
      chain.results.count(where: { $0.reduction != nil })
        <= ElementwiseInstruction.maximumReductions,
      operands.count + targets.count <= ElementwiseInstruction.maximumOperands
    else { throw LoweringError("chain: needs too many registers or operands") }
    let nest = try LoopNest(shape: chain.shape, views: operands + targets, reduced: chain.reduced)
    let views = operands + targets
    emit(
      .elementwise(
        ElementwiseInstruction(
          extents: nest.extents, views: views.indices.map { nest.view($0, of: views[$0]) },
          steps: writer.steps)))
  }
}

extension ElementwiseChain {
  /// The axes that some, but not all, results are reduced over must not be merged with others.
  fileprivate var reduced: [Bool] {
    shape.dimensions.indices.map { axis in
      results.contains { result in
        guard let axes = result.reduction?.axes, axes.count < shape.rank else { return false }
        return axes.contains(axis)
      }
    }
  }
}

extension ElementwiseChain.Reduction {
  /// The result under the axes of the loop: reduced ones have no stride.
  fileprivate func view(_ target: View, over shape: Shape) -> View {
    var strides: [Int] = []
    var next = 0
    for axis in 0..<shape.rank {
      if axes.contains(axis) {
        strides.append(0)
        if keepAxes { next += 1 }
      } else {
        strides.append(target.strides[next])
        next += 1
      }
    }
    return View(
      buffer: target.buffer, offset: target.offset, extents: Views.extents(shape),
      strides: strides)
  }
}

/// Turns the steps of a chain into those of an instruction.
struct ChainWriter {
  typealias Instruction = ElementwiseInstruction

  let chain: ElementwiseChain
  private(set) var steps: [Instruction.Step] = []
  private(set) var registers = 0
  private var free: [Int] = []
  private var held: [ElementwiseChain.Input: Int] = [:]
  /// The step after which an input is not read any more; results are read by their own step.
  private var lastUse: [ElementwiseChain.Input: Int] = [:]
  private let operandCount: Int

  init(_ chain: ElementwiseChain) throws {
    self.chain = chain
    var operands = 0
    for (index, step) in chain.steps.enumerated() {
      for input in step.inputs {
        lastUse[input] = index
        if case .operand(let place) = input { operands = max(operands, place + 1) }
      }
    }
    operandCount = operands
    for result in chain.results where !chain.isReducible(result) {
      throw LoweringError("chain: a reduction over these axes has no kernel")
    }
  }

  mutating func write() {
    for (index, step) in chain.steps.enumerated() {
      var inputs = step.inputs
      var operation = Lowering.operation(step.op)
      var immediate: Float = 0
      // An operation with a constant saves a register.
      if case .binary(let kind) = step.op {
        if case .constant(let number) = inputs[1], let with = kind.withConstant {
          operation = with
          immediate = Float(kind == .sub ? -number : number)
          inputs.removeLast()
        } else if case .constant(let number) = inputs[0], kind == .sub {
          operation = .subtractFromConstant
          immediate = Float(number)
          inputs.removeFirst()
        }
      }
      let sources = inputs.map { register(of: $0) }
      for input in inputs where lastUse[input] == index { release(input) }
      let result = ElementwiseChain.Input.step(index)
      if let operation {
        let destination = take()
        held[result] = destination
        steps.append(
          .init(
            operation, destination: destination, a: sources.first ?? 0,
            b: sources.count > 1 ? sources[1] : 0, c: sources.count > 2 ? sources[2] : 0,
            immediate: immediate))
      } else {
        // Masks are numbers already; ids were converted as they were loaded.
        let destination = take()
        held[result] = destination
        steps.append(
          .init(.addConstant, destination: destination, a: sources.first ?? 0, immediate: 0))
      }
      finish(index, result)
    }
  }

  /// Stores or reduces what a step computed.
  private mutating func finish(_ index: Int, _ value: ElementwiseChain.Input) {
    guard let register = held[value] else { return }
    for (place, result) in chain.results.enumerated() where result.step == index {
      let operation = result.reduction.map { chain.operation(of: $0) } ?? .store
      steps.append(.init(operation, a: register, b: operandCount + place))
    }
    if lastUse[value] == nil { release(value) }
  }

  private mutating func register(of input: ElementwiseChain.Input) -> Int {
    if let register = held[input] { return register }
    let register = take()
    held[input] = register
    switch input {
    case .operand(let index): steps.append(.init(.load, destination: register, a: index))
    case .constant(let number):
      steps.append(.init(.constant, destination: register, immediate: Float(number)))
    case .step: break
    }
    return register
  }

  private mutating func take() -> Int {
    if let register = free.popLast() { return register }
    registers += 1
    return registers - 1
  }

  private mutating func release(_ input: ElementwiseChain.Input) {
    if let register = held.removeValue(forKey: input) { free.append(register) }
  }
}

extension ElementwiseChain {
  /// Whether the elementwise kernel reduces over these axes: all, the last one, or all but that.
  func isReducible(_ result: Result) -> Bool {
    guard let reduction = result.reduction else { return true }
    let rank = shape.rank
    guard reduction.kind != .min, rank >= 1 else { return false }
    if reduction.axes == Array(0..<rank) { return true }
    // An axis of size 1 is no axis of the loop.
    guard shape[rank - 1] != 1 else { return false }
    return reduction.axes == [rank - 1] || reduction.axes == Array(0..<rank - 1)
  }

  fileprivate func operation(of reduction: Reduction) -> ElementwiseInstruction.Operation {
    let isMax = reduction.kind == .max
    if reduction.axes.count == shape.rank { return isMax ? .maxAll : .sumAll }
    if reduction.axes == [shape.rank - 1] { return isMax ? .maxInner : .sumInner }
    return isMax ? .maxColumns : .sumColumns
  }
}

extension ElementwiseOp.Binary {
  fileprivate var withConstant: ElementwiseInstruction.Operation? {
    switch self {
    case .add, .sub: .addConstant
    case .mul: .mulConstant
    case .max: .maxConstant
    case .min: .minConstant
    case .div: nil
    }
  }
}

import GraphIR
import Plan
import TensorTypes

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

  /// - Parameter chain: every result of which is reducible.
  init(_ chain: ElementwiseChain) {
    self.chain = chain
    var operands = 0
    for (index, step) in chain.steps.enumerated() {
      for input in step.inputs {
        lastUse[input] = index
        if case .operand(let place) = input { operands = max(operands, place + 1) }
      }
    }
    operandCount = operands
  }

  mutating func write() {
    for (index, step) in chain.steps.enumerated() {
      var inputs = step.inputs
      var operation = step.op.operation
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

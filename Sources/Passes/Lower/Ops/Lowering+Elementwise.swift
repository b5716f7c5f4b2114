import GraphIR
import Plan
import TensorTypes

extension Lowering {
  mutating func lower(_ op: ElementwiseOp, _ node: Graph.Node) throws {
    if case .stopGradient = op { return try lowerAlias(node) }
    if case .convertToFloat = op, graph.type(of: try operand(node, 0)).dtype == .bool {
      return try lowerAlias(node)
    }
    guard let target = node.results.first else { return }
    let shape = shape(target)
    var chain = ElementwiseChainBuilder(shape: shape)
    var registers: [Int] = []
    for operand in node.operands {
      if let number = constant(operand) {
        registers.append(chain.constant(Float(number)))
      } else {
        let view = try view(operand)
        registers.append(chain.load(Views.broadcast(view, from: self.shape(operand), to: shape)))
      }
    }
    let register = chain.apply(op.operation, registers)
    chain.store(register, to: try result(node))
    emit(.elementwise(try chain.instruction()))
  }

  /// An op whose result is its operand, when the operand is a constant and has no place.
  private mutating func lowerAlias(_ node: Graph.Node) throws {
    let source = try operand(node, 0)
    guard constant(source) != nil, let target = node.results.first,
      let view = placement[target]
    else { return }
    try store(source, to: view)
  }
}

/// Collects the steps of one elementwise instruction over a shape.
struct ElementwiseChainBuilder {
  let shape: Shape
  private(set) var operands: [View] = []
  private(set) var steps: [ElementwiseInstruction.Step] = []
  private var registers = 0

  init(shape: Shape) { self.shape = shape }

  private mutating func register() -> Int {
    registers += 1
    return registers - 1
  }

  mutating func constant(_ value: Float) -> Int {
    let register = register()
    steps.append(.init(.constant, destination: register, immediate: value))
    return register
  }

  /// - Parameter view: Of the chain's shape, stride 0 where it is broadcast.
  mutating func load(_ view: View) -> Int {
    let register = register()
    steps.append(.init(.load, destination: register, a: operands.count))
    operands.append(view)
    return register
  }

  /// The register of the result; nil as operation hands the first operand on.
  mutating func apply(
    _ operation: ElementwiseInstruction.Operation?, _ operands: [Int]
  ) -> Int {
    guard let operation else { return operands.first ?? 0 }
    let register = register()
    steps.append(
      .init(
        operation, destination: register, a: operands.first ?? 0,
        b: operands.count > 1 ? operands[1] : 0, c: operands.count > 2 ? operands[2] : 0))
    return register
  }

  mutating func store(_ register: Int, to view: View) {
    steps.append(.init(.store, a: register, b: operands.count))
    operands.append(view)
  }

  func instruction() throws -> ElementwiseInstruction {
    let nest = try LoopNest(shape: shape, views: operands)
    return ElementwiseInstruction(
      extents: nest.extents, views: operands.indices.map { nest.view($0, of: operands[$0]) },
      steps: steps)
  }
}

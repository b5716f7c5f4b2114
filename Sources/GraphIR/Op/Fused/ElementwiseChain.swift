import TensorTypes

/// Elementwise ops in one loop over a shape: a straight line of steps over the elements at one
/// place, whose values are stored, or summed on the way. Operands broadcast to the shape.
public struct ElementwiseChain: Sendable, Hashable {
  /// What a step reads.
  public enum Input: Sendable, Hashable {
    /// An operand of the op. Prints as `x0`.
    case operand(Int)
    /// What an earlier step computed. Prints as `t0`.
    case step(Int)
    case constant(Double)
  }

  public struct Step: Sendable, Hashable {
    public var op: ElementwiseOp
    public var inputs: [Input]

    public init(_ op: ElementwiseOp, _ inputs: [Input]) {
      self.op = op
      self.inputs = inputs
    }
  }

  public struct Reduction: Sendable, Hashable {
    public var kind: ReductionOp.Kind
    public var axes: [Int]
    public var keepAxes: Bool

    public init(_ kind: ReductionOp.Kind, axes: [Int], keepAxes: Bool = false) {
      self.kind = kind
      self.axes = axes
      self.keepAxes = keepAxes
    }
  }

  public struct Result: Sendable, Hashable {
    /// The step whose value it is.
    public var step: Int
    /// nil stores the value, of the chain's shape.
    public var reduction: Reduction?

    public init(step: Int, reduction: Reduction? = nil) {
      self.step = step
      self.reduction = reduction
    }
  }

  public var shape: Shape
  public var steps: [Step]
  public var results: [Result]

  public init(shape: Shape, steps: [Step], results: [Result]) {
    self.shape = shape
    self.steps = steps
    self.results = results
  }

  /// The element types of the steps for operands of these.
  public func stepTypes(_ op: String, _ operands: [TensorType]) throws -> [DType] {
    var types: [DType] = []
    for step in steps {
      let inputs = try step.inputs.map { input in
        switch input {
        case .operand(let index):
          guard operands.indices.contains(index) else {
            throw TypeError(op: op, "a step reads x\(index) of \(operands.count) operands")
          }
          return TensorType(operands[index].dtype, shape)
        case .step(let index):
          guard types.indices.contains(index) else {
            throw TypeError(op: op, "step t\(types.count) reads t\(index)")
          }
          return TensorType(types[index], shape)
        case .constant:
          return TensorType(.f32, shape)
        }
      }
      types.append(try step.op.infer(inputs)[0].dtype)
    }
    return types
  }

  func infer(_ op: String, _ operands: [TensorType]) throws -> [TensorType] {
    if let defect = shape.defect { throw TypeError(op: op, "\(shape) \(defect)") }
    for (place, type) in operands.enumerated()
    where type.shape.broadcast(with: shape) != shape {
      throw TypeError.operand(op, place, type, expected: "a shape that broadcasts to \(shape)")
    }
    let types = try stepTypes(op, operands)
    let read = Set(steps.flatMap(\.inputs))
    if let unread = operands.indices.first(where: { !read.contains(.operand($0)) }) {
      throw TypeError(op: op, "no step reads operand \(unread)")
    }
    guard !results.isEmpty else { throw TypeError(op: op, "needs a result") }
    return try results.map { result in
      guard types.indices.contains(result.step) else {
        throw TypeError(op: op, "a result is t\(result.step) of \(types.count) steps")
      }
      let type = TensorType(types[result.step], shape)
      guard let reduction = result.reduction else { return type }
      return try reduction.op.infer([type])[0]
    }
  }

  func expand<E: Emitter>(_ emitter: E, _ operands: [E.Tensor]) throws -> [E.Tensor] {
    var values: [E.Tensor] = []
    for step in steps {
      let inputs = try step.inputs.map { input in
        switch input {
        case .operand(let index): operands[index]
        case .step(let index): values[index]
        case .constant(let number): try emitter.constant(number)
        }
      }
      values.append(try emitter.emitOne(.elementwise(step.op), inputs))
    }
    return try results.map { result in
      let value = values[result.step]
      let whole =
        emitter.shape(of: value) == shape ? value : try emitter.broadcast(value, to: shape)
      guard let reduction = result.reduction else { return whole }
      return try emitter.emitOne(.reduction(reduction.op), [whole])
    }
  }
}

extension ElementwiseChain.Reduction {
  public var op: ReductionOp { .reduce(kind, axes: axes, keepAxes: keepAxes) }
}

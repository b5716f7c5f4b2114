import GraphIR
import Plan
import Schema
import TensorTypes

/// Computes ops at once, as they are emitted, with plain kernels and derivative rules of its own:
/// the reference that compiled plans are compared with.
///
/// A step is `beginStep`, any ops, then `finishStep`. Tensors belong to the step that made them.
public final class EagerEngine<Scalar: EagerScalar>: Emitter {
  public typealias Tensor = EagerTensor<Scalar>

  /// Determines the parameters' start values and all random numbers.
  public let seed: UInt64
  /// Updates done since the start; random numbers depend on it.
  public internal(set) var step = 0
  public private(set) var isTraining = true
  /// The rows of this step: what `B` stands for.
  public private(set) var batchSize = 0
  /// The rows of the batch before those of this step, where it is on a part of a batch.
  public private(set) var firstRow = 0
  /// What the step handed out so far, in order.
  public private(set) var outputs: [(name: String, tensor: Tensor)] = []
  /// Names of the declared parameters, in order.
  public private(set) var parameterIDs: [ParameterID] = []
  /// Looks for infinities and NaN in every result and keeps the first in `firstNonFinite`.
  public var findsNonFinite = false
  public private(set) var firstNonFinite: NonFiniteValue?

  /// What parameters begin with in place of random numbers.
  public var initial: InitialValues?

  /// Called with every op that computes something, and its operands.
  var observer: ((Op, [Tensor]) -> Void)?

  /// Rounding to add to the results of ops.
  package var perturbation: RoundingPerturbation?

  /// The choices to make at kinks; nil for this computation's own.
  var choices: EagerChoices?

  /// Whether emitted ops are kept for `gradients`.
  var isRecording = true
  var tape: [TapeEntry] = []
  /// Tensors of this step have ids from here.
  private(set) var firstID = 0
  private(set) var nextID = 0
  var variables: [ParameterID: EagerVariable<Scalar>] = [:]

  private var feeds: [InputID: EagerStorage<Scalar>] = [:]
  private var reads: [ParameterID: Tensor] = [:]
  private var inputs: [InputID: Tensor] = [:]
  private var streams = 0
  private var effects: [(op: EffectOp, value: Tensor)] = []

  /// An op that was run, for reverse mode.
  struct TapeEntry {
    let op: Op
    let operands: [Tensor]
    let result: Tensor
  }

  public init(seed: UInt64) { self.seed = seed }

  // MARK: Steps

  /// Starts a step and releases the tensors of the last one.
  /// - Parameters:
  ///   - batchSize: the rows of the step, at least 0.
  ///   - feeds: row-major elements by name.
  ///   - isRecording: whether `gradients` will be asked for.
  ///   - firstRow: rows of the batch before these, where they are a part of one; random numbers go on from there.
  public func beginStep(
    batchSize: Int, feeds: [InputID: EagerStorage<Scalar>] = [:], isTraining: Bool = true,
    isRecording: Bool = true, firstRow: Int = 0
  ) {
    precondition(batchSize >= 0, "a batch has no negative size")
    release()
    self.batchSize = batchSize
    self.feeds = feeds
    self.isTraining = isTraining
    self.isRecording = isRecording
    self.firstRow = firstRow
    firstID = nextID
    if firstRow == 0 { firstNonFinite = nil }
  }

  /// Ends a step: applies its `update` and `assign` ops and counts it, unless `optimizer` is nil.
  /// - Parameter learningRate: nil for the optimizer's own.
  /// - Throws: `EagerError.unknownParameter`.
  public func finishStep(optimizer: Optimizer?, learningRate: Double? = nil) throws {
    defer { release() }
    guard let optimizer else { return }
    for (op, value) in effects {
      switch op {
      case .update(let id, _): try update(id, gradient: value.floats, optimizer, learningRate)
      case .assign(let id, _): try setValues(of: id, value.floats)
      }
    }
    step += 1
  }

  /// What the step has assigned to parameters so far.
  func assignments() -> [ParameterID: [Scalar]] {
    var values: [ParameterID: [Scalar]] = [:]
    for case (.assign(let id, _), let value) in effects { values[id] = value.floats }
    return values
  }

  private func release() {
    tape = []
    outputs = []
    feeds = [:]
    reads = [:]
    inputs = [:]
    effects = []
    streams = 0
  }

  // MARK: Emitter

  public func type(of tensor: Tensor) -> TensorType { tensor.type }

  // Models are generic over the engine, in modules that cannot make forms of it for a scalar.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @discardableResult
  public func emit(_ op: Op, _ operands: [Tensor]) throws -> [Tensor] {
    let types = try op.infer(operands.map(\.type))
    // Kernels read as many elements as the types say; this is what makes that safe.
    for operand in operands where operand.sizes != operand.type.shape.sizes(batch: batchSize) {
      throw EagerError.foreignTensor(operand.type)
    }
    switch op {
    case .source(let source):
      return [try read(source)]
    case .effect(let effect):
      effects.append((effect, operands[0]))
      return []
    case .matrix(.linear(let form)):
      return [try form.expand(self, operands)]
    case .fused(let op):
      return try op.expand(self, operands)
    case .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .group:
      let sizes = types[0].shape.sizes(batch: batchSize)
      observer?(op, operands)
      if let choices, EagerChoices.decides(op) { return try choose(op, operands, choices) }
      let storage =
        try perturbation?.evaluate(op, operands, resultSizes: sizes)
        ?? Scalar.evaluate(op, operands, resultSizes: sizes)
      let result = make(types[0], storage)
      if isRecording, types[0].dtype == .f32 {
        tape.append(TapeEntry(op: op, operands: operands, result: result))
      }
      check(result, op.mnemonic, operands)
      return [result]
    }
  }

  public func parameter(_ parameter: Parameter) throws -> Tensor {
    try declare(parameter)
    return try emitOne(.source(.parameter(parameter.id, parameter.type)), [])
  }

  public func makeRandomStream() -> Int {
    defer { streams += 1 }
    return streams
  }

  public func output(_ name: String, _ tensor: Tensor) throws {
    guard !outputs.contains(where: { $0.name == name }) else {
      throw TypeError(op: "output", "the name \(name) is taken")
    }
    outputs.append((name, tensor))
  }

  /// The output of that name of the running step.
  public func output(named name: String) -> Tensor? { outputs.first { $0.name == name }?.tensor }

  /// Declares a parameter without reading it. It starts as its initializer says, but for rows that
  /// have initial values.
  public func declare(_ parameter: Parameter) throws {
    if let declared = variables[parameter.id]?.parameter {
      guard declared.type == parameter.type else {
        throw TypeError(
          op: "parameter",
          "\(parameter.id) is declared as \(parameter.type) here and as \(declared.type) before")
      }
      return
    }
    guard parameter.type.dtype == .f32, !parameter.type.shape.hasBatch else {
      throw TypeError(
        op: "parameter", "\(parameter.id) has type \(parameter.type), expected f32 of static shape")
    }
    variables[parameter.id] = EagerVariable(
      parameter, seed: seed, initial: initial?[parameter.id.name])
    parameterIDs.append(parameter.id)
  }

  // MARK: Results

  private func read(_ source: SourceOp) throws -> Tensor {
    switch source {
    case .input(let id, let type):
      if let tensor = inputs[id], tensor.type == type { return tensor }
      guard let storage = feeds[id] else { throw EagerError.missingFeed(id) }
      guard storage.dtype == type.dtype, storage.count == type.shape.count(batch: batchSize) else {
        throw EagerError.feedMismatch(
          id, count: storage.count, dtype: storage.dtype, expected: type, batchSize: batchSize)
      }
      let tensor = make(type, storage)
      check(tensor, "input \(id)", [])
      inputs[id] = tensor
      return tensor
    case .parameter(let id, let type):
      guard let variable = variables[id] else { throw EagerError.unknownParameter(id) }
      guard variable.parameter.type == type else {
        throw TypeError(
          op: source.mnemonic,
          "\(id) is read as \(type) and declared \(variable.parameter.type)")
      }
      if let tensor = reads[id] { return tensor }
      let tensor = make(type, .floats(variable.values))
      reads[id] = tensor
      check(tensor, "parameter", [])
      return tensor
    case .constant(_, let type):
      let sizes = type.shape.sizes(batch: batchSize)
      return make(type, try Scalar.evaluate(.source(source), [], resultSizes: sizes))
    case .batchSize:
      return make(.f32(), .floats([Scalar(batchSize)]))
    case .random(let stream, let shape):
      let ofRow = shape.batchAxis == 0 ? shape.count(batch: 1) : 0
      let values = CounterRandom(seed: seed).uniforms(
        stream: stream, step: step, first: firstRow * ofRow, count: shape.count(batch: batchSize))
      return make(TensorType(.f32, shape), .floats(converting: values))
    }
  }

  func make(_ type: TensorType, _ storage: EagerStorage<Scalar>) -> Tensor {
    defer { nextID += 1 }
    return Tensor(
      id: nextID, type: type, sizes: type.shape.sizes(batch: batchSize), storage: storage)
  }

  private func check(_ result: Tensor, _ op: String, _ operands: [Tensor]) {
    guard findsNonFinite, firstNonFinite == nil, case .floats(let values) = result.storage,
      !Scalar.areFinite(values)
    else { return }
    firstNonFinite = NonFiniteValue(
      op: op, operands: operands.map(\.type), result: result.type,
      place: operands.isEmpty && op != "parameter" ? "the data" : place([result] + operands))
  }

  /// The layer of the first parameter among these, or among what they come from.
  private func place(_ tensors: [Tensor]) -> String {
    let names = Dictionary(
      reads.map { ($0.value.id, $0.key.name) }, uniquingKeysWith: { first, _ in first })
    let entries = Dictionary(
      tape.map { ($0.result.id, $0) }, uniquingKeysWith: { first, _ in first })
    var (pending, seen) = (tensors, Set(tensors.map(\.id)))
    var prefix = "the layer "
    while !pending.isEmpty {
      if let name = pending.lazy.compactMap({ names[$0.id] }).first {
        return prefix + layerName(name)
      }
      prefix = "what follows the layer "
      pending = pending.flatMap { entries[$0.id]?.operands ?? [] }
        .filter { seen.insert($0.id).inserted }
    }
    return "the loss"
  }
}

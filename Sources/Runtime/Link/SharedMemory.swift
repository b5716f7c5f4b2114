import CKernels
import Plan
import Schema

/// What all programs of a session share: parameters, gradients, optimizer states and the numbers
/// that the optimizer and the random kernels read at run time.
final class SharedMemory {
  let parameters: MemoryBlock
  let gradients: MemoryBlock
  let states: [MemoryBlock]
  let optimizer: Optimizer
  let matmulPrecision: MatmulPrecision
  private let store = ArgumentStore()
  let hyper: UnsafeMutablePointer<mtlc_optimizer_hyper>
  let sparseHyper: UnsafeMutablePointer<mtlc_sparse_hyper>
  /// Parameters that are updated by rows, whose states start as that rule says.
  private let tables: [ParameterRecord]
  /// What the states are known to hold, so that large ones need not be read through.
  enum StateContents { case zeros, startValues, anything }
  var stateContents = StateContents.zeros
  /// Steps done before the one that runs.
  let step: UnsafeMutablePointer<Int64>

  init(_ plan: Plan) throws(LinkError) {
    optimizer = plan.training.optimizer
    matmulPrecision = plan.training.matmulPrecision
    parameters = try MemoryBlock(floats: plan.parameterFloats, what: "parameters")
    let trains = plan.programs.contains { $0.kind != .predict }
    gradients = try MemoryBlock(floats: trains ? plan.parameterFloats : 0, what: "gradients")
    var states: [MemoryBlock] = []
    if plan.program(.train) != nil {
      for k in 0..<optimizer.stateBlocks {
        states.append(
          try MemoryBlock(floats: plan.parameterFloats, what: "optimizer state \(k + 1)"))
      }
    }
    self.states = states
    hyper = store.make(mtlc_optimizer_hyper())
    sparseHyper = store.make(mtlc_sparse_hyper())
    let names = Set(optimizer.sparse?.tables ?? [])
    tables = plan.parameters.filter { names.contains($0.name) }
    step = store.make(Int64(0))
  }

  /// MTLC_OPTIMIZER_*.
  var optimizerKind: Int32 {
    switch optimizer.kind {
    case .sgd:
      Int32(optimizer.momentum == 0 ? MTLC_OPTIMIZER_SGD : MTLC_OPTIMIZER_MOMENTUM)
    case .adam: Int32(MTLC_OPTIMIZER_ADAM)
    case .adamw: Int32(MTLC_OPTIMIZER_ADAMW)
    case .adagrad: Int32(MTLC_OPTIMIZER_ADAGRAD)
    }
  }

  /// MTLC_PRECISION_* of a program: others than a training step are exact.
  func precision(of kind: Program.Kind) -> Int32 {
    guard kind == .train else { return Int32(MTLC_PRECISION_HIGHEST) }
    return switch matmulPrecision {
    case .highest: Int32(MTLC_PRECISION_HIGHEST)
    case .high: Int32(MTLC_PRECISION_HIGH)
    case .medium: Int32(MTLC_PRECISION_MEDIUM)
    }
  }

  /// Where state `k` of the parameter at this address lies; the parameter itself where the
  /// optimizer has no such state, since kernels may form the address without reading it.
  func state(_ k: Int, of parameter: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float> {
    guard k < states.count, let from = parameters.floats.baseAddress,
      let to = states[k].floats.baseAddress
    else { return parameter }
    return to + (parameter - from)
  }

  /// The gradient of the parameter at this address.
  func gradient(of parameter: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float> {
    guard let from = parameters.floats.baseAddress, let to = gradients.floats.baseAddress else {
      return parameter
    }
    return to + (parameter - from)
  }

  /// Sets what the optimizer reads for the step after `steps` steps.
  func refreshHyper(steps: Int, learningRate: Double) {
    let number = Double(steps + 1)
    hyper.pointee = mtlc_optimizer_hyper(
      learning_rate: Float(learningRate), beta1: optimizer.beta1, beta2: optimizer.beta2,
      epsilon: Float(optimizer.epsilon),
      weight_decay: Float(optimizer.weightDecay), momentum: Float(optimizer.momentum),
      bias_correction1: Float(1 - power(optimizer.beta1, number)),
      bias_correction2: Float(1 - power(optimizer.beta2, number)), gradient_scale: 1)
    refreshSparse(number, learningRate: learningRate)
  }

  /// The same for tables that are updated by rows, whose rate follows that of the rest.
  private func refreshSparse(_ number: Double, learningRate: Double) {
    guard let sparse = optimizer.sparse else { return }
    var values = mtlc_sparse_hyper()
    let factor = optimizer.learningRate > 0 ? learningRate / optimizer.learningRate : 1
    values.learning_rate = Float(sparse.learningRate * factor)
    values.epsilon = Float(sparse.epsilon)
    values.beta1 = sparse.beta1
    values.beta2 = sparse.beta2
    values.bias_correction1 = Float(1 - power(sparse.beta1, number))
    values.bias_correction2 = Float(1 - power(sparse.beta2, number))
    values.gradient_scale = 1
    values.l1 = Float(sparse.l1)
    values.ftrl_l2 = Float(sparse.l2)
    values.ftrl_beta = Float(sparse.beta)
    values.initial_accumulator = Float(sparse.initialAccumulator)
    sparseHyper.pointee = values
  }

  /// Sets states to what the rules start from. Pages that stay zero are not touched.
  func resetStates() {
    if stateContents == .startValues { return }
    defer { stateContents = .startValues }
    let areZeros = stateContents == .zeros
    let starts = optimizer.startValues
    let tableStarts = optimizer.sparse?.startValues ?? []
    for (k, state) in states.enumerated() {
      var start = 0
      let initial = k < starts.count ? Float(starts[k]) : 0
      let tableInitial = k < tableStarts.count ? Float(tableStarts[k]) : 0
      func fill(_ range: Range<Int>, _ value: Float) {
        let part = UnsafeMutableBufferPointer(rebasing: state.floats[range])
        // Reading a page that was never written does not make it take memory; writing would.
        if value == 0, areZeros || part.allSatisfy({ $0 == 0 }) { return }
        part.update(repeating: value)
      }
      for table in tables.sorted(by: { $0.offset < $1.offset }) {
        let end = table.offset + (table.rows - 1) * table.rowStride + table.columns
        fill(start..<max(start, table.offset), initial)
        fill(max(start, table.offset)..<end, 0)
        if let sparse = optimizer.sparse {
          let used = sparse.kind == .rowwiseAdagrad ? table.offset + table.rows : end
          fill(table.offset..<min(used, end), tableInitial)
        }
        start = end
      }
      fill(start..<state.bytes / 4, initial)
    }
  }
}

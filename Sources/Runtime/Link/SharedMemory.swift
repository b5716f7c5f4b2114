import CKernels
import Plan

/// What all programs of a session share: parameters, gradients, optimizer states and the numbers
/// that the optimizer and the random kernels read at run time.
final class SharedMemory {
  let parameters: MemoryBlock
  let gradients: MemoryBlock
  let states: [MemoryBlock]
  let optimizer: OptimizerSettings
  private let store = ArgumentStore()
  let hyper: UnsafeMutablePointer<mtlc_optimizer_hyper>
  /// Steps done before the one that runs.
  let step: UnsafeMutablePointer<Int64>

  init(_ plan: Plan) throws(LinkError) {
    optimizer = plan.training.optimizer
    parameters = try MemoryBlock(floats: plan.parameterFloats, what: "parameters")
    let trains = plan.programs.contains { $0.kind != .predict }
    gradients = try MemoryBlock(floats: trains ? plan.parameterFloats : 0, what: "gradients")
    var states: [MemoryBlock] = []
    if plan.program(.train) != nil {
      for k in 0..<optimizer.stateCount {
        states.append(
          try MemoryBlock(floats: plan.parameterFloats, what: "optimizer state \(k + 1)"))
      }
    }
    self.states = states
    hyper = store.make(mtlc_optimizer_hyper())
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
  }

  /// States before the first step: the initial accumulator of Adagrad, else 0.
  func resetStates() {
    for state in states {
      state.floats.update(
        repeating: optimizer.kind == .adagrad
          ? Float(optimizer.initialAccumulator) : 0)
    }
  }
}

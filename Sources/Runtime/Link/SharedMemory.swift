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
  let kernels: KernelSettings
  private let store = ArgumentStore()
  let hyper: UnsafeMutablePointer<mtlc_optimizer_hyper>
  let sparseHyper: UnsafeMutablePointer<mtlc_optimizer_hyper>
  /// Parameters that are updated by rows, whose states start as that rule says.
  private let tables: [ParameterRecord]
  /// What the states are known to hold, so that large ones need not be read through.
  enum StateContents { case zeros, startValues, anything }
  var stateContents = StateContents.zeros
  /// Steps done before the one that runs.
  let step: UnsafeMutablePointer<Int64>
  /// By the offset of a table that is updated by rows, the part of the work on it that is this worker's.
  let workerShares: [Int: UnsafeMutablePointer<WorkerShare>]
  /// Whether and where workers wait for each other in an update.
  let meeting: UnsafeMutablePointer<WorkerShare>
  /// Rows of the batch before those of the run, where the run is on a part of a batch.
  let firstRow: UnsafeMutablePointer<Int64>

  /// Whether tables end with a whole row, as those do of which a worker owns a part of the rows.
  private let hasWholeRows: Bool

  /// - Parameter shards: Where the plan is that of a worker that owns a part of the rows of tables.
  init(_ plan: Plan, _ shards: TableShards? = nil) throws(LinkError) {
    optimizer = plan.training.optimizer
    kernels = plan.training.kernels
    hasWholeRows = shards != nil
    let names = Set(optimizer.sparse?.tables ?? [])
    tables = plan.parameters.filter { names.contains($0.name) }
    // Their pages may become those of other workers too.
    let hasPages = plan.program(.update) != nil && !tables.isEmpty
    parameters = try MemoryBlock(
      floats: shards?.blockFloats ?? plan.parameterFloats, what: "parameters", hasPages: hasPages)
    let trains = plan.programs.contains { $0.kind != .predict }
    gradients = try MemoryBlock(floats: trains ? plan.parameterFloats : 0, what: "gradients")
    var states: [MemoryBlock] = []
    if plan.program(.train) != nil {
      for k in 0..<optimizer.stateBlocks {
        states.append(
          try MemoryBlock(
            floats: plan.parameterFloats, what: "optimizer state \(k + 1)", hasPages: hasPages))
      }
    }
    self.states = states
    hyper = store.make(mtlc_optimizer_hyper())
    sparseHyper = store.make(mtlc_optimizer_hyper())
    var shares: [Int: UnsafeMutablePointer<WorkerShare>] = [:]
    for table in tables { shares[table.offset] = store.make(WorkerShare()) }
    workerShares = shares
    meeting = store.make(WorkerShare())
    step = store.make(Int64(0))
    firstRow = store.make(Int64(0))
  }

  /// Where state `k` of the parameter at this address lies; the parameter itself where the
  /// optimizer has no such state, since kernels may form the address without reading it.
  func state(_ k: Int, of parameter: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float> {
    guard k < states.count, let from = parameters.floats.baseAddress,
      let to = states[k].floats.baseAddress
    else { return parameter }
    return to + (parameter - from)
  }

  /// Sets what the optimizer reads for the step after `steps` steps. The rate of tables that are updated
  /// by rows follows that of the rest.
  func refreshHyper(steps: Int, learningRate: Double) {
    let step = Double(steps + 1)
    hyper.pointee = mtlc_optimizer_hyper(
      optimizer.hyperparameters, learningRate: learningRate, step: step)
    guard let sparse = optimizer.sparse else { return }
    let factor = optimizer.learningRate > 0 ? learningRate / optimizer.learningRate : 1
    sparseHyper.pointee = mtlc_optimizer_hyper(
      sparse.hyperparameters, learningRate: sparse.learningRate * factor, step: step)
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
        // Tables may be columns of one matrix.
        let last = hasWholeRows ? table.rowStride : table.columns
        let end = max(start, table.offset + (table.rows - 1) * table.rowStride + last)
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

extension mtlc_optimizer_hyper {
  /// - Parameter step: counted from 1.
  fileprivate init(_ numbers: Hyperparameters, learningRate: Double, step: Double) {
    self.init()
    learning_rate = Float(learningRate)
    beta1 = numbers.beta1
    beta2 = numbers.beta2
    epsilon = Float(numbers.epsilon)
    weight_decay = Float(numbers.weightDecay)
    momentum = Float(numbers.momentum)
    bias_correction1 = Float(1 - power(numbers.beta1, step))
    bias_correction2 = Float(1 - power(numbers.beta2, step))
    gradient_scale = 1
    l1 = Float(numbers.l1)
    ftrl_l2 = Float(numbers.l2)
    ftrl_beta = Float(numbers.beta)
    initial_accumulator = Float(numbers.initialAccumulator)
  }
}

import GraphIR
import Plan
import Schema

/// A model that is run op by op: the closure that builds it is called for every step.
public final class EagerModel<Scalar: EagerScalar> {
  public typealias Engine = EagerEngine<Scalar>
  public typealias Feeds = [InputID: EagerStorage<Scalar>]

  /// The output that training minimises, f32[].

  public let engine: Engine
  public let optimizer: Optimizer
  /// Of the next step; starts as the optimizer says.
  public var learningRate: Double
  public let clipping: GradientClipping
  public let weighting: TaskWeighting
  /// How a batch of a training step is cut.
  public let microBatches: MicroBatches
  /// The tasks that `weighting` is about.
  public let tasks: [TaskWeight]
  /// The derivatives of the last step's loss by the trainable parameters, row-major, before they
  /// are clipped; zeros for a parameter that the loss does not depend on.
  public internal(set) var gradients: [ParameterID: [Scalar]] = [:]
  /// What the gradients of a task by the shared parameters were multiplied by in the last step, by
  /// task, where `weighting` works on gradients.
  public private(set) var taskFactors: [String: Scalar] = [:]
  let build: (Engine) throws -> Void

  /// - Parameters:
  ///   - initial: What parameters begin with in place of random numbers.
  ///   - build: emits the model and hands out its outputs, among them "loss" when `isTraining`.
  public init(
    seed: UInt64, optimizer: Optimizer, clipping: GradientClipping = GradientClipping(),
    weighting: TaskWeighting = .fixed, tasks: [TaskWeight] = [], initial: InitialValues? = nil,
    microBatches: MicroBatches = MicroBatches(),
    build: @escaping (Engine) throws -> Void
  ) {
    engine = EagerEngine(seed: seed)
    engine.initial = initial
    self.optimizer = optimizer
    learningRate = optimizer.learningRate
    self.clipping = clipping
    self.weighting = weighting
    self.microBatches = microBatches
    self.tasks = tasks
    self.build = build
  }

  /// One training step: forward, backward, optimizer.
  /// - Parameter isUpdating: false to leave parameters and step count as they are, for a look at
  ///   the gradients.
  /// - Returns: the outputs by name.
  /// - Throws: what the model throws; `EagerError` for unsuitable feeds or a missing loss.
  @discardableResult
  public func step(
    batchSize: Int, feeds: Feeds, isUpdating: Bool = true
  ) throws -> [String: EagerTensor<Scalar>] {
    if microBatches.isOn {
      return try microBatchedStep(rows: batchSize, feeds: feeds, isUpdating: isUpdating)
    }
    engine.beginStep(batchSize: batchSize, feeds: feeds)
    do {
      let (outputs, loss) = try forward()
      let trainable = trainableParameters
      let reads = try trainable.map { try engine.parameter($0) }
      let found: [[Scalar]]
      var joined: EagerTaskGradients<Scalar>?
      if weighting.needsTaskGradients {
        let taskGradients = try EagerTaskGradients(
          engine, reads, tasks: tasks, weighting: weighting)
        found = taskGradients.joined
        joined = taskGradients
      } else {
        found = try engine.gradients(of: loss, withRespectTo: reads).map(\.floats)
      }
      gradients = [:]
      for (parameter, gradient) in zip(trainable, found) { gradients[parameter.id] = gradient }
      taskFactors = joined?.factors ?? [:]
      if isUpdating {
        for (parameter, gradient) in zip(trainable, clipping.applied(to: found)) {
          try engine.update(parameter.id, gradient: gradient, optimizer, learningRate)
        }
        try joined?.moveWeights(engine)
      }
      try engine.finishStep(optimizer: isUpdating ? optimizer : nil, learningRate: learningRate)
      return outputs
    } catch {
      try engine.finishStep(optimizer: nil)
      throw error
    }
  }

  /// Forward only, with `isTraining` false.
  /// - Returns: the outputs by name.
  /// - Throws: what the model throws; `EagerError` for unsuitable feeds.
  public func predict(batchSize: Int, feeds: Feeds) throws -> [String: EagerTensor<Scalar>] {
    engine.beginStep(batchSize: batchSize, feeds: feeds, isTraining: false, isRecording: false)
    do {
      try build(engine)
      let outputs = collectOutputs()
      try engine.finishStep(optimizer: nil)
      return outputs
    } catch {
      try engine.finishStep(optimizer: nil)
      throw error
    }
  }

  /// Builds the model within a step.
  func forward() throws -> (outputs: [String: EagerTensor<Scalar>], loss: EagerTensor<Scalar>) {
    try build(engine)
    let outputs = collectOutputs()
    guard let loss = outputs[OutputName.loss] else {
      throw EagerError.missingOutput(OutputName.loss)
    }
    guard loss.type == .f32() else { throw EagerError.lossIsNotScalar(loss.type) }
    return (outputs, loss)
  }

  /// The parameters that gradients move, as far as they are declared.
  var trainableParameters: [Parameter] {
    engine.parameterIDs.compactMap { engine.variable($0)?.parameter }.filter(\.isTrainable)
  }

  private func collectOutputs() -> [String: EagerTensor<Scalar>] {
    Dictionary(engine.outputs.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
  }
}

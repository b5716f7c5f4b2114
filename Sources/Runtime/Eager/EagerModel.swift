import GraphIR
import Plan

/// A model that is run op by op: the closure that builds it is called for every step.
public final class EagerModel<Scalar: EagerScalar> {
  public typealias Engine = EagerEngine<Scalar>
  public typealias Feeds = [InputID: EagerStorage<Scalar>]

  /// The output that training minimises, f32[].
  public static var lossOutput: String { "loss" }

  public let engine: Engine
  public let optimizer: OptimizerSettings
  /// The derivatives of the last step's loss by the trainable parameters, row-major. A parameter
  /// that the loss does not depend on has none.
  public private(set) var gradients: [ParameterID: [Scalar]] = [:]
  private let build: (Engine) throws -> Void

  /// - Parameter build: emits the model and hands out its outputs, among them "loss" when
  ///   `isTraining`.
  public init(
    seed: UInt64, optimizer: OptimizerSettings, build: @escaping (Engine) throws -> Void
  ) {
    engine = EagerEngine(seed: seed)
    self.optimizer = optimizer
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
    engine.beginStep(batchSize: batchSize, feeds: feeds)
    do {
      try build(engine)
      let outputs = collectOutputs()
      guard let loss = outputs[Self.lossOutput] else {
        throw EagerError.missingOutput(Self.lossOutput)
      }
      guard loss.type == .f32() else { throw EagerError.lossIsNotScalar(loss.type) }
      let trainable = engine.parameterIDs.compactMap { engine.variable($0)?.parameter }
        .filter(\.isTrainable)
      let reads = try trainable.map { try engine.parameter($0) }
      let found = try engine.cotangents(of: loss, withRespectTo: reads, createGraph: false)
      gradients = [:]
      for (parameter, gradient) in zip(trainable, found) {
        guard let gradient else { continue }
        gradients[parameter.id] = gradient.floats
        try engine.emit(.effect(.update(parameter.id, parameter.type)), [gradient])
      }
      try engine.finishStep(optimizer: isUpdating ? optimizer : nil)
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

  private func collectOutputs() -> [String: EagerTensor<Scalar>] {
    Dictionary(engine.outputs.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
  }
}

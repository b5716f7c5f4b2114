import GraphIR
import Passes
import Plan
import Runtime
import Schema
import TensorTypes
import TestSupport

/// Compiles a graph with an output `loss` and runs its programs on given feeds and parameters.
struct PlanRunner {
  let plan: Plan
  let session: Session
  let reports: [Compiler.ProgramReport]

  /// - Parameters:
  ///   - capacity: The batch capacity; runs may have fewer rows.
  ///   - optimizer: What the train program does with the gradients.
  init(
    _ graph: Graph, capacity: Int, disabled: Set<String> = [], threads: Int = 1,
    optimizer: Optimizer = .init(kind: .sgd, learningRate: 0.1),
    settings: (inout TrainingSettings) -> Void = { _ in }
  ) throws {
    let compiler = Compiler(options: .init(disabled: disabled, includesGradients: true))
    var training = TrainingSettings(
      batchSize: capacity, evaluationBatchSize: capacity, epochs: 1, seed: 1, optimizer: optimizer)
    settings(&training)
    // Running statistics move in training alone.
    let prediction = try graph.rewritten { _, _, node in node.op.hasEffect ? [] : nil }
    let result = try compiler.compile(
      .init(
        name: graph.name,
        schema: DataSchema(format: TableFormat(), features: [], labels: []), tasks: [],
        training: training, trainingGraph: graph, predictionGraph: prediction))
    plan = result.plan
    reports = result.reports
    session = try Session(plan: plan, threads: threads)
  }

  func setParameters(_ values: [ParameterID: [Double]]) throws {
    for (id, value) in values where plan.parameters.contains(where: { $0.name == id.name }) {
      try session.setParameter(id.name, value.map { Float($0) })
    }
  }

  /// Runs a program and hands out every fetch.
  func run(
    _ kind: Program.Kind, rows: Int, feeds: [InputID: [Double]]
  ) throws -> [String: [Float]] {
    for block in try session.feeds(kind) {
      let values = feeds[InputID(block.name)] ?? []
      for (index, value) in values.enumerated() {
        if block.isInteger {
          block.base.storeBytes(of: Int32(value), toByteOffset: 4 * index, as: Int32.self)
        } else {
          block.base.storeBytes(of: Float(value), toByteOffset: 4 * index, as: Float.self)
        }
      }
    }
    try session.run(kind, rows: rows)
    var outputs: [String: [Float]] = [:]
    for fetch in plan.program(kind)?.fetches ?? [] {
      outputs[fetch.name] = try session.fetch(fetch.name, kind).values(rows: rows)
    }
    return outputs
  }
}

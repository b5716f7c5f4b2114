import GraphIR
import ModelDefs
import Passes
import Plan
import Schema

extension Experiment {
  /// The model as it predicts, in parts: features, layers, experts, gates, towers, what is predicted.
  /// Reads the training files only where a vocabulary has to be learned from them.
  public func diagram(
    observer: any Observer = .silent
  ) throws(ExperimentError) -> ModelDiagram {
    try ExperimentError.wrap { try diagram(of: assumedShape(observer)) }
  }

  /// The ops of a program.
  ///
  /// - Parameter pass: The pass after whose last run; nil for the graph as the model emits it.
  public func diagram(
    ofOps program: ProgramPurpose, after pass: String? = nil, observer: any Observer = .silent
  ) throws(ExperimentError) -> ModelDiagram {
    try ExperimentError.wrap { try diagram(of: assumedShape(observer), program, after: pass) }
  }

  fileprivate func diagram(of shape: ModelShape) throws -> ModelDiagram {
    let outputs = spec.taskRecords.map { ($0.output, $0.name) }
    return ModelDiagram(
      title: spec.name, parts: try compiler.graph(.predict, shape),
      outputs: Dictionary(outputs) { first, _ in first })
  }

  fileprivate func diagram(
    of shape: ModelShape, _ program: ProgramPurpose, after pass: String?
  ) throws -> ModelDiagram {
    let source = try compiler.graph(program, shape)
    guard let pass else { return ModelDiagram(ops: source) }
    let standard = try Pipeline.standard(program.program(spec.learning).purpose)
    let all = program == .train ? try standard.training(as: spec.training, source) : standard
    return ModelDiagram(ops: try all.stopping(after: pass).run(source))
  }
}

extension CompiledPlan {
  /// The model that the plan was compiled from, in parts. No file is read.
  public func diagram() throws(ExperimentError) -> ModelDiagram {
    try ExperimentError.wrap { try experiment().diagram(of: shape) }
  }

  /// The ops of a program of that model.
  ///
  /// - Parameter pass: The pass after whose last run; nil for the graph as the model emits it.
  public func diagram(
    ofOps program: ProgramPurpose, after pass: String? = nil
  ) throws(ExperimentError) -> ModelDiagram {
    try ExperimentError.wrap { try experiment().diagram(of: shape, program, after: pass) }
  }

  private func experiment() throws -> Experiment {
    var spec = try Spec(text: plan.specText, file: "the plan's spec", overrides: [])
    // A spec without a name has that of its file.
    spec.name = plan.name
    return Experiment(spec)
  }

  /// What the model was compiled for.
  private var shape: ModelShape {
    if case .images(_, _, _, let height, let width, _)? = plan.episodes?.kind {
      .images(height: height, width: width)
    } else {
      .rows(plan.schema)
    }
  }
}

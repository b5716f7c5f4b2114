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
    try ExperimentError.wrap {
      let graph = try compiler.graph(.predict, try assumedShape(observer))
      let outputs = spec.taskRecords.map { ($0.output, $0.name) }
      return ModelDiagram(parts: graph, outputs: Dictionary(outputs) { first, _ in first })
    }
  }

  /// The ops of a program.
  ///
  /// - Parameter pass: The pass after whose last run; nil for the graph as the model emits it.
  public func diagram(
    ofOps program: ProgramPurpose, after pass: String? = nil, observer: any Observer = .silent
  ) throws(ExperimentError) -> ModelDiagram {
    try ExperimentError.wrap {
      let source = try compiler.graph(program, try assumedShape(observer))
      guard let pass else { return ModelDiagram(ops: source) }
      let standard = try Pipeline.standard(program.program(spec.learning).purpose)
      let all =
        program == .train ? try standard.training(as: spec.training, source) : standard
      return ModelDiagram(ops: try all.stopping(after: pass).run(source))
    }
  }
}

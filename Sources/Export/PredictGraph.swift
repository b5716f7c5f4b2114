import GraphIR
import ModelDefs
import Plan

extension Plan {
  /// The graph of the prediction program as the model emits it, before any pass: it is built again from
  /// the spec that the plan holds, so that layers and parameters have their own names.
  ///
  /// - Throws: `ExportError` for a plan that learns from episodes, and for one whose parameters are not
  ///   those of the model; `SpecError` for a spec that cannot be read.
  func predictGraph() throws -> Graph {
    guard episodes == nil else {
      throw ExportError(
        "a plan that learns from episodes adapts to a task before it predicts, which an exported"
          + " model cannot", hint: "mtlc run PLAN --eval ROWS adapts to each task")
    }
    let spec = try Spec(text: specText, file: name)
    let known = Dictionary(parameters.map { ($0.name, $0.shape) }) { first, _ in first }
    // Whether labels were scaled is known by the parameters; start values do not matter here.
    let priors = spec.tasks.map { task in
      known[task.labelScaleParameter("mean")] == nil
        ? nil : LabelPrior(count: 1, mean: 0, deviation: 1)
    }
    let builder = GraphBuilder(name: name, isTraining: false)
    try buildModel(spec, schema: schema, priors: priors, purpose: .predict, on: builder)
    for parameter in builder.graph.parameters {
      guard known[parameter.id.name] == parameter.type.shape.sizes(batch: 0) else {
        throw ExportError(
          "the plan has no parameter \(parameter.id.name) of shape \(parameter.type.shape), which the"
            + " model of its spec has", hint: "compile and train the spec again")
      }
    }
    return builder.graph
  }
}

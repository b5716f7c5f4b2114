import GraphIR
import Plan
import Schema

/// A trained plan as an ONNX model.
package struct ONNXExport {
  package let model: ONNXModel
  /// Its inputs, in the order of the features.
  package let inputs: [ONNXInput]

  /// - Parameter inputs: What rows enter the model as.
  /// - Throws: `ExportError` for a plan that was not trained, that learns from episodes, or whose features
  ///   have no form in ONNX.
  package init(_ plan: Plan, inputs: ONNXInputs) throws {
    let graph = try plan.predictGraph()
    var builder = ONNXBuilder(
      name: plan.name, outputs: plan.tasks.map(\.name),
      inputs: plan.schema.features.flatMap { [$0.name, $0.column] })
    let feeds =
      switch inputs {
      case .encoded: ONNXEncodedInputs.declare(plan.schema, &builder)
      case .raw: try ONNXRawInputs.declare(plan.schema, &builder)
      }
    self.inputs = feeds.inputs
    var translator = ONNXTranslator(graph, plan, feeds, builder)
    try translator.translate()
    for task in plan.tasks {
      guard let value = graph.output(named: task.output) else {
        throw ExportError("the model of the plan's spec has no output \(task.output)")
      }
      try translator.builder.output(
        task.name, translator.name(value), [.batch, .fixed(task.width)],
        Self.documentation(task, plan))
    }
    model = ONNXModel(
      producer: "mtlc",
      documentation: "\(plan.name): a multi-task model of mtlc; inputs are \(inputs.rawValue).",
      metadata: [
        ("mtlc.inputs", inputs.rawValue), ("mtlc.plan_format", "\(PlanFormat.version)"),
        ("mtlc.spec", plan.specText),
      ], graph: translator.builder.graph)
  }

  private static func documentation(_ task: TaskRecord, _ plan: Plan) -> String {
    switch task.kind {
    case .binary: return "The probability of \(task.name)."
    case .regression: return "The value of \(task.name)."
    case .multiclass:
      guard let column = task.labelColumn, plan.schema.labels.indices.contains(column),
        case .classes(let names) = plan.schema.labels[column].kind
      else { return "The probabilities of the classes of \(task.name)." }
      return "The probabilities of the classes of \(task.name): " + names.joined(separator: ", ")
        + "."
    }
  }
}

extension ExportFormat {
  static let onnx = ExportFormat(
    name: "onnx", summary: "the model as an ONNX graph", options: [.inputs, .verification]
  ) { plan, options throws(ExportError) in
    do {
      let files = try ONNXExport(plan, inputs: options.inputs).model.files(
        tensorFile: "\(options.fileName).data")
      return [ExportedFile(name: options.fileName, bytes: files.model)]
        + (files.tensors.map { [ExportedFile(name: "\(options.fileName).data", bytes: $0)] } ?? [])
    } catch let error as ExportError {
      throw error
    } catch {
      throw ExportError("the model of the plan's spec cannot be built again: \(error)")
    }
  }
}

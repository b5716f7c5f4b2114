import Experiments
import Foundation
import Testing

/// A plan that was exported, read back and run by the evaluator.
struct ONNXCase {
  let model: ReadModel
  /// The largest difference between the evaluator and the plan on the rows of `--verify`, by task; of
  /// numbers above 1 it is relative.
  let differences: [String: Double]
  var difference: Double { differences.values.max() ?? .infinity }
  /// The rows and predictions of `--verify`.
  let inputs: [String: [Any]]
  let outputs: [String: [[Double]]]

  init(_ trained: TrainedPlan, _ form: ExportRequest.Inputs, rows: Int = 48) throws {
    var request = try ExportRequest(format: "onnx")
    request.inputs = form
    let place = "\(trained.folder)/\(form.rawValue)"
    request.verification = "\(place).json"
    let files = try trained.compiled.export(request, to: "\(place).onnx")
    #expect(files.map(\.path) == ["\(place).onnx", "\(place).json"])
    model = try ReadModel(Array(Data(contentsOf: URL(filePath: "\(place).onnx"))))
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: "\(place).json")))
        as? [String: Any])
    inputs = try #require(json["inputs"] as? [String: [Any]])
    outputs = try #require(json["outputs"] as? [String: [[Double]]])
    #expect(Set(inputs.keys) == Set(model.inputs.map(\.name)))
    #expect(model.outputs.map(\.name) == trained.plan.tasks.map(\.name))
    var feeds: [String: ReadTensor] = [:]
    for value in model.inputs {
      feeds[value.name] = try Self.tensor(
        value, Array(try #require(inputs[value.name]).prefix(rows)))
    }
    var largest: [String: Double] = [:]
    for (name, result) in try ONNXEvaluator(model: model).run(feeds) {
      let expected = try #require(outputs[name]).prefix(rows)
      #expect(result.shape == [rows, expected[0].count], "\(name)")
      for (found, wanted) in zip(result.numbers, expected.joined()) {
        #expect(found.isFinite)
        largest[name] = max(largest[name] ?? 0, abs(found - wanted) / max(1, abs(wanted)))
      }
    }
    differences = largest
  }

  /// The rows of an input as the declared type has them.
  private static func tensor(_ value: ReadModel.Value, _ rows: [Any]) throws -> ReadTensor {
    let sizes = try value.shape.map { $0 == "batch" ? rows.count : try #require(Int($0)) }
    let flat = rows.flatMap { $0 as? [Any] ?? [$0] }
    #expect(flat.count == sizes.reduce(1, *), "\(value.name)")
    if value.element == 8 {
      return ReadTensor(sizes, texts: try flat.map { try #require($0 as? String) })
    }
    return ReadTensor(sizes, flat.map { ($0 as? NSNumber)?.doubleValue ?? .nan })
  }
}

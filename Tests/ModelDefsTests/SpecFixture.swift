import ModelDefs
import Schema
import Testing

/// Parts of a small valid spec, to put a wrong one in.
struct SpecFixture {
  var data = "{ train: 'train.csv' }"
  var features = """
    [{ name: 'age', type: 'numeric' }, { name: 'job', type: 'id', embedding_dim: 4 }]
    """
  var tasks = "[{ name: 'income', positive: ['>50K'] }, { name: 'married' }]"
  var model = """
    { type: 'mmoe', num_experts: 2, expert_hidden_units: [4], tower_hidden_units: [3] }
    """
  var training = "{ batch_size: 32 }"
  var more = ""

  var text: String {
    """
    { name: 'small', data: \(data), features: \(features), tasks: \(tasks), model: \(model),
      training: \(training),\(more) }
    """
  }

  func spec(_ overrides: String...) throws -> Spec {
    try Spec(text: text, file: "s.json5", folder: "dir", overrides: overrides)
  }

  /// What is wrong with the spec, without the place: `path: message`.
  func findings(_ overrides: String...) -> [String] {
    do {
      _ = try Spec(text: text, file: "s.json5", folder: "dir", overrides: overrides)
      return []
    } catch let error as SpecError {
      return error.findings.map { "\($0.path): \($0.message)" }
    } catch {
      return ["\(error)"]
    }
  }

  /// The schema that data with a vocabulary of `tokens` for each id would give.
  static func schema(_ spec: Spec, tokens: Int = 3) -> DataSchema {
    schema(spec.dataDeclaration, tokens: tokens)
  }

  static func schema(_ declaration: DataDeclaration, tokens: Int = 3) -> DataSchema {
    let encoding = IdEncoding.vocabulary((0..<tokens).map { "t\($0)" })
    let features = declaration.features.map { feature in
      let encoder: FeatureSchema.Encoder =
        switch feature.kind {
        case .id(.hash(let buckets)): .id(.hash(buckets: buckets))
        case .id: .id(encoding)
        case .numeric: .numeric(Normalizer())
        case .piecewise(let bins, _):
          .numeric(
            Normalizer(
              curve: NumberCurve(
                inputs: (0...bins).map(Double.init), outputs: (0...bins).map(Double.init),
                isClamped: false)))
        case .bucketized: .bucketized(boundaries: [1, 2])
        case .sequence(_, let layout): .sequence(encoding, layout)
        case .cross(let columns, let buckets): .cross(columns, buckets: buckets)
        case .vector(let layout): .vector(layout)
        }
      return FeatureSchema(name: feature.name, column: feature.column, encoder: encoder)
    }
    return DataSchema(
      format: declaration.format, features: features, labels: declaration.labels,
      sampleWeightColumn: declaration.sampleWeightColumn, groupColumn: declaration.groupColumn)
  }
}

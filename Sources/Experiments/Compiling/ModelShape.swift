import ModelDefs
import Schema

/// What the graphs of a spec's model depend on besides the spec.
enum ModelShape {
  case rows(DataSchema, hasMissingLabels: Bool)
  case episodes(EpisodeShape)

  /// The shape of a model that reads rows, alone or in groups.
  init(_ schema: DataSchema, hasMissingLabels: Bool, _ spec: Spec) {
    if case .episodes = spec.learning {
      self = .episodes(.rows(schema))
    } else {
      self = .rows(schema, hasMissingLabels: hasMissingLabels)
    }
  }

  /// Empty for images.
  var schema: DataSchema {
    switch self {
    case .rows(let schema, _), .episodes(.rows(let schema)): schema
    case .episodes(.images): DataSchema(format: TableFormat(), features: [], labels: [])
    }
  }
}

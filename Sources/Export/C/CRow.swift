import Plan
import Schema

/// The columns that the features of a plan are read from, as fields of a C struct: a number where all
/// features read it as one, else a text.
struct CRow {
  struct Field {
    var column: String
    /// In C.
    var name: String
    var isNumber: Bool
    var features: [String]
  }

  private(set) var fields: [Field] = []

  init(_ schema: DataSchema) {
    var names = CNames()
    for feature in schema.features {
      let isNumber =
        switch feature.encoder {
        case .numeric, .bucketized: feature.cells.time == nil
        case .id, .sequence, .cross, .vector: false
        }
      for column in feature.columns {
        if let known = fields.firstIndex(where: { $0.column == column }) {
          fields[known].isNumber = fields[known].isNumber && isNumber
          fields[known].features.append(feature.name)
        } else {
          fields.append(
            Field(
              column: column, name: names.unique(column), isNumber: isNumber,
              features: [feature.name]))
        }
      }
    }
  }

  /// The place of a column, from 1: what an unreadable cell is reported by.
  func number(of column: String) -> Int {
    (fields.firstIndex { $0.column == column } ?? -1) + 1
  }

  subscript(column: String) -> Field? { fields.first { $0.column == column } }
}

extension FeatureSchema {
  /// All columns that it is made of.
  var columns: [String] {
    switch encoder {
    case .cross(let columns, _): columns
    case .sequence(_, let layout): [column] + (layout.weightsColumn.map { [$0] } ?? [])
    case .id, .numeric, .bucketized, .vector: [column]
    }
  }
}

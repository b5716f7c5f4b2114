import Data
import ModelDefs
import Plan
import Schema

/// What parameters begin with that do not begin with random numbers: those of an earlier plan, and
/// tables of vectors.
struct ParameterSources: Sendable {
  /// A table and the file that it begins with.
  struct Table: Sendable {
    let parameter: String
    let file: String
    let isFrozen: Bool
    let vectors: VectorTable
  }

  var earlier: WarmStart?
  var tables: [Table] = []

  /// The rows that a plan begins with; nil for none. Rows of the earlier plan come before those of
  /// files. Throws a plan error where the earlier plan does not fit.
  func initialValues(for plan: Plan) throws -> InitialValues? {
    guard earlier != nil || !tables.isEmpty else { return nil }
    var initial = try earlier?.initialValues(for: plan) ?? InitialValues(rows: [])
    for table in tables {
      let known = initial[table.parameter]
      let rows = table.rows(from: known?.ranges.last?.upperBound ?? 0)
      guard !rows.ranges.isEmpty else { continue }
      if var known, let place = initial.rows.firstIndex(where: { $0.parameter == rows.parameter }) {
        known.append(rows, startValues: plan.training.optimizer.startValues(of: rows.parameter))
        initial.rows[place] = known
      } else {
        initial.rows.append(rows)
      }
    }
    return InitialValues(rows: initial.rows, step: initial.step)
  }

  /// What was found of each table, for the observer.
  var notes: [String] {
    tables.map { table in
      let vectors = table.vectors
      let found = Format.count(vectors.foundCount)
      var text = "\(table.parameter) begins with \(table.file): \(found) ids found"
      let (missing, unused) = (vectors.missing, vectors.unused)
      text +=
        missing.count == 0
        ? ", none without a vector"
        : ", \(Format.count(missing.count, "id")) without a vector\(Self.examples(missing))"
      text +=
        unused.count == 0
        ? ", all keys used"
        : ", \(Format.count(unused.count, "key")) not used\(Self.examples(unused))"
      return text
    }
  }

  /// Tables of which many ids have no vector.
  var findings: [Finding] {
    tables.compactMap { table in
      let vectors = table.vectors
      let ids = vectors.isFound.count - 1
      guard 5 * vectors.missing.count > ids else { return nil }
      return Finding(
        kind: .missingVectors, subject: table.parameter,
        message: "\(table.parameter): \(Format.count(vectors.missing.count)) of"
          + " \(Format.count(ids, "id")) have no vector in \(table.file)"
          + Self.examples(vectors.missing))
    }
  }

  private static func examples(_ keys: VectorTable.Keys) -> String {
    let first = keys.first.map { "\"\(MessageText.printable($0))\"" }.joined(separator: ", ")
    return " (\(first)\(keys.count > keys.first.count ? ", …" : ""))"
  }
}

extension ParameterSources.Table {
  /// The rows that have a vector, from some row on; of a table that does not train all of them.
  fileprivate func rows(from first: Int) -> InitialValues.Rows {
    var ranges: [Range<Int>] = []
    for row in vectors.isFound.indices where row >= first && vectors.isFound[row] {
      if let last = ranges.last, last.upperBound == row {
        ranges[ranges.count - 1] = last.lowerBound..<row + 1
      } else {
        ranges.append(row..<row + 1)
      }
    }
    // All of them are shared and not copied.
    let skipped = vectors.isFound.prefix(first).count { $0 } * vectors.dim
    return InitialValues.Rows(
      parameter: parameter, ranges: ranges,
      values: skipped == 0 ? vectors.values : Array(vectors.values.dropFirst(skipped)))
  }
}

extension InitialValues.Rows {
  /// Appends rows that the optimizer knows nothing of.
  fileprivate mutating func append(_ rows: InitialValues.Rows, startValues: [Double]) {
    let width = count > 0 ? (states.first?.count ?? 0) / count : 0
    ranges += rows.ranges
    values += rows.values
    for k in states.indices {
      let start = startValues.indices.contains(k) ? Float(startValues[k]) : 0
      states[k] += Array(repeating: start, count: rows.count * width)
    }
  }
}

extension Optimizer {
  /// What the states of a parameter begin with.
  fileprivate func startValues(of parameter: String) -> [Double] {
    guard let sparse, sparse.tables.contains(parameter) else { return startValues }
    return sparse.startValues
  }
}

extension Experiment {
  /// Reads what parameters begin with, and tells the observer what was found.
  /// - Parameters:
  ///   - schema: Of the rows to train on, after the vocabularies have grown.
  ///   - earlier: The plan that training begins with.
  func parameterSources(
    _ schema: DataSchema, _ earlier: WarmStart?, _ observer: any Observer
  ) throws -> ParameterSources {
    var sources = ParameterSources(earlier: earlier)
    if spec.features.contains(where: { $0.pretrained != nil }) {
      try MemoryCheck.require(spec, schema, shards: shardCount)
    }
    for (index, feature) in spec.features.enumerated() {
      guard let vectors = feature.pretrained, let parameter = feature.input.tableParameter,
        !sources.tables.contains(where: { $0.parameter == parameter }),
        let dim = feature.input.dim
      else { continue }
      let isLearned =
        switch spec.dataDeclaration.features[index].kind {
        case .id(.trainingData), .sequence(.trainingData, _): true
        case .id, .sequence, .cross, .numeric, .piecewise, .bucketized, .vector: false
        }
      var table = try VectorFile(vectors.path, tensor: vectors.tensor, keys: vectors.keys)
        .table(of: schema.features[index], dim: dim, isLearned: isLearned)
      if !vectors.isTrainable { table.fillWithMean() }
      sources.tables.append(
        .init(
          parameter: parameter, file: vectors.path, isFrozen: !vectors.isTrainable,
          vectors: table))
    }
    for note in sources.notes { observer.receive(.note(note)) }
    return sources
  }
}

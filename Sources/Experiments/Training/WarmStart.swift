import ModelDefs
import Plan
import Runtime
import Schema

/// What training takes over from a plan that was trained before: parameters by name, rows of tables by
/// their ids.
///
/// Vocabularies grow: they begin with the ids of the earlier plan in its order, so that its rows keep
/// their numbers, and new ids follow.
struct WarmStart: Sendable {
  let path: String
  private let plan: Plan
  private let weights: [Float]
  private let keepsNormalizers: Bool

  /// Reads the plan. Throws a plan error for one that is not trained.
  init(_ initial: InitialPlan) throws {
    path = initial.path
    keepsNormalizers = initial.keepsNormalizers
    plan = try PlanFile.read(path)
    guard let weights = plan.weights else {
      throw ExperimentError(
        .plan, "\(path): the plan is not trained", hint: "initialize_from takes a trained plan")
    }
    self.weights = weights
  }

  // MARK: Data

  /// A fitted schema with the vocabularies of the earlier plan, and what the new rows add, and with its
  /// normalisers and boundaries where those are kept. Throws a plan error for features that are
  /// encoded in another way than there.
  func extending(_ schema: DataSchema) throws -> DataSchema {
    var schema = schema
    var differences: [String] = []
    for (index, feature) in schema.features.enumerated() {
      guard let earlier = plan.schema.features.first(where: { $0.name == feature.name }) else {
        continue
      }
      switch (earlier.encoder, feature.encoder) {
      case (.id(let old), .id(let new)):
        guard let both = Self.extending(old, new) else { break }
        schema.features[index].encoder = .id(both)
        continue
      case (.sequence(let old, _), .sequence(let new, let layout)):
        guard let both = Self.extending(old, new) else { break }
        schema.features[index].encoder = .sequence(both, layout)
        continue
      case (.numeric, .numeric):
        if keepsNormalizers { schema.features[index].encoder = earlier.encoder }
        continue
      case (.bucketized(let old), .bucketized(let new)):
        // Rows of its table are buckets.
        guard keepsNormalizers || old.count == new.count else { break }
        if keepsNormalizers { schema.features[index].encoder = earlier.encoder }
        continue
      default: break
      }
      differences.append("the feature \"\(feature.name)\" is encoded in another way")
    }
    try refuse(differences)
    return schema
  }

  /// The ids of both, those of the earlier plan first; nil where they do not go together.
  private static func extending(_ old: IdEncoding, _ new: IdEncoding) -> IdEncoding? {
    switch (old, new) {
    case (.vocabulary(let old), .vocabulary(let new)):
      let known = Set(old)
      return .vocabulary(old + new.filter { !known.contains($0) })
    case (.hash, .hash), (.identity, .identity): return old == new ? new : nil
    default: return nil
    }
  }

  // MARK: Parameters

  /// Rows of a table that the earlier plan has, and that are new.
  struct TableRows {
    var name: String
    var known: Int
    var new: Int
  }

  /// Sets the parameters of an engine that was initialised. Throws a plan error with every parameter
  /// that has no counterpart.
  /// - Returns: The tables that have new rows.
  func apply(to engine: any ParameterEngine, of new: Plan) throws -> [TableRows] {
    var differences: [String] = []
    var tables: [TableRows] = []
    let earlier = Dictionary(plan.parameters.map { ($0.name, $0) }) { first, _ in first }
    let tableNames = Set(
      new.parameters.map(\.name).filter { FeatureSpec.Input.isTable(parameter: $0) })
    for record in new.parameters where !TaskWeighting.isState(record.name) {
      guard let old = earlier[record.name] else {
        differences.append("\(record.name) is not in it")
        continue
      }
      let grows =
        tableNames.contains(record.name) && old.shape.count == 2 && record.shape.count == 2
        && old.columns == record.columns && old.rows < record.rows
      guard old.shape == record.shape || grows else {
        differences.append(
          "\(record.name) is \(Self.text(old.shape)) there and \(Self.text(record.shape)) here")
        continue
      }
      if tableNames.contains(record.name) {
        tables.append(
          TableRows(name: record.name, known: old.rows, new: record.rows - old.rows))
      }
    }
    let names = Set(new.parameters.map(\.name))
    for record in plan.parameters
    where !names.contains(record.name) && !TaskWeighting.isState(record.name) {
      differences.append("\(record.name) has no place here")
    }
    try refuse(differences)
    for record in new.parameters {
      guard let old = earlier[record.name], !TaskWeighting.isState(record.name) else { continue }
      try engine.withParameter(record.name) { block, stride in
        for row in 0..<old.rows {
          let start = old.offset + row * old.rowStride
          guard start >= 0, start + old.columns <= weights.count else { return }
          for column in 0..<old.columns { block[row * stride + column] = weights[start + column] }
        }
      }
    }
    return tables
  }

  /// The rows of a parameter that the earlier plan has trained.
  func knownRows(of parameter: String) -> Int {
    plan.parameters.first { $0.name == parameter }?.rows ?? 0
  }

  private static func text(_ shape: [Int]) -> String {
    "[" + shape.map(String.init).joined(separator: ", ") + "]"
  }

  private func refuse(_ differences: [String]) throws {
    guard !differences.isEmpty else { return }
    let shown = differences.prefix(20)
    let more = differences.count - shown.count
    throw ExperimentError(
      .plan,
      "\(path): the plan does not fit the spec: " + shown.joined(separator: "; ")
        + (more > 0 ? "; and \(more) more" : ""),
      hint: "training.initialize_from takes a plan of the same features, tasks and model")
  }
}

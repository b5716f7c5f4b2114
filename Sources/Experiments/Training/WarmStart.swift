import ModelDefs
import Plan
import Runtime
import Schema

/// What training takes over from a plan that was trained before: parameters by name, rows of tables by
/// their ids, and what the optimizer had learned of them.
///
/// Vocabularies grow: they begin with the ids of the earlier plan in its order, so that its rows keep
/// their numbers, and new ids follow.
struct WarmStart: Sendable {
  let path: String
  private let plan: Plan
  private let weights: [Float]
  private let keepsNormalizers: Bool
  private let keepsOptimizer: Bool

  /// Reads the plan. Throws a plan error for one that is not trained.
  init(_ initial: InitialPlan) throws {
    path = initial.path
    keepsNormalizers = initial.keepsNormalizers
    keepsOptimizer = initial.keepsOptimizer
    plan = try PlanFile.read(path)
    guard let weights = plan.weights else {
      throw ExperimentError(
        .plan, "\(path): the plan is not trained", hint: "initialize_from takes a trained plan")
    }
    self.weights = weights
    guard keepsOptimizer, plan.progress == nil else { return }
    throw ExperimentError(
      .plan, "\(path): the plan holds no states of its optimizer",
      hint: "train it with training.save_optimizer, take a checkpoint, or leave"
        + " initialize_optimizer away")
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
      case (.numeric(let old), .numeric(let new)):
        // Rows of the kernel of an encoding are bins.
        let (oldBins, newBins) = (old.curve?.bins, new.curve?.bins)
        guard keepsNormalizers ? (oldBins == nil) == (newBins == nil) : oldBins == newBins else {
          break
        }
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

  /// The values that the parameters of a plan begin with, and the states of its optimizer where those
  /// are kept. Throws a plan error with every parameter that has no counterpart.
  func initialValues(for new: Plan) throws -> InitialValues {
    var differences = optimizerDifferences(new)
    var pairs: [(new: ParameterRecord, old: ParameterRecord)] = []
    let earlier = Dictionary(plan.parameters.map { ($0.name, $0) }) { first, _ in first }
    for record in new.parameters where !TaskWeighting.isState(record.name) {
      guard let old = earlier[record.name] else {
        differences.append("\(record.name) is not in it")
        continue
      }
      let grows =
        FeatureSpec.Input.isTable(parameter: record.name) && old.shape.count == 2
        && record.shape.count == 2 && old.columns == record.columns && old.rows < record.rows
      guard old.shape == record.shape || grows else {
        differences.append(
          "\(record.name) is \(Self.text(old.shape)) there and \(Self.text(record.shape)) here")
        continue
      }
      pairs.append((record, old))
    }
    let names = Set(new.parameters.map(\.name))
    for record in plan.parameters
    where !names.contains(record.name) && !TaskWeighting.isState(record.name) {
      differences.append("\(record.name) has no place here")
    }
    try refuse(differences)
    let progress = keepsOptimizer ? plan.progress : nil
    return InitialValues(
      rows: pairs.map { record, old in
        InitialValues.Rows(
          parameter: record.name, ranges: [0..<old.rows],
          values: old.values(in: weights, columns: old.columns, rowStride: old.rowStride),
          states: !record.isTrainable
            ? []
            : (progress?.states ?? []).map { state in
              let columns = plan.training.optimizer.stateColumns(
                of: old.name, columns: old.columns)
              return old.values(
                in: state, columns: columns,
                rowStride: columns == old.columns ? old.rowStride : columns)
            })
      },
      step: progress.map { $0.step + (plan.initial?.step ?? 0) } ?? 0)
  }

  /// What keeps the states of the plan's optimizer from going on with that of another.
  private func optimizerDifferences(_ new: Plan) -> [String] {
    guard keepsOptimizer else { return [] }
    let (old, new) = (plan.training.optimizer, new.training.optimizer)
    var differences: [String] = []
    func compare(_ old: String?, _ new: String?, _ what: String) {
      if old != new {
        differences.append("\(what) is \(old ?? "none") there and \(new ?? "none") here")
      }
    }
    compare(old.kind.rawValue, new.kind.rawValue, "the optimizer")
    compare(old.sparse?.kind.rawValue, new.sparse?.kind.rawValue, "the optimizer of tables")
    if differences.isEmpty {
      compare("\(old.stateBlocks)", "\(new.stateBlocks)", "the number of optimizer states")
      // What FTRL keeps is in units of its rate.
      if let own = new.sparse, own.kind == .ftrl, let other = old.sparse {
        compare("\(other.learningRate)", "\(own.learningRate)", "the learning rate of ftrl")
      }
    }
    return differences
  }

  /// What training begins with, for the observer.
  func note(_ initial: InitialValues, of new: Plan) -> String {
    let tables = new.parameters.filter { FeatureSpec.Input.isTable(parameter: $0.name) }
    let growing = tables.compactMap { record -> String? in
      let known = plan.parameters.first { $0.name == record.name }?.rows ?? 0
      guard known < record.rows else { return nil }
      return "\n  \(record.name): \(Format.count(known, "row")) known,"
        + " \(Format.count(record.rows - known)) new"
    }
    let states =
      keepsOptimizer
      ? " and the optimizer's states after \(Format.count(initial.step, "step"))" : ""
    return "began with the parameters\(states) of \(path)" + growing.joined()
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

extension ParameterRecord {
  /// The rows in a block of the plan's layout, one after the other.
  fileprivate func values(in block: [Float], columns: Int, rowStride: Int) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(rows * columns)
    for row in 0..<rows {
      let start = offset + row * rowStride
      values += block[start..<start + columns]
    }
    return values
  }
}

import GraphIR
import ModelDefs
import Passes
import Plan
import Runtime
import Schema

/// What gates and experts of a trained plan say of rows, by a program that hands them out.
struct ProbeRun {
  private var plan: Plan
  private let probe: ModelProbe
  /// The most experts of a family that are looked at: pairs of them are compared.
  static let mostExperts = 16

  /// nil for a plan without parts that mix others, and for one that learns from episodes.
  init?(_ plan: Plan) throws {
    guard plan.episodes == nil, let weights = plan.weights else { return nil }
    let spec = try Spec(text: plan.specText, file: "the plan's spec", overrides: [])
    let graph = try SpecCompiler(spec: spec).graph(.predict, .rows(plan.schema))
    let probe = ModelProbe(graph)
    guard !probe.gates.isEmpty else { return nil }
    self.probe = probe
    let builder = GraphBuilder(extending: graph, isTraining: false)
    for (k, gate) in probe.gates.enumerated() {
      try builder.output(Self.gate(k), builder.memberMean(gate.value))
    }
    for (k, family) in probe.experts.enumerated() {
      for (m, expert) in family.members.prefix(Self.mostExperts).enumerated() {
        try builder.output(Self.expert(k, m), builder.memberMean(expert.value))
      }
    }
    var settings = plan.training
    (settings.earlyStopping, settings.weightsAverage) = (nil, nil)
    let model = Compiler.Model(
      name: plan.name, schema: plan.schema, tasks: plan.tasks, training: settings,
      programs: [.init(.predict, .predict, builder.graph, capacity: 256)])
    var own = try Compiler().compile(model).plan
    own.weights = Self.weights(of: own, from: plan, weights)
    self.plan = own
  }

  private static func gate(_ k: Int) -> String { "probe.gate.\(k)" }
  private static func expert(_ k: Int, _ m: Int) -> String { "probe.expert.\(k).\(m)" }

  /// The weights of a plan in the places that another plan has for them. Its program may read only some
  /// of them.
  private static func weights(
    of plan: Plan, from source: Plan, _ weights: [Float]
  ) -> [Float] {
    var values = [Float](repeating: 0, count: plan.parameterFloats)
    let records = Dictionary(
      source.parameters.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for target in plan.parameters {
      guard let record = records[target.name], record.rows == target.rows,
        record.columns == target.columns
      else { continue }
      for row in 0..<record.rows {
        let from = record.offset + row * record.rowStride
        let to = target.offset + row * target.rowStride
        values.replaceSubrange(
          to..<to + record.columns, with: weights[from..<from + record.columns])
      }
    }
    return values
  }

  /// Goes on with the weights that a plan of the same model has now.
  mutating func takeWeights(of source: Plan) {
    guard let weights = source.weights else { return }
    plan.weights = Self.weights(of: plan, from: source, weights)
  }

  /// What gates and experts do over rows that are evenly spread over those of a source.
  func reports(
    _ source: GatheredRows, rows: Int
  ) throws -> (gates: [GateReport], experts: [ExpertReport]) {
    let (gates, experts) = try run(source, rows: rows)
    return (
      zip(probe.gates, gates).map { GateReport($0, $1) },
      zip(probe.experts, experts).compactMap { family, outputs in
        ExpertReport(family.family, family.members, outputs)
      }
    )
  }

  /// How the weights of each gate and expert lie over the rows of a source.
  func gateDistributions(_ source: GatheredRows) throws -> [TrainingMoment.Distribution] {
    let gates = try run(source, rows: source.rowCount).gates
    return zip(probe.gates, gates).flatMap { gate, matrix in
      gate.experts.indices.compactMap { place -> TrainingMoment.Distribution? in
        let values = stride(from: place, to: matrix.values.count, by: max(1, matrix.columns))
          .map { matrix.values[$0] }
        return ValueHistogram(values).map { .init("\(gate.name)/\(gate.experts[place])", $0) }
      }
    }
  }

  private func run(
    _ source: GatheredRows, rows: Int
  ) throws -> (gates: [Matrix], experts: [[Matrix]]) {
    let count = min(rows, source.rowCount)
    let session = try Session(plan: plan, threads: 1)
    let engine = try StaticEngine(session)
    let destinations = try engine.destinations(for: source.feeds, .predict)
    var gates = probe.gates.map { Matrix(columns: $0.experts.count) }
    var experts = probe.experts.map { family in
      family.members.prefix(Self.mostExperts).map { _ in Matrix(columns: 0) }
    }
    let capacity = engine.capacity(.predict)
    for start in stride(from: 0, to: count, by: capacity) {
      // Evenly spread over all rows.
      let batch = (start..<min(start + capacity, count)).map {
        Int32(truncatingIfNeeded: $0 * source.rowCount / count)
      }
      batch.withUnsafeBufferPointer { source.copyRows($0, into: destinations) }
      try engine.predict(rows: batch.count)
      for k in gates.indices {
        try gates[k].append(session.fetch(Self.gate(k), .predict), batch.count)
      }
      for k in experts.indices {
        for m in experts[k].indices {
          try experts[k][m].append(session.fetch(Self.expert(k, m), .predict), batch.count)
        }
      }
    }
    return (gates, experts)
  }

  /// Rows of a value of the graph, one behind the other.
  struct Matrix {
    var columns: Int
    var values: [Float] = []
    var rows: Int { columns > 0 ? values.count / columns : 0 }

    init(columns: Int) { self.columns = columns }

    mutating func append(_ view: FetchView, _ rows: Int) {
      let more = view.values(rows: rows)
      columns = rows > 0 ? more.count / rows : 0
      values += more
    }
  }
}

import GraphIR
import Passes
import Plan
import Schema

/// What each pass did to a model, and the program that came of it.
public struct Explanation: Sendable {
  /// A pass, or the model before the first.
  public struct Stage: Sendable {
    public var name: String
    public var nodes: Int
    /// Matrix products among them.
    public var products: Int
    /// nil for the model before the first pass.
    public var seconds: Double?
    /// Ops whose number changed: the name, the number before and after; the largest changes first.
    public var changes: [(op: String, before: Int, after: Int)]
  }

  public var stages: [Stage]
  public var loweringSeconds: Double
  public var program: Program
  /// Products that apply the optimizer to their weights.
  public var updatingProducts: Int
  /// The most of the buffers in the arena that live at one time.
  public var liveBytes: Int
}

extension Experiment {
  /// Compiles the spec and tells what each pass did. Reads the training files only where a
  /// vocabulary has to be learned from them.
  public func explain(
    _ name: ProgramPurpose = .train, disabling passes: Set<String> = [],
    observer: any Observer = .silent
  ) throws(ExperimentError) -> Explanation {
    try ExperimentError.wrap {
      try Compiler.requirePasses(passes)
      var counts: [(name: String, counts: [String: Int])] = []
      let kind = name.program(spec.learning).kind
      let result = try compiler.compile(
        try assumedShape(observer), options: Compiler.Options(disabled: passes)
      ) { program, pass, stage in
        if program == kind, case .graph(let graph) = stage {
          counts.append((pass, graph.opCounts()))
        }
      }
      guard let report = result.reports.first(where: { $0.kind == kind }),
        let program = result.plan.program(kind)
      else { throw ExperimentError(.internalError, "there is no program \(name.rawValue)") }
      return Explanation(report, counts, program)
    }
  }
}

extension Explanation {
  fileprivate init(
    _ report: Compiler.ProgramReport, _ counts: [(name: String, counts: [String: Int])],
    _ program: Program
  ) {
    var before = report.source.opCounts()
    stages = [
      Stage(
        name: "model", nodes: report.source.nodes.count, products: Self.products(before),
        seconds: nil, changes: [])
    ]
    for (stage, record) in zip(counts, report.passes) {
      stages.append(
        Stage(
          name: stage.name, nodes: record.nodes, products: Self.products(stage.counts),
          seconds: record.seconds, changes: Self.changes(before, stage.counts)))
      before = stage.counts
    }
    loweringSeconds = report.loweringSeconds
    self.program = program
    updatingProducts = program.instructions.count {
      if case .matmul(let product) = $0 { product.update != nil } else { false }
    }
    liveBytes = 4 * report.arenaLowerBound
  }

  private static func products(_ counts: [String: Int]) -> Int {
    ["matmul", "linear"].reduce(0) { $0 + (counts[$1] ?? 0) }
  }

  private static func changes(
    _ before: [String: Int], _ after: [String: Int]
  ) -> [(op: String, before: Int, after: Int)] {
    Set(before.keys).union(after.keys)
      .map { (op: $0, before: before[$0] ?? 0, after: after[$0] ?? 0) }
      .filter { $0.before != $0.after }
      .sorted { (abs($1.before - $1.after), $0.op) < (abs($0.before - $0.after), $1.op) }
  }
}

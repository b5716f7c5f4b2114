import Data
import Experiments
import Plan
import Runtime

/// What the commands do with specs and plans that learn from tasks.
enum MetaCommands {
  /// `mtlc train`.
  static func train(
    _ workflow: MetaWorkflow, mode: Mode, threads: Int?, output: String?, json: Bool,
    _ terminal: TerminalObserver
  ) throws {
    let data = try MetaData(workflow)
    let plan = try workflow.compile(data).plan
    let tasks = try MetaTasks(plan, data, observer: terminal)
    let outcome: MetaRun.Outcome
    let trained: Plan
    switch mode {
    case .static:
      (outcome, trained) = try train(plan, tasks, threads, terminal)
    case .eager:
      let engine = workflow.eagerEngine(data, plan)
      outcome = try MetaMeter.run(engine, plan, tasks, terminal)
      let session = try Session(plan: plan, threads: 1)
      for (name, values) in try engine.parameters() { try session.setParameter(name, values) }
      var copy = plan
      copy.weights = session.weights
      trained = copy
    }
    let summary = MetaSummary(
      plan: plan, mode: mode.rawValue, outcome: outcome, best: workflow.best)
    if let folder = output {
      try trained.write(to: "\(folder)/plan.bin")
      try OutputFolder.write(JSON.object(summary.metrics).text, to: "\(folder)/metrics.json")
      terminal.note("wrote \(folder)/plan.bin and \(folder)/metrics.json")
    }
    try Terminal.result(json ? summary.json.text : summary.text)
  }

  private static func train(
    _ plan: Plan, _ tasks: MetaTasks, _ threads: Int?, _ terminal: TerminalObserver
  ) throws -> (MetaRun.Outcome, Plan) {
    var fresh = plan
    fresh.weights = nil
    let session = try MetaSession(plan: fresh, threads: threads)
    let outcome = try MetaMeter.run(session, plan, tasks, terminal)
    if let name = session.nonFiniteParameter() {
      throw NumericError(
        task: nil, observation: "the parameter \(name) is not finite", step: session.step,
        epoch: 1, origin: nil)
    }
    return (outcome, session.trainedPlan)
  }

  /// `mtlc run PLAN`: trains.
  static func run(
    _ plan: Plan, threads: Int?, output: String?, json: Bool, terminal: TerminalObserver
  ) throws {
    let tasks = try MetaTasks(plan, observer: terminal)
    let (outcome, trained) = try train(plan, tasks, threads, terminal)
    if let path = output {
      try trained.write(to: path)
      terminal.note("wrote \(path)")
      if path == "-" { return }
    }
    let summary = MetaSummary(plan: plan, mode: "static", outcome: outcome)
    try Terminal.result(json ? summary.json.text : summary.text)
  }

  /// `mtlc run PLAN --eval FILE`.
  static func evaluate(
    _ plan: Plan, files: [String], threads: Int?, json: Bool, terminal: TerminalObserver
  ) throws {
    let tasks = try MetaTasks(plan, testFiles: files, observer: terminal)
    let session = try MetaSession(plan: plan, threads: threads)
    let run = MetaRun(engine: session, plan: plan, tasks: tasks)
    guard let report = try run.evaluate() else { return }
    try Terminal.result(json ? report.json().text : "\(plan.name)\n\(report.text())")
  }

  /// `mtlc compile`.
  static func compile(
    _ workflow: MetaWorkflow, _ arguments: Arguments, _ terminal: TerminalObserver
  ) throws {
    let emission = try arguments.choice(CompileCommand.emit, CompileRequest.Stage.self)
    guard arguments.all(CompileCommand.printAfter).isEmpty,
      arguments[CompileCommand.stopAfter] == nil
    else {
      throw UsageError(
        message: "--print-after and --stop-after do not go with a model that learns from tasks",
        hint: "--emit graph or optimized shows its program")
    }
    let kind =
      try arguments.choice(CompileCommand.program, ProgramName.self) ?? .train
    if let path = arguments[CompileCommand.output] { try OutputFolder.requireWritable(path) }
    let result = try workflow.compile(
      try MetaData(workflow), disabled: Set(arguments.all(CompileCommand.disable)))
    let wanted: Program.Kind = kind == .train ? .gradients : .predict
    if let report = result.reports.first(where: { $0.kind == wanted }) {
      switch emission {
      case .graph: try Terminal.result(report.source.text)
      case .gradients, .optimized: try Terminal.result(report.optimized.text)
      case .plan: try Terminal.result(PlanListing.text(result.plan))
      case nil: break
      }
    }
    if let path = arguments[CompileCommand.output] {
      try result.plan.write(to: path)
      terminal.note("wrote \(path) (\(Format.bytes(result.plan.encoded().count)))")
    }
  }

  /// `mtlc compare`.
  static func compare(
    _ workflow: MetaWorkflow, steps: Int, limit: Double, threads: Int?, json: Bool
  ) throws -> ExitCode {
    let (plan, comparison) = try workflow.compare(steps: steps, threads: threads)
    try Terminal.result(
      json ? comparison.json(limit: limit).text : comparison.text(plan.name, limit: limit))
    return comparison.agrees(limit) ? .success : .numeric
  }
}

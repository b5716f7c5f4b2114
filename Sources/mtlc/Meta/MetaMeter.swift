import Experiments
import Plan
import Runtime

/// Shows meta training as it goes: a bar on a terminal, and ten lines in all.
enum MetaMeter {
  static func run(
    _ engine: any MetaEngine, _ plan: Plan, _ tasks: MetaTasks, _ terminal: TerminalObserver
  ) throws -> MetaRun.Outcome {
    let steps = plan.episodes?.steps ?? 0
    var run = MetaRun(engine: engine, plan: plan, tasks: tasks)
    run.onStep = { step, result in
      terminal.show(
        "step \(step)/\(steps) \(ProgressLine.bar(Double(step) / Double(steps)))"
          + "  query loss \(Format.fixed(result.loss, 4))")
    }
    run.onInterval = { step, loss, accuracy, seconds in
      terminal.clear()
      var line = "step \(step)/\(steps)  query loss \(Format.fixed(loss, 4))"
      if let accuracy { line += "  accuracy \(Format.fixed(accuracy, 4))" }
      terminal.note(line + "  \(Format.fixed(1e3 * seconds, 1)) ms/step")
    }
    run.onEvaluation = { step, report in terminal.note("step \(step)  \(report.line)") }
    return try run.run()
  }
}

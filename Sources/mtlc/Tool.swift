import Experiments
import Schema

/// Finds the command, runs it, and turns what it throws into a message and an exit code.
enum Tool {
  static var commands: [any Command.Type] {
    [
      TrainCommand.self, InitCommand.self, CheckCommand.self, CompileCommand.self, RunCommand.self,
      CompareCommand.self, CrossValidateCommand.self, TuneCommand.self, InspectCommand.self,
      ExportCommand.self, ConvertCommand.self, BenchCommand.self, ExplainCommand.self,
      DrawCommand.self, ImportanceCommand.self, ReportCommand.self, CardCommand.self,
      DataCommand.self, SampleCommand.self, HelpCommand.self,
      CompletionsCommand.self, VersionCommand.self,
    ]
  }

  static func run(_ words: [String]) -> ExitCode {
    // A file that grows beyond a limit is an error like a full disk, not the end of the process.
    signal(SIGXFSZ, SIG_IGN)
    StopSignal.prepare()
    do {
      try AllocationFailure.endsProcess()
      if let variant = ProcessInfo.processInfo.environment[Kernels.variable] {
        try Kernels.use(variant)
      }
      guard let name = words.first else {
        Terminal.error(overview)
        return .usage
      }
      if name == "--help" || name == "-h" {
        try Terminal.result(overview)
        return .success
      }
      if name == "--version" { return try VersionCommand.run(Arguments([], VersionCommand.spec)) }
      let command = try command(named: name)
      let arguments = try Arguments(Array(words.dropFirst()), command.spec)
      if arguments.has(.help) {
        try Terminal.result(command.spec.help)
        return .success
      }
      return try command.run(arguments)
    } catch {
      let failure = ExperimentError(error)
      Terminal.error("mtlc: \(Terminal.red("error")): \(failure)")
      return ExitCode(failure.kind)
    }
  }

  static func command(named name: String) throws -> any Command.Type {
    if let command = commands.first(where: { $0.spec.name == name }) { return command }
    let nearest = NearestName.nearest(name, in: commands.map { $0.spec.name })
    throw ExperimentError(
      .argument, "unknown command \"\(name)\"",
      hint: nearest.map { "did you mean \($0)?" } ?? "mtlc help lists the commands")
  }

  static var overview: String {
    let rows = commands.map { ("  \($0.spec.name)", $0.spec.summary) }
    return """
      mtlc compiles multi-task recommendation models from a spec file into a static plan, and
      trains, evaluates and predicts with it on the CPU.

      Usage: mtlc COMMAND [arguments] [options]

      Commands:
      \(TextLayout.columns(rows))
      mtlc help COMMAND explains a command, mtlc help spec the keys of a spec file,
      mtlc help exit-codes what a run ends with.

      Example:
        mtlc train examples/sample-mmoe.json5

      """
  }
}

import Foundation
import Schema

/// Finds the command, runs it, and turns what it throws into a message and an exit code.
enum Tool {
  static let version = "0.1.0"

  static var commands: [CommandEntry] {
    [
      CommandEntry(TrainCommand.self), CommandEntry(CheckCommand.self),
      CommandEntry(CompileCommand.self), CommandEntry(RunCommand.self),
      CommandEntry(CompareCommand.self), CommandEntry(InspectCommand.self),
      CommandEntry(BenchCommand.self), CommandEntry(ExplainCommand.self),
      CommandEntry(DataCommand.self), CommandEntry(SampleCommand.self),
      CommandEntry(HelpCommand.self),
      CommandEntry(VersionCommand.self),
    ]
  }

  static func run(_ words: [String]) -> ExitCode {
    // A file that grows beyond a limit is an error like a full disk, not the end of the process.
    signal(SIGXFSZ, SIG_IGN)
    do {
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
      let failure = ToolError(error)
      Terminal.error("mtlc: \(Terminal.red("error")): \(failure)")
      return failure.code
    }
  }

  static func command(named name: String) throws -> CommandEntry {
    if let command = commands.first(where: { $0.spec.name == name }) { return command }
    let nearest = NearestName.nearest(name, in: commands.map(\.spec.name))
    throw UsageError(
      message: "unknown command \"\(name)\"",
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

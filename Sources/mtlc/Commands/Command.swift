/// A subcommand of the tool.
protocol Command {
  static var spec: CommandSpec { get }
  /// Does the work; what it returns is not an error but may differ from success.
  static func run(_ arguments: Arguments) throws -> ExitCode
}

/// A command as the tool's table holds it.
struct CommandEntry {
  let spec: CommandSpec
  let run: (Arguments) throws -> ExitCode

  init<C: Command>(_ command: C.Type) {
    spec = C.spec
    run = C.run
  }
}

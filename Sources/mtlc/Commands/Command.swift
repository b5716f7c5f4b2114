/// A subcommand of the tool.
protocol Command {
  static var spec: CommandSpec { get }
  /// Does the work; what it returns is not an error but may differ from success.
  static func run(_ arguments: Arguments) throws -> ExitCode
}

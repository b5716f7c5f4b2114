import Schema

/// `mtlc version`.
enum VersionCommand: Command {
  static let spec = CommandSpec(
    name: "version", summary: "print the version",
    examples: [.init(line: "mtlc version", comment: "the version of this build")])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    try Terminal.result("mtlc \(ToolVersion.text)")
    return .success
  }
}

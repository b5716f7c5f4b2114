import Experiments

/// `mtlc completions`.
enum CompletionsCommand: Command {
  private enum Form: String, CaseIterable { case bash, zsh, fish, man }

  static let spec = CommandSpec(
    name: "completions", summary: "print what a shell completes command lines by, or the man page",
    details: """
      Words, options and their values are those of this program: print them again after an update. \
      man is the page that "man mtlc" shows.
      """,
    operands: [
      .init(name: "SHELL", help: "bash, zsh, fish or man", choices: Form.allCases.map(\.rawValue))
    ],
    examples: [
      .init(
        line: "mtlc completions bash > ~/.local/share/bash-completion/completions/mtlc",
        comment: "for new shells; zsh: a file _mtlc in a folder of $fpath"),
      .init(
        line: "mtlc completions fish > ~/.config/fish/completions/mtlc.fish", comment: "fish"),
      .init(line: "mtlc completions man | man -l -", comment: "the manual"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let form = try arguments.choice(operand: 0, of: "SHELL", Form.self)
    let commands = Tool.commands.map { $0.spec }
    let text =
      switch form {
      case .bash: BashCompletion.text(commands)
      case .zsh: ZshCompletion.text(commands)
      case .fish: FishCompletion.text(commands)
      case .man: ManPage.text(commands)
      }
    try Terminal.result(text)
    return .success
  }
}

import Schema

/// The lines by which fish completes command lines.
enum FishCompletion {
  static func text(_ commands: [CommandSpec]) -> String {
    let head = "# Completion of mtlc for fish. Written by `mtlc completions fish`."
    return ([head] + commands.flatMap(lines)).joined(separator: "\n")
  }

  private static func lines(_ command: CommandSpec) -> [String] {
    let isChosen = "-n '__fish_seen_subcommand_from \(command.name)'"
    var lines = [
      "complete -c mtlc -n __fish_use_subcommand -f -a \(command.name) -d '\(quoted(command.summary))'"
    ]
    for operand in command.operands where !operand.choices.isEmpty {
      lines.append(
        "complete -c mtlc \(isChosen) -f -a '\(operand.choices.joined(separator: " "))'")
    }
    for option in command.allOptions {
      var parts = ["complete -c mtlc", isChosen, "-l", String(option.name.dropFirst(2))]
      if let short = option.short { parts += ["-s", String(short.dropFirst())] }
      if option.valueName != nil { parts.append("-r") }
      if !option.choices.isEmpty {
        parts.append("-f -a '\(option.choices.joined(separator: " "))'")
      }
      lines.append((parts + ["-d '\(quoted(option.help))'"]).joined(separator: " "))
    }
    return lines
  }

  /// Text between single quotes.
  private static func quoted(_ text: String) -> String {
    text.map { "'\\".contains($0) ? "\\\($0)" : "\($0)" }.joined()
  }
}

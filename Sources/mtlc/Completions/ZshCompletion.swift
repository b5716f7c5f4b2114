import Schema

/// A function by which zsh completes command lines.
enum ZshCompletion {
  static func text(_ commands: [CommandSpec]) -> String {
    """
    #compdef mtlc
    # Completion of mtlc for zsh. Written by `mtlc completions zsh`.
    _mtlc() {
      local -a commands
      commands=(
    \(commands.map { "    '\(escaped($0.name)):\(quoted($0.summary))'" }.joined(separator: "\n"))
      )
      if (( CURRENT == 2 )); then
        _describe 'command' commands
        return
      fi
      local command="$words[2]"
      shift words
      (( CURRENT-- ))
      case "$command" in
    \(commands.map(branch).joined(separator: "\n"))
      esac
    }
    if [ "$funcstack[1]" = "_mtlc" ]; then
      _mtlc "$@"
    else
      compdef _mtlc mtlc
    fi
    """
  }

  private static func branch(_ command: CommandSpec) -> String {
    var rules = command.allOptions.flatMap { option in
      [option.short, option.name].compactMap { $0 }.map { name in
        let repeats = if case .repeated = option.kind { "*" } else { "" }
        let value = option.valueName.map {
          ":\(escaped($0)):\(option.choices.isEmpty ? "_files" : list(option.choices))"
        }
        return "'\(repeats)\(name)[\(escaped(option.help))]\(value ?? "")'"
      }
    }
    for (place, operand) in command.operands.enumerated() {
      let values = operand.choices.isEmpty ? "_files" : list(operand.choices)
      rules.append("'\(place + 1):\(escaped(operand.name)):\(values)'")
    }
    return """
          \(command.name))
            _arguments \\
              \(rules.joined(separator: " \\\n          "))
            ;;
      """
  }

  private static func list(_ choices: [String]) -> String {
    "(\(choices.joined(separator: " ")))"
  }

  /// Text between single quotes.
  private static func quoted(_ text: String) -> String {
    text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
  }

  /// Text between single quotes in which brackets and colons would end a part of a rule.
  private static func escaped(_ text: String) -> String {
    quoted(text.map { "[]:\\".contains($0) ? "\\\($0)" : "\($0)" }.joined())
  }
}

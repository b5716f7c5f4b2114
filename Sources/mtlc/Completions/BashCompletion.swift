import Schema

/// A function by which bash completes command lines.
enum BashCompletion {
  static func text(_ commands: [CommandSpec]) -> String {
    """
    # Completion of mtlc for bash. Written by `mtlc completions bash`.
    _mtlc() {
      local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
      local options="" words=""
      COMPREPLY=()
      if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "\(commands.map(\.name).joined(separator: " "))" -- "$current"))
        return
      fi
      case "${COMP_WORDS[1]}" in
    \(commands.map(branch).joined(separator: "\n"))
      esac
      case "$current" in
        -*) COMPREPLY=($(compgen -W "$options" -- "$current")) ;;
        *)
          if [ -n "$words" ]; then
            COMPREPLY=($(compgen -W "$words" -- "$current"))
          else
            COMPREPLY=($(compgen -f -- "$current"))
          fi
          ;;
      esac
    }
    complete -o filenames -F _mtlc mtlc
    """
  }

  /// The branch of a command, which sets `options`, and `words` where those are known.
  private static func branch(_ command: CommandSpec) -> String {
    let names = command.allOptions.flatMap { [$0.short, $0.name].compactMap { $0 } }
    var lines = ["    \(command.name))", "      options=\"\(names.joined(separator: " "))\""]
    let valued = command.allOptions.filter { $0.valueName != nil }
    if !valued.isEmpty {
      lines.append("      case \"$previous\" in")
      for option in valued where !option.choices.isEmpty {
        lines.append(
          "        \(pattern(option))) words=\"\(option.choices.joined(separator: " "))\" ;;")
      }
      let others = valued.filter(\.choices.isEmpty)
      if !others.isEmpty {
        let pattern = others.map(pattern).joined(separator: "|")
        lines.append("        \(pattern)) COMPREPLY=($(compgen -f -- \"$current\")); return ;;")
      }
      lines.append("      esac")
    }
    if let first = command.operands.first, !first.choices.isEmpty {
      let choices = first.choices.joined(separator: " ")
      lines.append("      [ \"$COMP_CWORD\" -eq 2 ] && words=\"\(choices)\"")
    }
    return (lines + ["      ;;"]).joined(separator: "\n")
  }

  private static func pattern(_ option: OptionSpec) -> String {
    [option.short, option.name].compactMap { $0 }.joined(separator: "|")
  }
}

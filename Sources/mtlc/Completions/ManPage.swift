import Schema

/// The manual in the language of `man`, from the declarations of the commands.
enum ManPage {
  static func text(_ commands: [CommandSpec]) -> String {
    var lines = [
      ".TH MTLC 1 \"\" \"mtlc \(ToolVersion.text)\" \"User Commands\"",
      ".SH NAME", "mtlc \\- \(escaped("compile, train and run multi-task recommendation models"))",
      ".SH SYNOPSIS", ".B mtlc", escaped("COMMAND [arguments] [options]"),
      ".SH DESCRIPTION",
      escaped(
        "mtlc compiles multi-task recommendation models from a spec file into a static plan, and"
          + " trains, evaluates and predicts with it on the CPU. The keys of a spec are explained by"
      ),
      ".BR \"mtlc help spec\" .",
      ".SH COMMANDS",
    ]
    for command in commands { lines += section(command) }
    lines.append(".SH EXIT STATUS")
    for code in ExitCode.allCases {
      lines += [".TP", ".B \(code.rawValue)", escaped(code.meaning)]
    }
    return lines.joined(separator: "\n")
  }

  private static func section(_ command: CommandSpec) -> [String] {
    var lines = [".SS \(escaped(command.usage))", escaped(command.summary + ".")]
    if !command.details.isEmpty { lines += [".PP"] + paragraph(command.details) }
    for operand in command.operands {
      lines += [".TP", ".I \(escaped(operand.name))"] + paragraph(operand.help)
    }
    for option in command.allOptions {
      let names = [option.short, option.name].compactMap { $0 }.map { "\\fB\(escaped($0))\\fR" }
      let value = option.valueName.map { " \\fI\(escaped($0))\\fR" } ?? ""
      lines += [".TP", names.joined(separator: ", ") + value] + paragraph(option.help)
    }
    for example in command.examples {
      lines += [
        ".PP", escaped(example.comment) + ":", ".PP", ".nf", "    \(escaped(example.line))",
      ]
      lines.append(".fi")
    }
    return lines
  }

  private static func paragraph(_ text: String) -> [String] {
    text.split(separator: "\n").map { escaped(String($0)) }
  }

  /// Text in which nothing is taken for a request or an escape.
  private static func escaped(_ text: String) -> String {
    let plain = text.map { character in
      switch character {
      case "\\": "\\e"
      case "-": "\\-"
      default: character.unicodeScalars.map { $0.isASCII ? "\($0)" : number($0) }.joined()
      }
    }.joined()
    return plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" + plain : plain
  }

  /// A character that is not ASCII, as groff writes it: four digits at least.
  private static func number(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "\\[u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "]"
  }
}

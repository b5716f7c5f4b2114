/// What a command takes and does, as `--help` shows it.
struct CommandSpec: Sendable {
  struct Operand: Sendable {
    var name: String
    var help: String
    var isOptional = false
    /// What it can be; empty for a file.
    var choices: [String] = []
  }
  struct Example: Sendable {
    var line: String
    var comment: String
  }

  var name: String
  /// One line, for the list of commands.
  var summary: String
  /// More than the summary says.
  var details: String = ""
  var operands: [Operand] = []
  /// `--help` is added to them.
  var options: [OptionSpec] = []
  var examples: [Example]

  var allOptions: [OptionSpec] { options + [.help] }

  /// `mtlc train SPEC [options]`
  var usage: String {
    let names = operands.map { $0.isOptional ? "[\($0.name)]" : $0.name }
    return (["mtlc", name] + names + (options.isEmpty ? [] : ["[options]"])).joined(separator: " ")
  }

  var help: String {
    var text = "\(summary)\n\nUsage: \(usage)\n"
    if !details.isEmpty { text += "\n" + TextLayout.wrap(details, width: 88) + "\n" }
    var rows = operands.map { ("  \($0.name)", $0.help) }
    if !rows.isEmpty { text += "\nArguments:\n" + TextLayout.columns(rows) }
    rows = allOptions.map { option in
      let value = option.valueName.map { " \($0)" } ?? ""
      return ("  \(option.short.map { "\($0), " } ?? "    ")\(option.name)\(value)", option.help)
    }
    text += "\nOptions:\n" + TextLayout.columns(rows)
    text += "\nExamples:\n"
    for example in examples {
      text += "  # \(example.comment)\n  \(example.line)\n"
    }
    return text
  }
}

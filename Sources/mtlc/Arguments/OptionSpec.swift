/// An option of a command: the parser and `--help` read the same table.
struct OptionSpec: Sendable {
  enum Kind: Sendable {
    case flag
    /// Takes a value, shown under this name.
    case value(String)
    /// As `value`, and may be given more than once.
    case repeated(String)
  }

  /// With the dashes: `--threads`.
  var name: String
  /// With the dash: `-o`.
  var short: String?
  var kind: Kind
  var help: String
  /// What the value can be; empty where anything can.
  var choices: [String]

  init(
    _ name: String, short: String? = nil, _ kind: Kind, _ help: String, choices: [String] = []
  ) {
    self.name = name
    self.short = short
    self.kind = kind
    self.help = help
    self.choices = choices
  }

  /// An option whose value is a case of a type.
  init<Choice: RawRepresentable & CaseIterable>(
    _ name: String, _ kind: Kind, of type: Choice.Type, _ help: String
  ) where Choice.RawValue == String {
    self.init(name, kind, help, choices: type.allCases.map(\.rawValue))
  }

  var valueName: String? {
    switch kind {
    case .flag: nil
    case .value(let name), .repeated(let name): name
    }
  }
}

extension OptionSpec {
  static let help = OptionSpec("--help", short: "-h", .flag, "show this help")
  static let json = OptionSpec("--json", .flag, "print the result as JSON")
  static let quiet = OptionSpec("--quiet", short: "-q", .flag, "no progress and no log")
  static let threads = OptionSpec(
    "--threads", .value("N"), "threads to use; results are the same whatever N is")
  static let set = OptionSpec(
    "--set", .repeated("KEY=VALUE"),
    "replace a key of the spec, such as training.epochs=3 (may be repeated)")
  static let onError = OptionSpec(
    "--on-error", .value("stop|skip"), of: OnError.self,
    "stop (default) at the first damaged record, or skip such records and count them")

  /// What happens at a damaged record.
  enum OnError: String, CaseIterable { case stop, skip }

  static func output(_ name: String, _ help: String) -> OptionSpec {
    OptionSpec("--output", short: "-o", .value(name), help)
  }
}

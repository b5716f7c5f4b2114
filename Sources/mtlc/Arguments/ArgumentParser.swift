import Experiments
import Schema

/// Values of options and operands of one command line.
struct Arguments: Sendable {
  private(set) var operands: [String] = []
  private var values: [String: [String]] = [:]

  /// Reads `--name value`, `--name=value`, `-o value`; after `--` everything is an operand.
  init(_ words: [String], _ command: CommandSpec) throws {
    var rest = words[...]
    var operandsOnly = false
    while let word = rest.popFirst() {
      if operandsOnly || !word.hasPrefix("-") || word == "-" {
        operands.append(word)
        continue
      }
      if word == "--" {
        operandsOnly = true
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard let option = command.allOptions.first(where: { $0.name == name || $0.short == name })
      else { throw Self.unknown(name, command) }
      var value = parts.count == 2 ? String(parts[1]) : nil
      if let valueName = option.valueName {
        value = value ?? rest.popFirst()
        guard value != nil else {
          throw ExperimentError(
            .argument, "\(name) needs a value", hint: "\(option.name) \(valueName): \(option.help)")
        }
      } else if value != nil {
        throw ExperimentError(.argument, "\(name) takes no value")
      }
      if case .value = option.kind, values[option.name] != nil {
        throw ExperimentError(.argument, "\(name) is given twice")
      }
      values[option.name, default: []].append(value ?? "")
    }
    if has(.help) { return }
    let required = command.operands.count { !$0.isOptional }
    if operands.count < required {
      throw ExperimentError(
        .argument, "\(command.operands[operands.count].name) is missing",
        hint: "usage: \(command.usage)")
    }
    if operands.count > command.operands.count {
      throw ExperimentError(
        .argument, "unexpected argument \"\(operands[command.operands.count])\"",
        hint: "usage: \(command.usage)")
    }
  }

  private static func unknown(_ name: String, _ command: CommandSpec) -> ExperimentError {
    let names = command.allOptions.flatMap { [$0.name, $0.short].compactMap { $0 } }
    // A letter is as near to every other letter.
    let nearest = name.count > 2 ? NearestName.nearest(name, in: names) : nil
    return ExperimentError(
      .argument, "unknown option \(name)",
      hint: nearest.map { "did you mean \($0)?" } ?? "see mtlc help \(command.name)")
  }

  /// One of the things that a command does, as its help calls it, and the options that it takes.
  typealias Use = (name: String, options: [OptionSpec])

  /// Refuses options that mean nothing to what is asked for, so that none is ignored in silence.
  ///
  /// - Parameter others: What else the command does, for the hint.
  func allow(_ use: Use, others: [Use] = []) throws {
    guard let name = values.keys.filter({ !use.options.map(\.name).contains($0) }).min() else {
      return
    }
    let takers = others.filter { $0.options.map(\.name).contains(name) }.map(\.name)
    throw ExperimentError(
      .argument, "\(name) does not go with \(use.name)",
      hint: takers.isEmpty ? nil : "it goes with \(takers.joined(separator: ", "))")
  }

  func has(_ option: OptionSpec) -> Bool { values[option.name] != nil }

  subscript(option: OptionSpec) -> String? { values[option.name]?.first }

  func all(_ option: OptionSpec) -> [String] { values[option.name] ?? [] }

  /// An integer within bounds.
  func integer(_ option: OptionSpec, in range: ClosedRange<Int>) throws -> Int? {
    guard let text = self[option] else { return nil }
    guard let value = Int(text), range.contains(value) else {
      let bounds =
        range.upperBound == .max
        ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
      throw ExperimentError(.argument, "\(option.name) \(text): expected a whole number \(bounds)")
    }
    return value
  }

  /// One of the cases of an enum, by its raw value.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ option: OptionSpec, _ type: Choice.Type
  ) throws -> Choice? where Choice.RawValue == String {
    try self[option].map { try Self.choice($0, option.name, type) }
  }

  /// The operand at a place as a case of a type.
  func choice<Choice: RawRepresentable & CaseIterable>(
    operand place: Int, of name: String, _ type: Choice.Type
  ) throws -> Choice where Choice.RawValue == String {
    try Self.choice(operands[place], name, type)
  }

  private static func choice<Choice: RawRepresentable & CaseIterable>(
    _ text: String, _ name: String, _ type: Choice.Type
  ) throws -> Choice where Choice.RawValue == String {
    if let choice = Choice(rawValue: text) { return choice }
    let names = Choice.allCases.map(\.rawValue)
    throw ExperimentError(
      .argument, "\(name) \(text): expected \(names.joined(separator: ", "))",
      hint: NearestName.nearest(text, in: names).map { "did you mean \($0)?" })
  }
}

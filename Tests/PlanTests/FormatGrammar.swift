import Foundation

/// The rules of docs/plan-format.md, and a reader of plan bodies that knows nothing else.
struct FormatGrammar {
  struct Field {
    var name: String
    var type: String
  }
  enum Rule {
    case record([Field])
    case cases([UInt8: (name: String, fields: [Field])])
  }
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  var rules: [String: Rule] = [:]

  /// Reads the `plan` blocks of a page. A line that begins with a space continues the one before.
  init(page: String) throws {
    let blocks = page.components(separatedBy: "\n```plan\n").dropFirst()
      .map { $0.components(separatedBy: "\n```")[0] }
    let lines = blocks.joined(separator: "\n").replacing(#/\n +/#, with: " ").split(separator: "\n")
    for line in lines {
      let sides = line.split(separator: " = ", maxSplits: 1)
      guard sides.count == 2 else { throw Failure(description: "no rule: \(line)") }
      let right = String(sides[1])
      rules[String(sides[0])] =
        right.first?.isNumber == true ? try Self.cases(right) : .record(try Self.fields(right))
    }
  }

  private static func fields(_ text: some StringProtocol) throws -> [Field] {
    try text.components(separatedBy: ", ").map { part in
      let sides = part.components(separatedBy: ": ")
      guard sides.count == 2 else { throw Failure(description: "no field: \(part)") }
      return Field(name: sides[0], type: sides[1])
    }
  }

  private static func cases(_ text: String) throws -> Rule {
    var found: [UInt8: (name: String, fields: [Field])] = [:]
    for part in text.components(separatedBy: " | ") {
      guard let match = part.wholeMatch(of: #/([0-9]+) (\w+)(?: \((.*)\))?/#),
        let code = UInt8(match.1)
      else { throw Failure(description: "no case: \(part)") }
      found[code] = (String(match.2), try match.3.map { try fields($0) } ?? [])
    }
    return .cases(found)
  }
}

/// Goes through the bytes of a body by the rules, and remembers which cases it met.
struct FormatReader {
  let grammar: FormatGrammar
  var bytes: ArraySlice<UInt8>
  /// As `Instruction.matmul`.
  var met: Set<String> = []

  init(_ grammar: FormatGrammar, _ bytes: ArraySlice<UInt8>) {
    self.grammar = grammar
    self.bytes = bytes
  }

  private func failure(_ text: String) -> FormatGrammar.Failure { .init(description: text) }

  mutating func skip(_ type: String) throws {
    if type.hasSuffix("?") {
      if try flag() { try skip(String(type.dropLast())) }
    } else if type.hasPrefix("[") {
      let item = String(type.dropFirst().dropLast())
      for _ in 0..<(try varint()) { try skip(item) }
    } else {
      try skipSingle(type)
    }
  }

  private mutating func skipSingle(_ type: String) throws {
    switch type {
    case "int": _ = try varint()
    case "u8": try drop(1)
    case "f32": try drop(4)
    case "u64", "f64": try drop(8)
    case "flag": _ = try flag()
    case "text": try drop(Int(try varint()))
    default: try skipRule(type)
    }
  }

  private mutating func skipRule(_ name: String) throws {
    switch grammar.rules[name] {
    case .record(let fields): for field in fields { try skip(field.type) }
    case .cases(let cases):
      let code = try byte()
      guard let found = cases[code] else { throw failure("\(name) has no case \(code)") }
      met.insert("\(name).\(found.name)")
      for field in found.fields { try skip(field.type) }
    case nil: throw failure("there is no rule for \(name)")
    }
  }

  private mutating func drop(_ count: Int) throws {
    guard count <= bytes.count else { throw failure("the body is too short") }
    bytes = bytes.dropFirst(count)
  }

  private mutating func byte() throws -> UInt8 {
    guard let first = bytes.popFirst() else { throw failure("the body is too short") }
    return first
  }

  private mutating func flag() throws -> Bool {
    let value = try byte()
    guard value <= 1 else { throw failure("\(value) is no flag") }
    return value == 1
  }

  private mutating func varint() throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let next = try byte()
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 { return value }
    }
    throw failure("a number is too long")
  }
}

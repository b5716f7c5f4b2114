import Foundation

/// The rules of docs/plan-format.md, read from the page.
public struct FormatGrammar {
  public struct Field {
    public var name: String
    public var type: String
  }
  public enum Rule {
    case record([Field])
    case cases([UInt8: (name: String, fields: [Field])])
  }
  public struct Failure: Error, CustomStringConvertible {
    public var description: String
  }

  public private(set) var rules: [String: Rule] = [:]

  /// The page of this checkout.
  public static func page() throws -> String {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try String(contentsOf: root.appending(path: "docs/plan-format.md"), encoding: .utf8)
  }

  /// Reads the `plan` blocks of a page. A line that begins with a space continues the one before.
  public init(page: String) throws {
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

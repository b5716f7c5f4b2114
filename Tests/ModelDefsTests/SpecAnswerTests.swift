import Foundation
import ModelDefs
import Schema
import TestSupport
import Testing

/// What the specs of the project answer to wrong and unusual values, key by key, as it was when
/// somebody last read it.
@Suite struct SpecAnswerTests {
  private typealias Content = SpecValue.Content

  private static func value(_ content: Content) -> SpecValue {
    SpecValue(content, at: .file)
  }

  /// Values that one key or another takes.
  private static let others: [SpecValue] = [
    .null, .bool(true), .bool(false), .integer(-1), .integer(0), .integer(1), .integer(2),
    .integer(1_000_000_000), .number(0.5), .number(-0.5), .number(1.5), .string(""),
    .string("none"), .string("a"), .array([]), .array([value(.integer(0))]),
    .array([value(.string("a")), value(.string("a"))]), .object([]),
  ].map(value)

  /// A value and the places of those within it: keys, and the first element of each list.
  private static func places(
    _ tree: SpecValue, _ path: [String] = []
  ) -> [[String]] {
    let own = path.isEmpty ? [] : [path]
    switch tree.content {
    case .object(let members):
      return own + members.flatMap { places($0.value, path + [$0.key]) }
    case .array(let elements):
      // Elements of a list are alike but for features, of which each kind has keys of its own.
      return own + elements.enumerated().flatMap { places($1, path + ["\($0)"]) }
    default:
      return own
    }
  }

  private static func replaced(
    _ tree: SpecValue, _ path: ArraySlice<String>, _ new: SpecValue
  ) -> SpecValue {
    guard let first = path.first else { return new }
    var tree = tree
    switch tree.content {
    case .object(var members):
      for k in members.indices where members[k].key == first {
        members[k].value = replaced(members[k].value, path.dropFirst(), new)
      }
      tree.content = .object(members)
    case .array(var elements):
      if let place = Int(first) {
        elements[place] = replaced(elements[place], path.dropFirst(), new)
      }
      tree.content = .array(elements)
    default: break
    }
    return tree
  }

  private static func answer(_ tree: SpecValue) -> String {
    do {
      _ = try Spec(text: tree.json, file: "s.json5", folder: "dir")
      return "ok"
    } catch let error as SpecError {
      let findings = error.findings.map { finding in
        "\(finding.path): \(finding.message)"
      }
      return findings.prefix(3).joined(separator: " | ")
        + (findings.count > 3 ? " | \(findings.count) in all" : "")
    } catch {
      return "\(type(of: error)): \(error)"
    }
  }

  /// `MTLC_UPDATE_GOLDEN=1` writes the file anew.
  @Test func answersAreAsBefore() throws {
    var seen: Set<String> = []
    var text = ""
    let names = [
      "sample-training", "sample-mmoe", "sample-groups", "adult-best", "ad-log-esmm",
      "synthetic-regression-mmoe", "card-funnel-aitm", "sample-dbmtl", "census-cgc", "adult-ple",
      "adult-mmoe-v2", "cold-start-maml", "omniglot-maml", "synthetic-funnel-v4",
    ]
    for name in names {
      let file = ExampleTests.folder.appendingPathComponent("\(name).json5")
      let tree = try JSON5Parser.parse(
        Array(Data(contentsOf: file)), diagnostics: SpecDiagnostics(file: "s.json5"))
      let kind = tree.member("model")?.value.member("type")?.value.json ?? ""
      for path in Self.places(tree) {
        // The same key of another example is asked once, one of a model for each model.
        let key = path.map { Int($0) == nil ? $0 : "*" }.joined(separator: ".")
        let known = path.first == "model" ? "\(kind) \(key)" : key
        guard seen.insert(known).inserted else { continue }
        text += "\(name) \(path.joined(separator: "."))\n"
        for other in Self.others {
          text += "  \(other.json): \(Self.answer(Self.replaced(tree, path[...], other)))\n"
        }
        // A key that is nearly right.
        if let last = path.last, Int(last) == nil, last.count > 3 {
          let wrong = Self.renamed(tree, path[...], String(last.dropLast()))
          text += "  \(last.dropLast()): \(Self.answer(wrong))\n"
        }
      }
    }
    let difference = try GoldenText.difference(text, from: "ModelDefsTests/Golden/answers.txt")
    #expect(difference == nil)
  }

  private static func renamed(
    _ tree: SpecValue, _ path: ArraySlice<String>, _ name: String
  ) -> SpecValue {
    guard let first = path.first else { return tree }
    var tree = tree
    switch tree.content {
    case .object(var members):
      for k in members.indices where members[k].key == first {
        if path.count == 1 {
          members[k].key = name
        } else {
          members[k].value = renamed(members[k].value, path.dropFirst(), name)
        }
      }
      tree.content = .object(members)
    case .array(var elements):
      if let place = Int(first) {
        elements[place] = renamed(elements[place], path.dropFirst(), name)
      }
      tree.content = .array(elements)
    default: break
    }
    return tree
  }
}

import Foundation
import ModelDefs
import Schema
import Testing

/// Paths to the values of a spec, ranges of columns and patterns of files.
@Suite struct SpecPathTests {
  private func tree(_ text: String) throws -> SpecValue {
    try JSON5Parser.parse(Array(text.utf8), diagnostics: SpecDiagnostics(file: "t"))
  }

  private let text = "{ a: [{ b: 1 }, { b: 2 }], c: { '0': 'k' }, d: 5 }"

  @Test func textsThatAreNoPaths() {
    for text in ["", ".", "a.", ".a", "a..b", "[0]", "a[", "a[]", "a[-1]", "a[x]", "a[0]x", "a[0"] {
      #expect(SpecPath(text) == nil, "\(text)")
    }
    for text in ["a", "a.b", "a[0]", "a[0][12].b", "a.0.b"] {
      #expect(SpecPath(text)?.description == text)
    }
  }

  @Test func endsAndParents() throws {
    let paths: [(String, String?, String?)] = [
      ("a", "a", nil), ("a.b", "b", "a"), ("a[0].b", "b", "a[0]"), ("a[0]", nil, nil),
      ("a.b[1].cc", "cc", "a.b[1]"), ("a.b.c", "c", "a.b"),
    ]
    for (text, last, parent) in paths {
      let path = try #require(SpecPath(text))
      #expect(path.lastKey == last, "\(text)")
      #expect(path.parent?.description == parent, "\(text)")
      #expect(path.parent == parent.flatMap { SpecPath($0) }, "\(text)")
    }
    func isBelow(_ a: String, _ b: String) throws -> Bool {
      try #require(SpecPath(a)).isBelow(#require(SpecPath(b)))
    }
    #expect(try isBelow("a.b", "a") && isBelow("a[0].b", "a[0]") && isBelow("a.b.c", "a"))
    #expect(try !isBelow("a", "a") && !isBelow("ab", "a") && !isBelow("a", "a.b"))
    #expect(try !isBelow("b.a", "a") && !isBelow("a[1].b", "a[0]"))
  }

  @Test func valuesThatAreThere() throws {
    let tree = try tree(text)
    let values: [(String, String?)] = [
      ("a[1].b", "2"), ("a.1.b", "2"), ("a[0]", "{\"b\":1}"), ("a[2].b", nil), ("c.0", "\"k\""),
      ("a.b", nil), ("c[0]", nil), ("d", "5"), ("d.e", nil), ("x", nil), ("a.-1", nil),
    ]
    for (path, json) in values {
      #expect(try #require(SpecPath(path)).value(in: tree)?.json == json, "\(path)")
    }
  }

  @Test func valuesThatArePut() throws {
    let rest = #""c":{"0":"k"},"d":5}"#
    let cases: [(path: String, value: String, result: String)] = [
      ("a.0.b", "7", #"{"a":[{"b":7},{"b":2}],"# + rest),
      ("a[1]", "'x'", #"{"a":[{"b":1},"x"],"# + rest),
      ("a[1].e", "3", #"{"a":[{"b":1},{"b":2,"e":3}],"# + rest),
      ("a[2].b", "7", "[2] is beyond the list, which has 2 entries"),
      ("a.x", "7", "\"x\" is a key, but it would be in a list"),
      ("a.-1", "7", "\"-1\" is a key, but it would be in a list"),
      ("c[0]", "7", "[0] counts in a list, but there is an object"),
      ("d[0]", "7", "[0] counts in a list, but there is the number 5"),
      ("c.0.x", "7", "\"x\" is a key, but it would be in the string \"k\""),
      ("c.0", "null", #"{"a":[{"b":1},{"b":2}],"c":{},"d":5}"#),
      ("c", "null", #"{"a":[{"b":1},{"b":2}],"d":5}"#),
      ("z", "null", #"{"a":[{"b":1},{"b":2}],"# + rest),
      ("a[0]", "null", #"{"a":[null,{"b":2}],"# + rest),
      ("e.f", "[1]", #"{"a":[{"b":1},{"b":2}],"c":{"0":"k"},"d":5,"e":{"f":[1]}}"#),
    ]
    for (path, value, result) in cases {
      var changed = try tree(text)
      let message = try #require(SpecPath(path)).put(tree(value), in: &changed)
      #expect(message ?? changed.json == result, "\(path) = \(value)")
      if message != nil { #expect(try changed.json == tree(text).json) }
    }
  }

  // MARK: Ranges of columns

  private func columns(_ list: String) -> [String] {
    var fixture = SpecFixture()
    fixture.features = "[{ columns: \(list), type: 'numeric' }]"
    guard let spec = try? fixture.spec() else { return fixture.findings() }
    return spec.features.map(\.name)
  }

  @Test func rangesOfColumns() {
    let ranges: [(String, [String])] = [
      ("I01..I03", ["I01", "I02", "I03"]), ("x8..x11", ["x8", "x9", "x10", "x11"]),
      ("a09..a11", ["a09", "a10", "a11"]), ("x3..x3", ["x3"]), ("1..3", ["1", "2", "3"]),
      ("a1b2..a1b4", ["a1b2", "a1b3", "a1b4"]), ("x00..x2", ["x00", "x01", "x02"]),
      ("x0..x2", ["x0", "x1", "x2"]), ("x098..x101", ["x098", "x099", "x100", "x101"]),
      ("x.y", ["x.y"]), ("x999999998..x999999999", ["x999999998", "x999999999"]),
    ]
    for (range, names) in ranges { #expect(columns("'\(range)'") == names, "\(range)") }
    for range in [
      "x1..y2", "x..x3", "x1..", "..x1", "x3..x2", "x0000000001..x2", "x1..x1000000000",
    ] {
      #expect(
        columns("'\(range)'") == [
          "features[0].columns: the range \"\(range)\" needs the same name at both ends, with"
            + " rising numbers, as in \"x0..x9\""
        ], "\(range)")
    }
    #expect(
      columns("['a', 'x1..x3', 'x2']")
        == ["features[0].columns: the column \"x2\" is named twice"])
    #expect(columns("['a', '']") == ["features[0].columns[1]: must not be empty"])
    #expect(
      columns("['a', 3]") == ["features[0].columns[1]: expected a string, found the number 3"])
  }

  // MARK: Files

  @Test func patternsOfFiles() throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "patterns-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, content) in [
      ("b.csv", "1"), ("a.csv", "2"), ("empty.csv", ""), ("_SUCCESS", "3"), ("_b.csv", "4"),
      ("x[1].txt", "5"), ("x1.txt", "6"), ("vocab.tok", "one\r\n\ntwo\n"),
    ] {
      try content.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
    }
    let base = folder.path
    func files(_ pattern: String) -> [String] {
      var fixture = SpecFixture()
      fixture.data = "{ train: '\(pattern)' }"
      do {
        let spec = try Spec(text: fixture.text, file: "s", folder: base)
        return spec.files.train.map { String($0.dropFirst(base.count + 1)) }
      } catch let error as SpecError {
        return error.findings.map { "\($0.path): \($0.message)" }
      } catch {
        return ["\(error)"]
      }
    }
    #expect(files("*.csv") == ["a.csv", "b.csv"])
    #expect(files("e*.csv") == ["empty.csv"])
    #expect(files("?.csv") == ["a.csv", "b.csv"])
    #expect(files("[b-z].csv") == ["b.csv"])
    #expect(files("_*") == ["_SUCCESS", "_b.csv"])
    #expect(files("*S") == ["_SUCCESS"])
    #expect(files("x[1].txt") == ["x[1].txt"])
    #expect(files("x[12].txt") == ["x1.txt"])
    #expect(files("no.csv") == ["no.csv"])
    #expect(files("z*.csv").first == "data.train: no file matches \"z*.csv\"")
    var fixture = SpecFixture()
    fixture.features = "[{ name: 'a', type: 'id', vocab_file: 'vocab.tok' }]"
    let spec = try Spec(text: fixture.text, file: "s", folder: base)
    #expect(spec.dataDeclaration.features[0].kind == .id(.list(["one", "two"])))
  }

  @Test func foldersOfPaths() throws {
    func train(_ folder: String, _ path: String) throws -> [String] {
      var fixture = SpecFixture()
      fixture.data = "{ train: '\(path)' }"
      return try Spec(text: fixture.text, file: "s", folder: folder).files.train
    }
    #expect(try train("", "a.csv") == ["a.csv"])
    #expect(try train("dir", "a.csv") == ["dir/a.csv"])
    #expect(try train("dir/", "a.csv") == ["dir/a.csv"])
    #expect(try train("/", "a.csv") == ["/a.csv"])
    #expect(try train("dir", "/b/a.csv") == ["/b/a.csv"])
    #expect(try train("dir", "-") == ["-"])
  }
}

import ModelDefs
import Testing

/// JSON5 text at the bounds of its grammar, and how values are written for people.
@Suite struct JSON5DetailTests {
  private func tree(_ text: String) throws -> SpecValue {
    try JSON5Parser.parse(Array(text.utf8), diagnostics: SpecDiagnostics(file: "t"))
  }

  /// The canonical JSON, or the error with its place.
  private func read(_ text: String) -> String {
    do {
      return try tree(text).json
    } catch let error as JSON5Parser.SyntaxError {
      return "\(error.line):\(error.column): \(error.message)"
    } catch {
      return "\(error)"
    }
  }

  @Test func escapesInStrings() throws {
    let texts: [(String, String)] = [
      (#"'\b\f\n\r\t\v\0'"#, "\u{8}\u{C}\n\r\t\u{B}\0"), (#"'\x7e\x0A\x00'"#, "~\n\0"),
      (#"'\uD800\uDC00'"#, "\u{10000}"), (#"'\uDBFF\uDFFF'"#, "\u{10FFFF}"),
      (#"'\uD7FF\uE000'"#, "\u{D7FF}\u{E000}"), (#"'\Q\"\'\\'"#, "Q\"'\\"),
      ("'a\\\rb\\\nc\\\u{2028}d\\\u{2029}e'", "abcde"), ("\"it's\"", "it's"), ("''", ""),
      (#"'\0a'"#, "\0a"), ("'\t'", "\t"),
    ]
    for (text, expected) in texts {
      guard case .string(let found) = try tree(text).content else {
        Issue.record("\(text) is no string")
        continue
      }
      #expect(Array(found.unicodeScalars) == Array(expected.unicodeScalars), "\(text)")
    }
    let open = "this string does not end; a line break in a string is written \\n"
    let half = "this escape is half of a character; its other half must follow"
    let refused: [(String, String)] = [
      (#"'\01'"#, #"1:3: unknown escape \0"#), (#"'\9'"#, #"1:3: unknown escape \9"#),
      (#"'\uD83D\u0041'"#, "1:4: \(half)"), (#"'\uD83Dx'"#, "1:4: \(half)"),
      (#"'\uD83D\x41'"#, "1:4: \(half)"), (#"'\uDC00\uDC00'"#, "1:4: \(half)"),
      (#"'\uD83D\uE000'"#, "1:4: \(half)"),
      (#"'\u00Z'"#, "1:6: expected 4 hexadecimal digits, found \"Z\""),
      (#"'\x"#, "1:4: expected 2 hexadecimal digits, found end of the text"),
      ("'\\x\n'", "1:4: expected 2 hexadecimal digits, found end of the line"),
      (#" 'a\"#, "1:2: \(open)"), ("'a\rb'", "1:1: \(open)"), (#"'a""#, "1:1: \(open)"),
    ]
    for (text, message) in refused { #expect(read(text) == message, "\(text)") }
  }

  @Test func numbers() {
    let accepted: [(String, String)] = [
      ("-9223372036854775808", "-9223372036854775808"),
      ("-9223372036854775809", "-9.223372036854776e+18"), ("0x0", "0"), ("+0x10", "16"),
      ("-0x8000000000000000", "-9223372036854775808"),
      ("0x7FFFFFFFFFFFFFFF", "9223372036854775807"),
      ("0x8000000000000000", "9.223372036854776e+18"),
      ("-0x10000000000000000", "-1.8446744073709552e+19"), ("0xabcdef", "11259375"),
      ("1.e3", "1000.0"), ("-.5", "-0.5"), ("0.5e+2", "50.0"), ("1E5", "100000.0"),
      ("+Infinity", "Infinity"), ("-NaN", "NaN"), ("0.25", "0.25"), ("0e0", "0.0"),
    ]
    for (text, json) in accepted { #expect(read(text) == json, "\(text)") }
    let no = "1:1: this is not a number"
    for text in [
      "0xG", "0x1G", "1a", "-Infinit", "+N", "-", "1e+", "1e-", "5.e", "1.5x", "1e5_", "-.", "1$",
    ] {
      #expect(read(text) == no, "\(text)")
    }
    #expect(read(" -01") == "1:2: a number does not begin with 0")
    #expect(read("00.5") == "1:1: a number does not begin with 0")
    let large = "0x" + String(repeating: "F", count: 300)
    #expect(read("[\(large)]") == "1:2: this number is too large")
    #expect(read("-1e400") == "1:1: this number is too large")
  }

  @Test func names() {
    let accepted: [(String, String)] = [
      ("{$: 1, _: 2, a1: 3, b\\u0031: 4, é$_9: 5}", #"{"$":1,"_":2,"a1":3,"b1":4,"é$_9":5}"#),
      ("{a\u{200D}b: 1, c\u{200C}: 2}", "{\"a\u{200D}b\":1,\"c\u{200C}\":2}"),
      ("{NaN: 1, Infinity: 2}", #"{"NaN":1,"Infinity":2}"#),
      ("{'': 1, \"x y\": 2}", #"{"":1,"x y":2}"#),
    ]
    for (text, json) in accepted { #expect(read(text) == json, "\(text)") }
    let part = "this escape is not part of a name"
    let refused: [(String, String)] = [
      (#"{\u0031: 1}"#, "1:2: \(part)"), (#"{a\x: 1}"#, "1:3: \(part)"),
      (#"{a\u0020: 1}"#, "1:3: \(part)"),
      ("{a-b: 1}", "1:3: expected \":\" after the key a, found \"-\""),
      ("{a:1,,}", "1:6: expected a key, found \",\""),
      ("{\u{200D}a: 1}", "1:2: expected a key, found \"\u{200D}\""),
      ("[1 2]", "1:4: expected \",\" or \"]\", found \"2\""),
      ("[1,,2]", "1:4: expected a value, found \",\""),
      ("[1}", "1:3: expected \",\" or \"]\", found \"}\""),
      ("{a: 1]", "1:6: expected \",\" or \"}\", found \"]\""),
      ("true1", "1:1: expected a value, found true1; a string needs quotes"),
    ]
    for (text, message) in refused { #expect(read(text) == message, "\(text)") }
  }

  @Test func blanksAndComments() {
    for text in [
      "\t\n\u{B}\u{C}\r 7", "/**/7", "/* * / */7", "/***/7", "//x\r7", "//\n7//", "7 /* x */ ",
      "\u{3000}7\u{2028}",
    ] {
      #expect(read(text) == "7", "\(text)")
    }
    let refused: [(String, String)] = [
      ("7 /", "1:3: unexpected \"/\""), ("/*/7", "1:1: this comment does not end"),
      ("7 /* *", "1:3: this comment does not end"),
      ("\u{1C}7", "1:1: expected a value, found character U+1C"),
      ("\u{7F}", "1:1: expected a value, found character U+7F"),
      ("[1,\r@]", "2:1: expected a value, found \"@\""),
      ("[1,\r\n@]", "2:1: expected a value, found \"@\""),
      ("[1,\n\r@]", "3:1: expected a value, found \"@\""),
      ("['日本', @]", "1:8: expected a value, found \"@\""),
    ]
    for (text, message) in refused { #expect(read(text) == message, "\(text)") }
  }

  @Test func nestingIsCountedWhereItIs() {
    let message = "lists and objects nest deeper than 100"
    #expect(read(String(repeating: "[", count: 101)) == "1:101: \(message)")
    #expect(read(String(repeating: "{a:", count: 101)) == "1:301: \(message)")
    let many = "[" + String(repeating: "[],{},", count: 150) + "0]"
    #expect(read(many).hasSuffix("{},0]"))
    let deep = String(repeating: "[", count: 98) + "{\"a\":[]}" + String(repeating: "]", count: 98)
    #expect(read(deep) == deep)
  }

  // MARK: Written for people

  @Test func keysAreQuotedWhereTheyMustBe() throws {
    let value = try tree(
      "{ a: 1, 'b c': [1, 2], '9x': null, '': true, _y: 's', 'é': 1.5, x9_Z: {}, e: [], $: -1 }")
    #expect(
      value.json5 == """
        { a: 1, "b c": [1, 2], "9x": null, "": true, _y: "s", "é": 1.5, x9_Z: {}, e: [], "$": -1 }
        """)
  }

  @Test func linesHaveAtMost100Columns() throws {
    func list(_ columns: Int) -> String {
      "[\"" + String(repeating: "x", count: columns - 4) + "\"]"
    }
    func broken(_ columns: Int, _ margin: String) -> String {
      "[\n\(margin)  \"" + String(repeating: "x", count: columns - 4) + "\",\n\(margin)]"
    }
    func written(_ text: String) throws -> String { try tree(text).json5 }
    #expect(try written(list(100)) == list(100))
    #expect(try written(list(101)) == broken(101, ""))
    // In a list two columns of margin and a comma are taken.
    #expect(
      try written("[\(list(97)), \(list(98))]")
        == "[\n  \(list(97)),\n  \(broken(98, "  ")),\n]")
    // In an object the key too.
    #expect(
      try written("{ key: \(list(92)), 'a b': \(list(91)), kez: \(list(93)) }")
        == "{\n  key: \(list(92)),\n  \"a b\": \(broken(91, "  ")),\n  kez: \(broken(93, "  ")),\n}"
    )
    // A level deeper two columns more.
    #expect(
      try written("{ o: { key: \(list(90)), kez: \(list(91)) } }")
        == "{\n  o: {\n    key: \(list(90)),\n    kez: \(broken(91, "    ")),\n  },\n}")
    #expect(
      try written("[[\(list(95)), \(list(96))]]")
        == "[\n  [\n    \(list(95)),\n    \(broken(96, "    ")),\n  ],\n]")
    let text = "\"" + String(repeating: "y", count: 120) + "\""
    #expect(try written(text) == text)
  }

  @Test func canonicalJSON() throws {
    let text =
      "{ a: [1, -2.50, 'x'], b: { c: null, d: [true, false] }, e: -Infinity, f: {}, g: NaN }"
    #expect(
      read(text)
        == #"{"a":[1,-2.5,"x"],"b":{"c":null,"d":[true,false]},"e":-Infinity,"f":{},"g":NaN}"#)
  }

  // MARK: Findings

  @Test func findingsNameTheirPlace() throws {
    let diagnostics = SpecDiagnostics(file: "f.json5")
    diagnostics.report("first", at: .text(line: 3, column: 7), path: "a.b")
    diagnostics.report("second", at: .override("x=1"), path: "x")
    diagnostics.report("third", at: .file, path: "")
    diagnostics.report("first", at: .text(line: 3, column: 7), path: "a.b")
    diagnostics.report("first", at: .text(line: 3, column: 8), path: "a.b")
    #expect(
      diagnostics.findings.map(\.description) == [
        "f.json5:3:7: a.b: first", "--set x=1: x: second", "f.json5: third",
        "f.json5:3:8: a.b: first",
      ])
    let error = #expect(throws: SpecError.self) { try diagnostics.check() }
    #expect(error?.findings == diagnostics.findings)
    #expect(
      error?.description
        == "f.json5:3:7: a.b: first\n--set x=1: x: second\nf.json5: third\nf.json5:3:8: a.b: first")
    try SpecDiagnostics(file: "f").check()
  }
}

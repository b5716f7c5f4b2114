import ModelDefs
import Testing

/// Reads a text; the canonical JSON, or the error as `line:column: message`.
private func read(_ text: String) -> String { read(Array(text.utf8)) }

private func read(_ bytes: [UInt8]) -> String {
  let diagnostics = SpecDiagnostics(file: "t")
  do {
    let value = try JSON5Parser.parse(bytes, diagnostics: diagnostics)
    return (diagnostics.findings.map(\.description) + [value.json]).joined(separator: "\n")
  } catch {
    return "\(error.line):\(error.column): \(error.message)"
  }
}

@Suite struct JSON5ParserTests {
  @Test(arguments: [
    ("null", "null"), (" true ", "true"), ("false", "false"),
    ("0", "0"), ("-0", "0"), ("+7", "7"), ("12", "12"), ("-12.50", "-12.5"), (".5", "0.5"),
    ("5.", "5.0"), ("-.25e1", "-2.5"), ("1e3", "1000.0"), ("1E-3", "0.001"), ("5.e2", "500.0"),
    ("0x1F", "31"), ("-0xff", "-255"), ("0XABCDEFABCDEFABCDEF", "3.16923250480252e+21"),
    ("9223372036854775807", "9223372036854775807"),
    ("9223372036854775808", "9.223372036854776e+18"),
    ("Infinity", "Infinity"), ("-Infinity", "-Infinity"), ("+NaN", "NaN"),
    (#""a\"b""#, #""a\"b""#), (#"'it\'s'"#, #""it's""#), (#"'say "x"'"#, #""say \"x\"""#),
    (#"'\x41\u00e9\u0042'"#, "\"A\u{e9}B\""), (#"'\uD83D\uDE00'"#, "\"😀\""),
    ("'one\\\ntwo'", #""onetwo""#), ("'one\\\r\ntwo'", #""onetwo""#),
    (#"'\0\v'"#, #""\u0000\u000b""#),
    (#"'\a\/'"#, #""a/""#), ("'é漢'", "\"é漢\""), ("'a\u{2028}b'", #""a\u2028b""#),
    ("[]", "[]"), ("[1,]", "[1]"), ("[1, 'a', [true]]", #"[1,"a",[true]]"#),
    ("{}", "{}"), ("{a: 1,}", #"{"a":1}"#),
    (
      "{'a b': 1, \"c\": 2, $d_1: 3, é: 4}",
      #"{"a b":1,"c":2,"$d_1":3,"é":4}"#
    ),
    (#"{\u0061b: 1}"#, #"{"ab":1}"#),
    ("// start\n{ /* in * between */ a: /**/ 1 } // end", #"{"a":1}"#),
    ("\u{FEFF}\u{A0}\t{\u{2003}a:1}\u{2029}", #"{"a":1}"#),
    ("{true: false, null: null}", #"{"true":false,"null":null}"#),
  ])
  func accepts(text: String, json: String) {
    #expect(read(text) == json)
  }

  @Test(arguments: [
    ("", "1:1: a value is missing: the text ends here"),
    ("{", "1:1: this object does not end"), ("[1, 2", "1:1: this list does not end"),
    ("[", "1:1: this list does not end"), ("[1,", "1:1: this list does not end"),
    (" [1, // two", "1:2: this list does not end"), ("{a: 1,", "1:1: this object does not end"),
    ("{a", "1:3: expected \":\" after the key a, found end of the text"),
    ("{a:", "1:4: a value is missing: the text ends here"),
    ("{a 1}", "1:4: expected \":\" after the key a, found \"1\""),
    ("{a: 1 b: 2}", "1:7: expected \",\" or \"}\", found \"b\""),
    ("{a:\n  yes}", "2:3: expected a value, found yes; a string needs quotes"),
    ("[,]", "1:2: expected a value, found \",\""),
    ("{,}", "1:2: expected a key, found \",\""),
    ("{1a: 2}", "1:2: expected a key, found \"1\""),
    ("01", "1:1: a number does not begin with 0"),
    ("1.2.3", "1:4: unexpected \".\" after the end of the spec's value"),
    ("1_000", "1:1: this is not a number"), (".", "1:1: this is not a number"),
    ("1e", "1:1: this is not a number"), ("+", "1:1: this is not a number"),
    ("0x", "1:1: this is not a number"), ("1e999", "1:1: this number is too large"),
    ("--1", "1:1: this is not a number"),
    ("'abc", "1:1: this string does not end; a line break in a string is written \\n"),
    ("'a\nb'", "1:1: this string does not end; a line break in a string is written \\n"),
    (#"'\1'"#, #"1:3: unknown escape \1"#),
    (#"'\x4'"#, "1:5: expected 2 hexadecimal digits, found \"'\""),
    (#"'\uD83D'"#, "1:4: this escape is half of a character; its other half must follow"),
    (#"'\uDE00'"#, "1:4: this escape is half of a character; its other half must follow"),
    ("/* x", "1:1: this comment does not end"), ("/ 1", "1:1: unexpected \"/\""),
    ("1 2", "1:3: unexpected \"2\" after the end of the spec's value"),
    ("{é: @}", "1:5: expected a value, found \"@\""),
    ("\u{1}", "1:1: expected a value, found character U+1"),
    ("tru", "1:1: expected a value, found tru; a string needs quotes"),
  ])
  func refuses(text: String, message: String) {
    #expect(read(text) == message)
  }

  @Test func locatesValuesAndKeys() throws {
    let text = "{\n  a: [1,\r\n    'x'],\r  é: {b: true},\n}"
    let tree = try JSON5Parser.parse(Array(text.utf8), diagnostics: SpecDiagnostics(file: "t"))
    #expect(tree.location == .text(line: 1, column: 1))
    let a = try #require(tree.member("a"))
    #expect(a.keyLocation == .text(line: 2, column: 3))
    #expect(a.value.elements?[1].location == .text(line: 3, column: 5))
    let e = try #require(tree.member("é"))
    #expect(e.keyLocation == .text(line: 4, column: 3))
    #expect(e.value.member("b")?.value.location == .text(line: 4, column: 10))
  }

  @Test func reportsDuplicateKeysAndKeepsTheFirst() {
    #expect(
      read("{a: 1,\n b: [{c: 1, c: 2}], 'a': 2}") == """
        t:2:13: b[0].c: this key was given before
        t:2:21: a: this key was given before
        {"a":1,"b":[{"c":1}]}
        """)
  }

  @Test func refusesTextThatIsNotUTF8() {
    #expect(read([0x7B, 0x0A, 0x20, 0xFF]) == "2:2: the text is not UTF-8")
    #expect(read([0x22, 0xED, 0xA0, 0x80, 0x22]) == "1:2: the text is not UTF-8")
  }

  @Test func limitsNesting() {
    let limit = JSON5Parser.depthLimit
    let deep = String(repeating: "[", count: limit) + String(repeating: "]", count: limit)
    #expect(read(deep) == deep)
    #expect(read(String(repeating: "[", count: 100_000)).hasSuffix("nest deeper than \(limit)"))
  }

  @Test func canonicalTextReadsBackToItself() {
    let text = #"{a: [1, -2.5e-7, .1, 1e300, 'x"\n\u0007é', null, true], "b c": {}}"#
    let json = read(text)
    #expect(read(json) == json)
  }

  /// Damaged and random texts are read or refused, never anything else.
  @Test func survivesAnyBytes() {
    let text =
      #"{name: 'a', // c"#
      + "\n \"b\\u00e9\": [1, -0x1F, .5e-3, Infinity, {x: /* y */ true,},], é: '\\x41\\\n'}"
    let seed = Array(text.utf8)
    var random = FuzzRandom(state: 42)
    for _ in 0..<20_000 {
      var bytes = seed
      for _ in 0..<1 + random.below(4) {
        let place = random.below(bytes.count)
        switch random.below(4) {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(Array("{}[]'\"\\/*:,.+-eExuIN0".utf8)[random.below(21)], at: place)
        default: bytes.removeSubrange(place...)
        }
        if bytes.isEmpty { break }
      }
      _ = read(bytes)
    }
  }
}

/// SplitMix64.
struct FuzzRandom {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ count: Int) -> Int { Int(next() % UInt64(max(count, 1))) }
}

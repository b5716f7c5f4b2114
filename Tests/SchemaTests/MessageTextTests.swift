import Schema
import Testing

/// Texts of others inside messages, at the places where their form changes.
@Suite struct MessageTextTests {
  @Test func whatATerminalObeysIsWrittenOut() {
    #expect(MessageText.printable("plain ~ text") == "plain ~ text")
    #expect(MessageText.printable("a\u{1B}b\u{7F}\tc") == "a\\u{1b}b\\u{7f}\\u{9}c")
    #expect(MessageText.printable("é中\u{202E}") == "é中\\u{202e}")
    #expect(
      MessageText.printable(bytes: Array("a中".utf8) + [0xFF, 0x62, 0xC3]) == "a中\\x{ff}b\\x{c3}")
    #expect(MessageText.printable(bytes: [0xE4, 0xB8] + Array("z".utf8)) == "\\x{e4}\\x{b8}z")
  }

  /// Twenty findings are listed, and of the others the count.
  @Test func findingsAreCounted() {
    let findings = (1...21).map { "finding \($0)" }
    #expect(
      MessageText.list(Array(findings.prefix(20)))
        == findings.prefix(20).joined(separator: "\n"))
    #expect(
      MessageText.list(findings)
        == findings.prefix(20).joined(separator: "\n") + "\n… and 1 more, 21 in all")
    #expect(MessageText.list([]).isEmpty)
  }

  /// Room is left for the count; one finding is shown however long it is.
  @Test func longFindingsAreFewer() {
    func list(_ lengths: [Int]) -> [Int] {
      MessageText.list(lengths.map { String(repeating: "x", count: $0) })
        .split(separator: "\n").map { $0.hasPrefix("x") ? $0.count : 0 }
    }
    #expect(list([949, 949]) == [949, 949])
    #expect(list([949, 950]) == [949, 0])
    #expect(list([950, 949, 3]) == [950, 0])
    #expect(list([949, 949, 3]) == [949, 949, 0])
    #expect(list([5000, 3]) == [5000, 0])
    #expect(
      MessageText.list([String(repeating: "x", count: 5000), "y"]).hasSuffix("1 more, 2 in all"))
  }

  @Test func longMessagesLoseTheirMiddle() {
    let most = String(repeating: "a", count: 1999) + "z"
    #expect(MessageText.message(most) == most)
    let cut = MessageText.message(most + "!")
    #expect(cut == String(repeating: "a", count: 990) + " … " + (most + "!").suffix(990))
    #expect(MessageText.message("one\ntwo\u{7}") == "one\ntwo\\u{7}")
  }

  @Test func columnsOfATerminal() {
    let widths: [(String, Int)] = [
      ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("中文", 4), ("가", 2), ("\u{1100}", 2),
      ("\u{1160}", 1), ("ｱ", 1), ("Ａ", 2), ("🙂", 2), ("👩‍👩‍👧", 2), ("a中b", 4), ("\u{200B}", 0),
    ]
    for (text, width) in widths { #expect(MessageText.width(text) == width, "\(text)") }
  }
}

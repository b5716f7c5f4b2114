import Schema
import Testing

@Suite struct StringSearchTests {
  @Test(arguments: ["", "a", "ab", "aab", "xaaabab", "abab", "aé", "éaé", "ababab"])
  func searchesAsTheStandardLibraryDoes(text: String) {
    for wanted in ["a", "ab", "aab", "é", "abab", "z"] {
      #expect(text.includes(wanted) == text.contains(wanted), "\(wanted)")
      #expect(text.place(of: wanted) == text.firstRange(of: wanted), "\(wanted)")
      for other in ["", "b", wanted + wanted] {
        #expect(
          text.substituting(wanted, by: other) == text.replacing(wanted, with: other), "\(wanted)")
      }
    }
  }

  @Test func nothingIsNowhere() {
    #expect("abc".place(of: "") == nil && !"".includes(""))
    #expect("abc".substituting("", by: "x") == "abc")
  }

  /// Bytes count, not characters that look alike.
  @Test func bytesAreCompared() {
    #expect(!"e\u{301}ab".includes("é") && "e\u{301}ab".includes("e"))
  }

  @Test func partsOfTextsToo() {
    let text = "one..two..three"
    let half = text.dropFirst(5)
    #expect(half.place(of: "..").map { half[..<$0.lowerBound] } == "two")
  }
}

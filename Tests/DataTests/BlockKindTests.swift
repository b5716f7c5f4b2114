import Data
import Schema
import Testing

/// Tokens of files whose blocks are read in different ways: as they stand where every line is a
/// record, through a record parser elsewhere. What was found in one must hold in the other.
@Suite struct BlockKindTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Tokens that are beginnings of others, with what ends a field behind them; around the length
  /// up to which texts are compared at once; and longer than a count of bits can tell.
  private static let tokens: [String] = {
    let long = String(repeating: "0123456789abcdef", count: 20)
    let lengths = [
      7, 8, 9, 15, 16, 17, 31, 32, 33, 61, 62, 63, 64, 65, 66, 127, 128, 256, 257, 300,
    ]
    return ["", "a", "a,b", "a,", "a\nb", "a\"b", "a\u{0}", "a\u{0}b", "é", "a b", "b,a", "b"]
      + lengths.map { String(long.prefix($0)) } + lengths.map { "x" + String(long.prefix($0 - 1)) }
  }()

  private static func isPlain(_ token: String) -> Bool {
    !token.utf8.contains { [10, 34, 44].contains($0) }
  }

  /// Rows of about a block of each kind in turn.
  private func rows(random: inout SplitMix) -> [(token: String, quoted: Bool)] {
    let plain = Self.tokens.filter(Self.isPlain)
    var rows: [(String, Bool)] = []
    for part in 0..<6 {
      for _ in 0..<6000 {
        let place = random.next()
        if part % 2 == 0 {
          rows.append((plain[place % plain.count], false))
        } else {
          let token = Self.tokens[place % Self.tokens.count]
          rows.append((token, !Self.isPlain(token) || place % 3 == 0))
        }
      }
    }
    return rows
  }

  @Test(arguments: ["\n", "\r\n"], [false, true])
  func tokensAreTheSameInBlocksOfBothKinds(lineEnd: String, spaces: Bool) throws {
    var random = SplitMix(state: 7)
    let rows = rows(random: &random)
    var text = "x,y" + lineEnd
    for (k, row) in rows.enumerated() {
      let field =
        row.quoted ? "\"" + row.token.replacing("\"", with: "\"\"") + "\"" : row.token
      let before = spaces ? String(repeating: " ", count: k % 3) : ""
      // The same vocabulary in the middle of a line and at its end.
      text += before + field + (spaces && k % 5 == 0 ? " " : "") + "," + before + field + lineEnd
    }
    let path = try folder.write(text)
    let features = ["x", "y"].map {
      FeatureDeclaration(
        name: $0, column: $0, kind: .id(.trainingData(minFrequency: 1)), vocabulary: "both")
    }
    let declaration = DataDeclaration(
      format: TableFormat(missing: ["?"]), features: features, labels: [], sampleWeightColumn: nil)
    for keepsBytes in [false, true] {
      var options = ReadOptions(threads: 1)
      options.keepsBytes = keepsBytes
      let fitted = try declaration.fit([path], options: options)
      guard case .id(.vocabulary(let vocabulary)) = fitted.schema.features[0].encoder else {
        Issue.record("not a vocabulary")
        return
      }
      var counts: [String: Int] = [:]
      for row in rows { counts[row.token, default: 0] += 1 }
      let expected = counts.keys.sorted {
        counts[$0] != counts[$1]
          ? counts[$0]! > counts[$1]!
          : Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8))
      }
      #expect(vocabulary == expected)
      let ids = Dictionary(uniqueKeysWithValues: expected.enumerated().map { ($1, Int32($0 + 1)) })
      let feed = Array(try #require(fitted.dataset.integers(FeedLayout.ids)))
      #expect(feed == rows.flatMap { [ids[$0.token]!, ids[$0.token]!] })
      let again = try Dataset.read([path], schema: fitted.schema, options: options).dataset
      #expect(Array(try #require(again.integers(FeedLayout.ids))) == feed)
    }
  }
}

/// Numbers at random, from 0 on.
private struct SplitMix {
  var state: UInt64

  mutating func next() -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) >> 1)
  }
}

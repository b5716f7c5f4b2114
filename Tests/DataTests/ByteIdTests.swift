import Data
import Schema
import Testing

/// Ids that are kept as bytes while rows are read, and numbers kept as floats while they are
/// fitted: the rows are those that come without.
@Suite struct ByteIdTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Reads with and without bytes, on one and on two threads. Returns whether ids ended as bytes.
  private func readBothWays(
    _ path: String, _ features: [FeatureDeclaration], damage: Bool = false
  ) throws -> Bool {
    let declaration = DataDeclaration(
      format: TableFormat(missing: [""]), features: features, labels: [], sampleWeightColumn: nil)
    func read(_ keepsBytes: Bool, _ threads: Int) throws -> FittedData {
      var options = ReadOptions(threads: threads, damage: damage ? DamageLog() : nil)
      options.keepsBytes = keepsBytes
      return try declaration.fit([path], options: options)
    }
    let wide = try read(false, 1)
    let ids = try #require(wide.dataset.integers(FeedLayout.ids))
    let feed = try #require(wide.dataset.layout.feeds.firstIndex { $0.name == FeedLayout.ids })
    var isBytes = false
    for threads in 1...2 {
      let narrow = try read(true, threads)
      #expect(narrow.schema == wide.schema)
      #expect(try #require(narrow.dataset.integers(FeedLayout.ids)).elementsEqual(ids))
      #expect(
        narrow.dataset.floats(FeedLayout.numeric)?.map(\.bitPattern)
          == wide.dataset.floats(FeedLayout.numeric)?.map(\.bitPattern))
      for (a, b) in zip(narrow.statistics.features, wide.statistics.features) {
        #expect(a.missing == b.missing && a.outOfVocabulary == b.outOfVocabulary)
        #expect(a.distinct == b.distinct && a.mean == b.mean)
      }
      isBytes = narrow.dataset.feedBytes(feed).count == ids.count
      // The rows again, as the fitted schema says.
      var options = ReadOptions(threads: threads)
      options.keepsBytes = true
      guard !damage else { continue }
      let again = try Dataset.read([path], schema: narrow.schema, options: options).dataset
      #expect(try #require(again.integers(FeedLayout.ids)).elementsEqual(ids))
    }
    return isBytes
  }

  private static let features = [
    FeatureDeclaration(name: "few", column: "few", kind: .id(.trainingData(minFrequency: 1))),
    FeatureDeclaration(name: "id", column: "id", kind: .id(.trainingData(minFrequency: 1))),
    FeatureDeclaration(
      name: "bucket", column: "x", kind: .bucketized(.quantiles(count: 200))),
    FeatureDeclaration(name: "x", column: "x", kind: .numeric(.zscore)),
  ]

  /// Rows of several blocks, of which column `id` has `distinct` texts that come one after another.
  private func table(
    distinct: Int, rows: Int = 60_000, number: (Int) -> String = { "\($0 * $0 % 997)" }
  ) -> String {
    var text = "few,id,x\n"
    for row in 0..<rows {
      // A new text each 40 rows: new ones appear in every block until all were there.
      text += "f\(row % 7),t\(row * 7 % min(distinct, row / 40 + 1)),\(number(row))\n"
    }
    return text
  }

  @Test(arguments: [
    (100, true), (254, true), (255, true), (256, false), (257, false), (900, false),
  ])
  func vocabulariesAroundTheLimitOfAByte(distinct: Int, isBytes: Bool) throws {
    let path = try folder.write(table(distinct: distinct))
    #expect(try readBothWays(path, Self.features) == isBytes)
  }

  /// Rare tokens are dropped, so that the ids of many provisional ones are bytes after all.
  @Test func manyTokensOfWhichFewAreKept() throws {
    var features = Self.features
    features[1].kind = .id(.trainingData(minFrequency: 70))
    var text = table(distinct: 200)
    for row in 0..<500 { text += "f0,rare\(row),1\n" }
    #expect(try readBothWays(folder.write(text), features))
  }

  /// One vocabulary of two columns, which only together outgrow a byte.
  @Test func sharedVocabulary() throws {
    var features = Self.features
    for k in 0..<2 { features[k].vocabulary = "both" }
    #expect(try readBothWays(folder.write(table(distinct: 248)), features))
    #expect(try !readBothWays(folder.write(table(distinct: 249)), features))
  }

  @Test func textsThatAreNoPlainASCII() throws {
    let text = table(distinct: 300).replacing("t", with: "é")
    #expect(try !readBothWays(folder.write(text), Self.features))
  }

  /// Numbers that are floats in the first blocks only.
  @Test(arguments: ["0.1", "-1e300", "16777217", "", "-0.0"])
  func numbersThatAreNoFloats(number: String) throws {
    let text = table(distinct: 10) { $0 < 40_000 ? "\($0 % 50)" : $0 % 3 == 0 ? number : "2.5" }
    #expect(try readBothWays(folder.write(text), Self.features))
  }

  @Test func damagedRecordsAreLeftOut() throws {
    var text = table(distinct: 300)
    text.replace("f3,t0,", with: "f3,t0,no", maxReplacements: 3)
    text += "f0,t0\nf0,t0,1\n"
    #expect(try !readBothWays(folder.write(text), Self.features, damage: true))
  }

  /// Ids whose number is known before any row is read: bytes from the first row on, or never.
  @Test(arguments: [(200, true), (255, true), (256, false), (1000, false)])
  func hashedIds(buckets: Int, isBytes: Bool) throws {
    var features = Self.features
    features[1].kind = .id(.hash(buckets: buckets))
    #expect(try readBothWays(folder.write(table(distinct: 900)), features) == isBytes)
  }
}

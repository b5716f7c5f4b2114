import Data
import Schema
import Testing

/// Several files on several threads, which begin to share columns in the first one.
@Suite struct HeldBlockTests {
  /// Long rows first, so that the rows of the rest are more than were expected: then a thread holds a
  /// block until there is room, and begins to share columns, as there are many tokens. The block is of
  /// the first file, whatever is read next. Which thread holds it is chance, hence several times.
  @Test func aHeldBlockIsEncodedOnce() throws {
    let folder = try TemporaryFolder()
    let pad = String(repeating: "p", count: 60)
    var first = "a,x,t\n"
    for k in 0..<16_500 { first += "t\(k % 50)\(pad),\(k % 1000),\(k % 2)\n" }
    for k in 0..<320_000 { first += "\(String(k, radix: 16)),\(k % 10),\(k % 2)\n" }
    var second = "a,x,t\n"
    for k in 0..<60_000 { second += "z\(k % 7),5,\(k % 2)\n" }
    let paths = try [
      folder.write(Array(first.utf8), "first.csv"), folder.write(Array(second.utf8), "second.csv"),
    ]
    let declaration = DataDeclaration(
      format: TableFormat(),
      features: [
        FeatureDeclaration(name: "a", column: "a", kind: .id(.trainingData(minFrequency: 1))),
        FeatureDeclaration(name: "x", column: "x", kind: .numeric(.zscore)),
      ], labels: [LabelSchema(task: "t", column: "t", kind: .binary)])
    func bytes(_ dataset: Dataset) -> [[UInt8]] {
      dataset.layout.feeds.indices.map { Array(dataset.feedBytes($0)) }
    }
    let alone = try declaration.fit(paths, options: ReadOptions(threads: 1, damage: nil))
    let expected = bytes(alone.dataset)
    for _ in 0..<10 {
      let found = try declaration.fit(paths, options: ReadOptions(threads: 2, damage: nil))
      #expect(found.schema == alone.schema)
      #expect(bytes(found.dataset) == expected)
    }
  }
}

import Data
import Foundation
import Schema
import Testing

/// Caches are opened when nothing has changed, and built again when anything is wrong with them.
@Suite struct DatasetCacheTests {
  private let declaration = DataDeclaration(
    format: TableFormat(comment: "#", missing: ["?", ""]),
    features: [
      FeatureDeclaration(name: "id", column: "a", kind: .id(.trainingData(minFrequency: 1))),
      FeatureDeclaration(name: "n", column: "b", kind: .numeric(.log)),
      FeatureDeclaration(name: "q", column: "b", kind: .bucketized(.quantiles(count: 4))),
      FeatureDeclaration(
        name: "s", column: "c",
        kind: .sequence(
          .hash(buckets: 7), SequenceLayout(separator: 32, maxLength: 2, weighted: true))),
      FeatureDeclaration(name: "l", column: "a", kind: .id(.list(["x1", "x2"]))),
    ],
    labels: [
      LabelSchema(task: "t", column: "y", kind: .positives(["1"])),
      LabelSchema(task: "k", column: "a", kind: .classes(["x0", "x1", "x2"])),
    ])

  private func table(_ rows: Int) -> String {
    "a,b,c,y\n"
      + (0..<rows).map { "x\($0 % 3),\($0).5,u:2 v\($0),\($0 % 2)\n" }.joined()
  }

  private func values(_ dataset: Dataset) -> [[Int32]] {
    dataset.layout.feeds.indices.map { feed in
      dataset.feedBytes(feed).bindMemory(to: Int32.self).map { $0 }
    }
  }

  @Test func aCacheGivesWhatTheFilesGive() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(table(700))
    let cache = DatasetCache(folder: folder.file("cache"))
    let expected = try declaration.fit([path])
    let (first, built) = try cache.fit(declaration, [path])
    guard case .built(let place, because: nil) = built else {
      Issue.record("\(built)")
      return
    }
    let (second, opened) = try cache.fit(declaration, [path])
    #expect(opened == .opened(place))
    for fitted in [first, second] {
      #expect(fitted.schema == expected.schema)
      #expect(values(fitted.dataset) == values(expected.dataset))
      #expect("\(fitted.statistics)" == "\(expected.statistics)")
    }
    let test = try cache.read([path], schema: expected.schema)
    #expect(values(test.dataset) == values(expected.dataset))
    #expect(try cache.read([path], schema: expected.schema).outcome != test.outcome)
    #expect(folder.names == ["cache", "table.csv"])
  }

  @Test func changesAreNoticed() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(table(70))
    let cache = DatasetCache(folder: folder.file("cache"))
    _ = try cache.fit(declaration, [path])
    _ = try folder.write(table(71))
    let (fitted, outcome) = try cache.fit(declaration, [path])
    #expect(fitted.dataset.rowCount == 71)
    guard case .built(_, because: .some) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    var other = declaration
    other.features.removeLast()
    let (less, _) = try cache.fit(other, [path])
    #expect(less.schema.features.count == 4)
  }

  @Test func damageIsNeverTrusted() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(table(300))
    let cache = DatasetCache(folder: folder.file("cache"))
    let (expected, outcome) = try cache.fit(declaration, [path])
    guard case .built(let place, _) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    let original = [UInt8](try Foundation.Data(contentsOf: URL(fileURLWithPath: place)))
    var random = SplitMix64(seed: 3)
    for round in 0..<120 {
      var bytes = original
      switch round % 4 {
      case 0: bytes.removeLast(1 + random.below(bytes.count - 1))
      case 1: bytes[random.below(200)] ^= UInt8(1 << random.below(8))
      case 2: bytes.append(0)
      default:
        // Not in the room between two feeds, which nobody reads.
        let spot = bytes.indices.filter { bytes[$0] != 0 }
        bytes[spot[random.below(spot.count)]] ^= UInt8(1 << random.below(8))
      }
      try Foundation.Data(bytes).write(to: URL(fileURLWithPath: place))
      let (fitted, again) = try cache.fit(declaration, [path])
      guard case .built(_, because: .some) = again else {
        Issue.record("round \(round): \(again)")
        continue
      }
      #expect(values(fitted.dataset) == values(expected.dataset))
    }
    // A machine of the other byte order writes its words the other way round.
    var swapped = original
    for word in 1..<6 { swapped[8 * word..<8 * word + 8].reverse() }
    try Foundation.Data(swapped).write(to: URL(fileURLWithPath: place))
    let (_, order) = try cache.fit(declaration, [path])
    #expect(order == .built(place, because: "it was written on a machine of another byte order"))
  }

  /// Rows are in memory of their own, whatever happens to the file afterwards.
  @Test func rowsOutliveTheirFile() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(table(5000))
    let cache = DatasetCache(folder: folder.file("cache"))
    let (expected, built) = try cache.fit(declaration, [path])
    guard case .built(let place, _) = built else {
      Issue.record("\(built)")
      return
    }
    for bytes in [[], [UInt8](repeating: 7, count: 300_000)] {
      let (fitted, outcome) = try cache.fit(declaration, [path])
      #expect(outcome == .opened(place))
      let file = try #require(FileHandle(forUpdatingAtPath: place))
      try file.truncate(atOffset: 0)
      try file.write(contentsOf: Foundation.Data(bytes))
      #expect(values(fitted.dataset) == values(expected.dataset))
      _ = try cache.fit(declaration, [path])
    }
  }

  @Test func aFullDiskIsNoEnd() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(table(30))
    // A folder that cannot be made: its parent is a file.
    let cache = DatasetCache(folder: path + "/cache")
    let (fitted, outcome) = try cache.fit(declaration, [path])
    #expect(fitted.dataset.rowCount == 30)
    guard case .notWritten = outcome else {
      Issue.record("\(outcome)")
      return
    }
  }
}

import Data
import Foundation
import Schema
import Testing

/// Files of many blocks, which several threads read ahead and encode: the same rows and the same
/// errors on any number of threads.
@Suite struct ManyBlocksTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private let declaration = DataDeclaration(
    format: TableFormat(missing: [""]),
    features: [
      FeatureDeclaration(name: "a", column: "a", kind: .id(.trainingData(minFrequency: 2))),
      FeatureDeclaration(name: "b", column: "b", kind: .id(.hash(buckets: 1000))),
      FeatureDeclaration(name: "x", column: "x", kind: .numeric(.zscore)),
      FeatureDeclaration(name: "y", column: "y", kind: .numeric(.none)),
    ],
    labels: [LabelSchema(task: "t", column: "t", kind: .binary)])

  private static let rows = 120_000

  /// About 4 MB, which is more blocks than are read ahead at a time.
  private func table(_ change: (Int, String) -> String = { $1 }) -> String {
    var text = "a,b,x,y,t\n"
    for row in 0..<Self.rows {
      let line = "token\(row * row % 700),\(row),\(Double(row % 977) / 8),\(row % 13),\(row % 2)"
      text += change(row, line) + "\n"
    }
    return text
  }

  private func fit(_ path: String, threads: Int, damage: DamageLog? = nil) throws -> FittedData {
    try declaration.fit([path], options: ReadOptions(threads: threads, damage: damage))
  }

  private func bytes(_ dataset: Dataset) -> [[UInt8]] {
    dataset.layout.feeds.indices.map { Array(dataset.feedBytes($0)) }
  }

  @Test func threadsChangeNothing() throws {
    // Some blocks with quotes, and no line feed at the end.
    let text = table { row, line in
      (40_000..<60_000).contains(row) ? "\"" + line.replacing(",", with: "\",\"") + "\"" : line
    }
    let path = try folder.write(String(text.dropLast()))
    let one = try fit(path, threads: 1)
    #expect(one.dataset.rowCount == Self.rows)
    for threads in [2, 3, 5] {
      let several = try fit(path, threads: threads)
      #expect(several.schema == one.schema)
      #expect(bytes(several.dataset) == bytes(one.dataset))
      for (a, b) in zip(several.statistics.features, one.statistics.features) {
        #expect(a.mean == b.mean && a.deviation == b.deviation && a.missing == b.missing)
      }
      #expect(several.statistics.bytes == one.statistics.bytes)
    }
    let cache = DatasetCache(folder: folder.file("cache"))
    let files = try [1, 3].map { threads in
      let name = try folder.write(Array(text.utf8), "rows\(threads).csv")
      let file = try cache.stream(
        [name], schema: one.schema, options: ReadOptions(threads: threads)
      ).file
      return StreamedRows(file, seed: 1, isShuffled: false)
    }
    defer { for file in files { file.close() } }
    #expect(files.allSatisfy { $0.rowCount == Self.rows })
  }

  /// Of several errors the first of the file is told, whatever thread finds it.
  @Test(arguments: [
    (90_000, "token1,1,zero,1,1", "90002:10"), (119_999, "token1,1,1,1", "120001:13"),
    (50_000, "token1,1,1,1,2", "50002:14"), (70_000, "token1,1,1,1,\"1", "70002:14"),
  ])
  func errorsNameTheirPlace(row: Int, line: String, place: String) throws {
    let text = table { $0 == row ? line : $0 > row + 5 && $0 % 1000 == 0 ? "a,1,b,1,3" : $1 }
    let path = try folder.write(text)
    for threads in 1...3 {
      do {
        _ = try fit(path, threads: threads)
        Issue.record("no error on \(threads) threads")
      } catch let error as DataError {
        let found = error.place.map { "\($0.line ?? 0):\($0.column ?? 0)" }
        #expect(found == place, "\(error)")
      }
    }
  }

  @Test func damagedRecordsAreCountedInTheirOrder() throws {
    let text = table { $0 % 20_011 == 9 ? "a,1,b,1,1" : $0 % 30_011 == 8 ? "too,few" : $1 }
    let path = try folder.write(text)
    var first: (rows: [[UInt8]], errors: [String], count: Int)?
    for threads in 1...3 {
      let damage = DamageLog()
      let fitted = try fit(path, threads: threads, damage: damage)
      let found = (bytes(fitted.dataset), damage.first.map { "\($0)" }, damage.count)
      #expect(fitted.dataset.rowCount == Self.rows - found.2)
      if let first {
        #expect(first.rows == found.0 && first.errors == found.1 && first.count == found.2)
      } else {
        first = found
      }
    }
    #expect(first?.count == 10)
  }
}

import Data
import Foundation
import Schema
import Testing

/// Reading in blocks, on several threads, of files with damaged rows and of files that change.
@Suite struct ScanTests {
  private let declaration = DataDeclaration(
    format: TableFormat(missing: ["?", ""]),
    features: [
      FeatureDeclaration(name: "id", column: "a", kind: .id(.trainingData(minFrequency: 2))),
      FeatureDeclaration(name: "n", column: "b", kind: .numeric(.zscore)),
      FeatureDeclaration(
        name: "s", column: "c",
        kind: .sequence(
          .trainingData(minFrequency: 1), SequenceLayout(separator: 32, maxLength: 3))),
      FeatureDeclaration(name: "i", column: "d", kind: .id(.identity(count: 100))),
    ],
    labels: [LabelSchema(task: "t", column: "y", kind: .binary)])

  /// Long enough for several blocks. `damage` replaces rows by their number.
  private func table(rows: Int, quoted: Bool = false, damage: [Int: String] = [:]) -> String {
    var text = "a,b,c,d,y\n"
    for row in 0..<rows {
      if let damaged = damage[row] {
        text += damaged + "\n"
        continue
      }
      let name = "token number \(row % 977) of a column whose texts are long"
      text += quoted ? "\"\(name)\"" : " \(name) "
      text += ",\(row % 31).\(row % 7)5,x\(row % 13) y\(row % 5),\(row % 100),\(row % 2)\n"
    }
    return text
  }

  private func values(_ dataset: Dataset) -> [[Int32]] {
    dataset.layout.feeds.indices.map { feed in
      dataset.feedBytes(feed).bindMemory(to: Int32.self).map { $0 }
    }
  }

  @Test func threadsAndQuotesDoNotMatter() throws {
    let folder = try TemporaryFolder()
    let plain = try folder.write(Array(table(rows: 9000).utf8), "plain.csv")
    let quoted = try folder.write(Array(table(rows: 9000, quoted: true).utf8), "quoted.csv")
    let one = try declaration.fit([plain], options: ReadOptions(threads: 1))
    for path in [plain, quoted] {
      let other = try declaration.fit([path], options: ReadOptions(threads: 4))
      #expect(other.schema == one.schema)
      #expect(values(other.dataset) == values(one.dataset))
    }
    let again = try Dataset.read([plain], schema: one.schema, options: ReadOptions(threads: 3))
    #expect(values(again.dataset) == values(one.dataset))
  }

  /// Texts of every length around what the kernels compare at once, that differ only at their ends or
  /// only in the middle, in columns of few and of many different ones.
  @Test(arguments: ["\n", "\r\n"])
  func everyTextIsItself(lineEnd: String) throws {
    let middles = ["", "q", "qq"] + (3...90).map { String(repeating: "m", count: $0) }
    let few =
      middles.flatMap { ["a\($0)", "\($0)b", "first 8\($0)last 88"] } + ["é", "ab c", "\u{1}"]
    let columns = ["few", "many", "y"]
    var random = SplitMix64(seed: 9)
    var rows: [(String, String)] = []
    for row in 0..<6000 {
      // Long runs of few, then all of them.
      let range = row < 3000 ? 20 : few.count
      rows.append((few[random.below(range)], "\(random.below(5000)) of many"))
    }
    let lines = rows.enumerated().map { " \($1.0)  ,\($1.1), \($0 % 2)\(lineEnd)" }
    let text = lines.joined()
    let folder = try TemporaryFolder()
    let declared = DataDeclaration(
      format: TableFormat(hasHeader: false, columns: columns),
      features: ["few", "many"].map {
        FeatureDeclaration(name: $0, column: $0, kind: .id(.trainingData(minFrequency: 1)))
      }, labels: [LabelSchema(task: "y", column: "y", kind: .positives(["1"]))])
    let fitted = try declared.fit([folder.write(text)], options: ReadOptions(threads: 1))
    let ids = try #require(fitted.dataset.integers(FeedLayout.ids))
    let vocabularies = fitted.schema.features.map { feature -> [String] in
      guard case .id(.vocabulary(let tokens)) = feature.encoder else { return [] }
      return tokens
    }
    let trimmed = rows.map { ($0.0.trimmingCharacters(in: [" "]), $0.1) }
    for (row, texts) in trimmed.enumerated() {
      let (a, b) = (Int(ids[2 * row]), Int(ids[2 * row + 1]))
      guard a > 0, b > 0, vocabularies[0][a - 1] == texts.0, vocabularies[1][b - 1] == texts.1
      else {
        Issue.record("row \(row): \(texts), ids \(a), \(b)")
        return
      }
    }
    #expect(vocabularies[0].count == Set(trimmed.map(\.0)).count)
    // With other rows first, texts that are not known come among those that are.
    let schema = try declared.fit(
      [folder.write(lines[..<300].joined(), "some.csv")]).schema
    let again = try Dataset.read([folder.write(text)], schema: schema)
    guard case .id(.vocabulary(let known)) = schema.features[0].encoder else { return }
    let places = Dictionary(uniqueKeysWithValues: known.enumerated().map { ($1, Int32($0 + 1)) })
    let found = try #require(again.dataset.integers(FeedLayout.ids))
    #expect(trimmed.indices.allSatisfy { found[2 * $0] == places[trimmed[$0].0] ?? 0 })
    let unknown = trimmed.count { places[$0.0] == nil }
    #expect(
      abs(again.statistics.features[0].outOfVocabularyShare - Double(unknown) / 6000) < 1e-9)
  }

  private let damaged = [
    4000: "only,three,fields", 5001: "a,oops,x1,1,1", 5002: "a,1,x1,1,7",
    7000: "a,1,\"x\"y,1,1", 8000: "a,1,x1,1.5,0", 8999: "a,b,c,d,y,z",
  ]

  @Test func aDamagedRowHasItsPlace() throws {
    let folder = try TemporaryFolder()
    for (row, text) in damaged {
      let path = try folder.write(Array(table(rows: 9000, damage: [row: text]).utf8))
      for threads in [1, 3] {
        let error = #expect(throws: DataError.self) {
          try declaration.fit([path], options: ReadOptions(threads: threads))
        }
        #expect(error?.place?.line == row + 2, "\(text): \(error?.description ?? "")")
      }
    }
  }

  @Test func damagedRowsAreSkippedAndCounted() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Array(table(rows: 9000, damage: damaged).utf8))
    let log = DamageLog()
    let fitted = try declaration.fit([path], options: ReadOptions(threads: 2, damage: log))
    #expect(log.count == damaged.count)
    #expect(log.first.compactMap { $0.place?.line } == [4002, 5003, 5004, 7002, 8002])
    // What is left is as if those rows had never been there.
    let clean = table(rows: 9000, damage: damaged).split(separator: "\n").enumerated()
      .filter { damaged[$0.offset - 1] == nil }.map { String($0.element) }.joined(separator: "\n")
    let expected = try declaration.fit([try folder.write(Array(clean.utf8), "clean.csv")])
    #expect(fitted.schema == expected.schema)
    #expect(values(fitted.dataset) == values(expected.dataset))
    #expect(throws: DataError.self) {
      try declaration.fit([path], options: ReadOptions(damage: DamageLog(limit: 2)))
    }
  }

  @Test func aFileThatChangesIsNoticed() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Array(table(rows: 9000).utf8))
    let once = Guarded(true)
    let options = ReadOptions(threads: 1) { _ in
      guard
        once.withLock({ first in
          defer { first = false }
          return first
        })
      else { return }
      if let file = FileHandle(forWritingAtPath: path) {
        file.seekToEndOfFile()
        file.write(Foundation.Data("more,1,x,1,1\n".utf8))
        file.closeFile()
      }
    }
    let error = #expect(throws: DataError.self) { try declaration.fit([path], options: options) }
    #expect(error?.message.contains("changed while it was read") == true)
  }
}

import Data
import Foundation
import Schema
import Synchronization
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
    let once = Mutex(true)
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

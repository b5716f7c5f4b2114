import Data
import Foundation
import Schema
import Testing

/// Files that several threads read, whole blocks each: rows, statistics and what is learned are those
/// of one thread.
@Suite struct LaneTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let declaration = DataDeclaration(
    format: TableFormat(missing: ["", "?"]),
    features: [
      FeatureDeclaration(
        name: "few", column: "few", kind: .id(.trainingData(minFrequency: 3)), vocabulary: "v"),
      FeatureDeclaration(
        name: "other", column: "other", kind: .id(.trainingData(minFrequency: 3)), vocabulary: "v"),
      FeatureDeclaration(name: "many", column: "many", kind: .id(.trainingData(minFrequency: 1))),
      FeatureDeclaration(name: "listed", column: "few", kind: .id(.list(["f1", "f2", "f3"]))),
      FeatureDeclaration(name: "number", column: "x", kind: .numeric(.zscore)),
      FeatureDeclaration(name: "log", column: "y", kind: .numeric(.log)),
      FeatureDeclaration(name: "plain", column: "y", kind: .numeric(.none)),
      FeatureDeclaration(
        name: "bucket", column: "x", kind: .bucketized(.quantiles(count: 20))),
      FeatureDeclaration(
        name: "list", column: "list",
        kind: .sequence(
          .trainingData(minFrequency: 2),
          SequenceLayout(separator: UInt8(ascii: "|"), maxLength: 3, weighted: true))),
    ],
    labels: [
      LabelSchema(task: "t", column: "t", kind: .binary),
      LabelSchema(task: "r", column: "y", kind: .number),
      LabelSchema(task: "c", column: "c", kind: .classes(["red", "green"])),
    ], sampleWeightColumn: "w", groupColumn: "few")

  private static let header = "few,other,many,x,y,list,t,c,w\n"

  /// A row of the table: numbers that no float holds come late, rare tokens everywhere.
  private static func row(_ row: Int, distinct: Int) -> String {
    let x = row > 20_000 && row % 7 == 0 ? "0.1" : row % 50 == 3 ? "?" : "\(row * row % 997)"
    let list = row % 11 == 0 ? "" : "a\(row % 40):2|b\(row % 7)|c\(row * row % 301)|d:0.5"
    let y = row % 17 == 0 ? "" : "\(row % 1000).25"
    let label = row % 19 == 0 ? "" : "\(row % 2)"
    return "f\(row % 5),g\(row * row % 9_001 % 30),m\(row * 31 % distinct),\(x),\(y),\(list),"
      + "\(label),\(row % 3 == 0 ? "red" : "green"),\(row % 4)"
  }

  private static func table(
    rows: Int = 40_000, distinct: Int = 200, _ change: (Int, String) -> String = { $1 }
  ) -> String {
    var text = header
    for number in 0..<rows { text += change(number, row(number, distinct: distinct)) + "\n" }
    return text
  }

  /// All bits of the feeds, whatever the size of their elements.
  private func bits(_ dataset: Dataset) -> [[UInt32]] {
    dataset.layout.feeds.map { feed in
      feed.isInteger
        ? (dataset.integers(feed.name) ?? nil).map { $0.map { UInt32(bitPattern: $0) } } ?? []
        : dataset.floats(feed.name).map { $0.map(\.bitPattern) } ?? []
    }
  }

  /// Reads on several numbers of threads, with ids as bytes and without, and expects the same.
  @discardableResult
  private func readAlike(
    _ files: [String], rowLimit: Int? = nil, threads: [Int] = [2, 3, 7]
  ) throws -> FittedData {
    let declaration = Self.declaration
    let one = try declaration.fit(files, options: ReadOptions(rowLimit: rowLimit, threads: 1))
    let expected = bits(one.dataset)
    for threads in threads {
      var options = ReadOptions(rowLimit: rowLimit, threads: threads)
      options.keepsBytes = threads % 2 == 1
      let several = try declaration.fit(files, options: options)
      #expect(several.schema == one.schema)
      #expect(bits(several.dataset) == expected)
      #expect("\(several.statistics)" == "\(one.statistics)")
      let again = try Dataset.read(files, schema: one.schema, options: options)
      #expect(bits(again.dataset) == expected)
    }
    return one
  }

  @Test func allKindsOfColumns() throws {
    let fitted = try readAlike([folder.write(Self.table())])
    #expect(fitted.dataset.rowCount == 40_000)
  }

  /// Quoted fields with line feeds, so that blocks end within quotes.
  @Test func quotesWithLineFeeds() throws {
    let text = Self.table { row, line in
      guard row % 3 == 0 else { return line }
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      let long = String(repeating: "\n,", count: row % 40)
      return "f\"0,\"g \"\"\(long)\"," + fields.dropFirst(2).joined(separator: ",")
    }
    try readAlike([folder.write(text)])
  }

  /// A block may end in any place of a record with doubled quotes, also behind them.
  @Test func doubledQuotesAtTheEndOfABlock() throws {
    let lines = String(repeating: "\"a\"\"b\",c,\"\"\"\"\n", count: 20_000)
    for shift in 0..<15 {
      let name = String(repeating: "a", count: shift + 1)
      let rows = try readFields("\(name),b,c\n" + lines, columns: [name, "b", "c"])
      #expect(rows.count == 20_000 && rows.allSatisfy { $0 == ["a\"b", "c", "\""] })
    }
  }

  /// Tokens that are no ASCII characters, which the kernels leave to be looked at.
  @Test func tokensOfOtherCharacters() throws {
    var bytes: [UInt8] = []
    for (k, byte) in Self.table().utf8.enumerated() {
      let isToken = byte == UInt8(ascii: "m") && k > 200
      if !isToken { bytes.append(byte) } else { bytes += Array((k % 3 == 0 ? "é" : "北").utf8) }
    }
    try readAlike([folder.write(bytes)])
  }

  /// The first rows are long, so that more come than they let expect.
  @Test func moreRowsThanExpected() throws {
    let text = Self.table { row, line in
      row < 2_000 ? line.replacing("d:0.5", with: String(repeating: "d:0.5|", count: 60)) : line
    }
    try readAlike([folder.write(text)])
  }

  /// Ids outgrow bytes, and vocabularies what each thread may learn alone.
  @Test(arguments: [254, 255, 256, 300, 39_000, 100_000])
  func vocabulariesOfAllSizes(distinct: Int) throws {
    let text = Self.table(rows: distinct > 39_000 ? 120_000 : 40_000, distinct: distinct)
    let fitted = try readAlike([folder.write(text)], threads: [2, 3])
    #expect(fitted.statistics.features[2].distinct == min(distinct, fitted.dataset.rowCount))
  }

  /// Files of different columns, small ones and one after which threads share columns.
  @Test func severalFiles() throws {
    let first = try folder.write(Self.table(), "first.csv")
    var lines = Self.table(rows: 130_000, distinct: 120_000).split(separator: "\n")
    for k in lines.indices { lines[k] = "\(k)," + lines[k] }
    lines[0] = "number" + lines[0].dropFirst()
    let second = try folder.write(lines.joined(separator: "\n"), "second.csv")
    let small = try folder.write(Self.table(rows: 10), "small.csv")
    try readAlike([first, small, second, first], threads: [2, 3])
  }

  @Test(arguments: [1, 9_999, 39_999, 40_000, 50_000])
  func someRowsOnly(limit: Int) throws {
    let path = try folder.write(Self.table { $0 < 39_999 ? $1 : "too,few" })
    guard limit < 40_000 else {
      #expect(throws: DataError.self) { try readAlike([path], rowLimit: limit) }
      return
    }
    let fitted = try readAlike([path], rowLimit: limit)
    #expect(fitted.dataset.rowCount == limit)
  }

  /// Where there are too many damaged records, they are the same ones on any number of threads, and
  /// so are the rows before, also of vocabularies that threads do not learn alone.
  @Test(arguments: [200, 100_000])
  func damagedRecords(distinct: Int) throws {
    let text = Self.table(rows: distinct > 1000 ? 120_000 : 40_000, distinct: distinct) {
      $0 % 977 == 5 ? "f1,g1,m1,no,1,,1,red,1" : $0 % 983 == 8 ? "a,\"b\"c" : $1
    }
    let path = try folder.write(text)
    var found: [(rows: [[UInt32]], errors: [String])] = []
    for threads in 1...3 {
      let damage = DamageLog()
      let options = ReadOptions(threads: threads, damage: damage)
      let fitted = try Self.declaration.fit([path], options: options)
      found.append((bits(fitted.dataset), damage.first.map { "\($0)" } + ["\(damage.count)"]))
      let error = dataError {
        let options = ReadOptions(threads: threads, damage: DamageLog(limit: 20))
        _ = try Self.declaration.fit([path], options: options)
      }
      found[threads - 1].errors.append("\(try #require(error))")
    }
    for other in found.dropFirst() {
      #expect(other.rows == found[0].rows && other.errors == found[0].errors)
    }
  }

  /// Of errors in many blocks the first is told.
  @Test func theFirstErrorIsTold() throws {
    for first in [0, 777, 20_000, 39_999] {
      let text = Self.table { row, line in
        guard row >= first else { return line }
        return row % 2 == first % 2 ? "f1,g1,m1,no,1,,1,red,1" : "too,few"
      }
      // The second block at the earliest has a record of too few fields before it is looked at.
      let path = try folder.write(
        first == 39_999 ? text : text.replacing("too,few", with: "f1,g1,m1,1,1,,2,red,1"))
      for threads in 1...4 {
        let error = dataError {
          _ = try Self.declaration.fit([path], options: ReadOptions(threads: threads))
        }
        #expect(error?.place?.line == first + 2)
        #expect(error?.place?.column == 10)
      }
    }
  }

  @Test func rowsThroughAPipe() throws {
    let text = Self.table()
    let one = try Self.declaration.fit(
      [folder.write(text)], options: ReadOptions(threads: 1))
    let path = folder.file("pipe")
    try #require(mkfifo(path, 0o600) == 0)
    let writer = Thread { try? text.write(toFile: path, atomically: false, encoding: .utf8) }
    writer.start()
    let several = try Self.declaration.fit([path], options: ReadOptions(threads: 3))
    #expect(several.schema == one.schema && bits(several.dataset) == bits(one.dataset))
  }
}

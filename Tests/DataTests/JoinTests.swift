import Data
import Schema
import Testing

/// Side tables joined to rows by a key: the same as rows that hold their columns.
@Suite struct JoinTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private static let pipes = TableFormat(
    delimiter: UInt8(ascii: "|"), hasHeader: false, columns: ["user", "age", "job"],
    encoding: .latin1)

  private func join(_ bytes: [UInt8], key: String = "user", _ name: String = "users.txt") throws
    -> TableJoin
  {
    TableJoin(
      file: try folder.write(bytes, name), key: key, column: key, format: Self.pipes)
  }

  private func declaration(_ joins: [TableJoin]) -> DataDeclaration {
    DataDeclaration(
      format: TableFormat(),
      features: [
        FeatureDeclaration(name: "job", column: "job", kind: .id(.trainingData(minFrequency: 1))),
        FeatureDeclaration(name: "age", column: "age", kind: .numeric(.none)),
        FeatureDeclaration(name: "user", column: "user", kind: .id(.trainingData(minFrequency: 1))),
      ], labels: [LabelSchema(task: "click", column: "click", kind: .binary)], joins: joins)
  }

  private func users(_ count: Int) -> [UInt8] {
    (0..<count).flatMap {
      Array("u\($0)|\(20 + $0 % 50)|caf".utf8) + [0xE9] + Array("\($0 % 7)\n".utf8)
    }
  }

  /// The rows of `count` records, joined or with the columns of their own, and what is not found.
  private func tables(_ count: Int, users: Int) throws -> (joined: String, whole: String) {
    var joined = "user,click\n"
    var whole = "user,click,age,job\n"
    for k in 0..<count {
      let user = k * 7919 % (users + 3)
      joined += "\"u\(user)\",\(k % 2)\n"
      whole += "u\(user),\(k % 2)," + (user < users ? "\(20 + user % 50),café\(user % 7)\n" : ",\n")
    }
    return (
      try folder.write(joined, "joined.csv"), try folder.write(whole, "whole.csv")
    )
  }

  private func values(_ dataset: Dataset) throws -> ([Int32], [Float]) {
    (
      Array(try #require(dataset.integers(FeedLayout.ids))),
      Array(try #require(dataset.floats(FeedLayout.numeric)))
    )
  }

  /// Many blocks, quoted and plain, on one thread and several, by fitting and by a fitted schema.
  @Test(arguments: [(50, 9), (90_000, 600), (60_000, 30_000)])
  func rowsAreThoseOfOneTable(count: Int, users: Int) throws {
    let (joined, whole) = try tables(count, users: users)
    let declaration = declaration([try join(self.users(users))])
    let expected = try self.declaration([]).fit([whole])
    for threads in [1, 3] {
      var options = ReadOptions()
      options.threads = threads
      let fitted = try declaration.fit([joined], options: options)
      #expect(fitted.schema.features == expected.schema.features)
      #expect(try values(fitted.dataset) == values(expected.dataset))
      let statistics = try #require(fitted.statistics.joins.first)
      #expect(statistics.rows == count)
      #expect(statistics.unmatched == (0..<count).count { $0 * 7919 % (users + 3) >= users })
      let again = try Dataset.read([joined], schema: fitted.schema, options: options)
      #expect(try values(again.dataset) == values(expected.dataset))
    }
  }

  @Test func cachesKnowTheSideTable() throws {
    let (joined, _) = try tables(100, users: 9)
    let cache = DatasetCache(folder: folder.path + "/cache")
    let first = try cache.fit(declaration([try join(users(9))]), [joined])
    #expect(first.0.statistics.joins[0].unmatched == (0..<100).count { $0 * 7919 % 12 >= 9 })
    let warm = try cache.fit(declaration([try join(users(9))]), [joined])
    #expect(warm.0.statistics.joins == first.0.statistics.joins)
    let changed = try cache.fit(declaration([try join(users(10))]), [joined])
    guard case .built(_, because: .some) = changed.1 else {
      Issue.record("\(changed.1)")
      return
    }
    let stream = try cache.stream([joined], schema: first.0.schema)
    #expect(stream.file.rowCount == 100)
  }

  @Test func rowsToPredict() throws {
    let (joined, whole) = try tables(100, users: 9)
    let table = try join(users(9))
    let fitted = try declaration([table]).fit([joined])
    func rows(_ path: String, keep: [String]) throws -> ([Int32], [String]) {
      let reader = try PredictionReader(path, schema: fitted.schema, keep: keep, batchRows: 1000)
      let batch = try #require(try reader.nextBatch())
      let kept = (0..<batch.rowCount).map { row in
        keep.indices.map { column in
          batch.withKept(row: row, column: column) { String(decoding: $0, as: UTF8.self) }
        }.joined(separator: ",")
      }
      return (Array(try #require(batch.dataset.integers(FeedLayout.ids))), kept)
    }
    let fromJoin = try rows(joined, keep: ["job", "user"])
    #expect(fromJoin.1[0] == "café0,u0")
    // Rows that have all columns need no side table.
    let away = try folder.write("", "users.txt")
    #expect(try rows(whole, keep: ["job", "user"]) == fromJoin)
    _ = away
    _ = try join(users(9))
    func memory(_ row: [String: String]) throws -> [Int32] {
      let reader = try PredictionReader(rows: [row], schema: fitted.schema, batchRows: 4)
      let batch = try #require(try reader.nextBatch())
      return Array(try #require(batch.dataset.integers(FeedLayout.ids)))
    }
    #expect(try memory(["user": "u8"]) == memory(["user": "u8", "age": "28", "job": "café1"]))
    #expect(try memory(["user": "nobody"])[0] == 0)
  }

  @Test func badSideTables() throws {
    let (joined, _) = try tables(20, users: 9)
    func error(_ text: String, key: String = "user") throws -> String {
      let join = try join(Array(text.utf8), key: key)
      return message(dataError { _ = try declaration([join]).fit([joined]) })
    }
    #expect(
      try error("u0|1|a\nu1|2|b\nu0|3|c\n").hasPrefix(
        "users.txt:3:1: the key \"u0\" is in line 1 already"))
    #expect(try error("u0|1|a\nu1|2\n").hasPrefix("users.txt:2:5: expected 3 fields, found 2"))
    #expect(try error("u0|x|a\n").hasPrefix("users.txt:1: \"x\" in column \"age\" is not a finite"))
    #expect(try error("u0|1|a\n", key: "usr").contains("no column \"usr\", which data.join needs"))
    var other = try join(users(9))
    other.column = "usr"
    #expect(
      message(dataError { _ = try declaration([other]).fit([joined]) })
        .contains("no column \"usr\", which data.join with users.txt needs"))
    let missing = TableJoin(
      file: folder.path + "/none.txt", key: "user", column: "user", format: Self.pipes)
    #expect(
      message(dataError { _ = try declaration([missing]).fit([joined]) }).contains("cannot open"))
  }
}

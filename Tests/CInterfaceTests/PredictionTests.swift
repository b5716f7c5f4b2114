import AllocationCounter
import CMtlc
import Data
import Experiments
import Foundation
import Schema
import Synchronization
import Testing

/// Rows through the C functions give the bits of `mtlc run --predict`, however they are given.
@Suite struct PredictionTests {
  let fixture: Fixture

  init() throws { fixture = try Fixture.shared.get() }

  /// Every column as the text of its fields.
  private func texts(
    _ rows: ArraySlice<[String: String]>, _ plan: CPlan, terminated: Bool = false
  ) throws -> GivenColumns {
    let given = GivenColumns()
    for name in Fixture.columns {
      given.texts(
        try plan.column(name), rows.map { $0[name] }, terminated: terminated)
    }
    return given
  }

  /// Every column as the values that a program has: numbers, integers, lists.
  private func values(
    _ rows: ArraySlice<[String: String]>, _ plan: CPlan, integers: Bool
  ) throws -> GivenColumns {
    let given = GivenColumns()
    func cells(_ name: String) -> [String?] {
      rows.map { row in row[name].flatMap { $0.isEmpty || $0 == "?" ? nil : $0 } }
    }
    /// The items of all rows' lists, and where each list starts.
    func lists(_ name: String, _ separator: Character) -> (items: [String], offsets: [Int]) {
      var items: [String] = []
      var offsets = [0]
      for cell in cells(name) {
        items += (cell ?? "").split(separator: separator).map(String.init)
        offsets.append(items.count)
      }
      return (items, offsets)
    }
    for name in ["city", "member", "code", "when"] {
      given.texts(try plan.column(name), cells(name))
    }
    for name in ["shelf", "user", "visits", "stamp"] {
      let column = try plan.column(name)
      if integers || name == "user" {
        given.integers(
          column, cells(name).map { Int64($0 ?? "0") ?? 0 }, missing: cells(name).map { $0 == nil })
      } else {
        given.numbers(column, cells(name).map { $0.flatMap(Double.init) ?? .nan })
      }
    }
    for name in ["age", "price", "score"] {
      given.numbers(
        try plan.column(name), cells(name).map { $0.flatMap(Double.init) ?? .nan })
    }
    given.numbers(
      try plan.column("amount"),
      cells("amount").map { text in
        text.flatMap { Double($0.replacing(".", with: "").replacing(",", with: ".")) } ?? .nan
      })
    let (history, historyOffsets) = lists("history", "|")
    given.texts(
      try plan.column("history"), history.map { $0 == "?" ? nil : $0 }.map { $0 ?? "?" },
      offsets: historyOffsets)
    let (tags, tagOffsets) = lists("tags", "|")
    let pairs = tags.map { $0.split(separator: ":") }
    given.texts(
      try plan.column("tags"), pairs.map { String($0[0]) }, offsets: tagOffsets,
      weights: pairs.map { Double($0[1]) ?? 0 })
    let (items, itemOffsets) = lists("items", "|")
    given.integers(
      try plan.column("items"), items.map { Int64($0) ?? 0 }, offsets: itemOffsets)
    let (weights, weightOffsets) = lists("item_weights", "|")
    given.numbers(
      try plan.column("item_weights"), weights.map { Double($0) ?? 0 }, offsets: weightOffsets)
    var words: [String] = []
    var wordOffsets = [0]
    for cell in cells("words") {
      words += (cell ?? "").matches(of: #/'([^']*)'/#).map { String($0.1) }
      wordOffsets.append(words.count)
    }
    given.texts(try plan.column("words"), words, offsets: wordOffsets)
    let (numbers, vectorOffsets) = lists("vector", ";")
    given.numbers(
      try plan.column("vector"), numbers.map { Double($0) ?? 0 }, offsets: vectorOffsets)
    return given
  }

  private func expect(_ found: [Float], rows: Range<Int>, _ what: String) {
    let width = fixture.outputs.count
    let all = rows.count == 1 ? fixture.expectedAlone : fixture.expected
    let expected = all[rows.lowerBound * width..<rows.upperBound * width]
    #expect(found.count == expected.count)
    for (k, (found, expected)) in zip(found, expected).enumerated()
    where found.bitPattern != expected.bitPattern {
      Issue.record(
        "\(what): row \(rows.lowerBound + k / width), \(fixture.outputs[k % width]): \(found), not \(expected)"
      )
      return
    }
  }

  @Test func textsGiveTheBitsOfAFile() throws {
    let plan = try CPlan(fixture.planFile)
    let predictor = try plan.predictor()
    let rows = fixture.rows[...]
    expect(
      try predictor.predict(texts(rows, plan), rows: rows.count), rows: rows.indices, "texts")
    expect(
      try predictor.predict(texts(rows, plan, terminated: true), rows: rows.count),
      rows: rows.indices, "texts that end with a zero byte")
    for row in rows.indices {
      let one = rows[row...row]
      expect(try predictor.predict(texts(one, plan), rows: 1), rows: row..<row + 1, "one row")
    }
  }

  @Test(arguments: [true, false])
  func valuesGiveTheBitsOfAFile(integers: Bool) throws {
    let plan = try CPlan(fixture.planFile)
    let predictor = try plan.predictor()
    let rows = fixture.rows[...]
    let all = try values(rows, plan, integers: integers)
    expect(try predictor.predict(all, rows: rows.count), rows: rows.indices, "values")
    for row in rows.indices {
      let one = try values(rows[row...row], plan, integers: integers)
      expect(try predictor.predict(one, rows: 1), rows: row..<row + 1, "one row")
    }
  }

  /// The encoders of a predictor hold nothing of the rows before.
  @Test func callsDoNotDependOnThoseBefore() throws {
    let plan = try CPlan(fixture.planFile)
    let predictor = try plan.predictor()
    let rows = fixture.rows[...]
    for (start, count) in [(0, 1), (5, 40), (3, 2), (50, 10), (0, 60)] {
      let part = rows[start..<start + count]
      let range = start..<start + count
      expect(try predictor.predict(texts(part, plan), rows: count), rows: range, "texts")
      expect(
        try predictor.predict(values(part, plan, integers: true), rows: count), rows: range,
        "values")
    }
  }

  @Test func aColumnWithoutValuesIsOneOfMissingCells() throws {
    let plan = try CPlan(fixture.planFile)
    let predictor = try plan.predictor()
    let empty = fixture.rows.map { _ in
      Dictionary(uniqueKeysWithValues: Fixture.columns.map { ($0, "") })
    }
    let expected = try predictor.predict(texts(empty[...], plan), rows: empty.count)
    let given = GivenColumns()
    for name in Fixture.columns { given.missing(try plan.column(name)) }
    #expect(try predictor.predict(given, rows: empty.count) == expected)
    let nothing = GivenColumns()
    for name in Fixture.columns {
      nothing.texts(try plan.column(name), empty.map { _ in nil })
    }
    #expect(try predictor.predict(nothing, rows: empty.count) == expected)
  }

  /// What a side table holds may be given with the rows, which then counts.
  @Test func columnsOfSideTablesCanBeGiven() throws {
    let plan = try CPlan(fixture.planFile)
    let predictor = try plan.predictor()
    let rows = fixture.rows[...]
    let given = try texts(rows, plan)
    let users = rows.map { Int($0["user"] ?? "") ?? 0 }
    given.texts(try plan.column("segment"), users.map { $0 < 12 ? "s\($0 % 3)" : nil })
    given.numbers(
      try plan.column("income"), users.map { $0 < 12 ? Double(1000 + 37 * $0) : .nan })
    expect(try predictor.predict(given, rows: rows.count), rows: rows.indices, "without a join")
  }

  @Test func textOfAFileGivesItsBits() throws {
    let plan = try CPlan(fixture.planFile)
    let predictor = try plan.predictor()
    let rows = fixture.rows
    expect(
      try predictor.predict(text: fixture.table, rows: rows.count), rows: rows.indices, "text")
    let bare = Fixture.table(rows, Fixture.columns)
    expect(try predictor.predict(text: bare, rows: rows.count), rows: rows.indices, "no labels")
    let error = #expect(throws: CError.self) {
      try predictor.predict(text: fixture.table, rows: rows.count - 1)
    }
    #expect(error?.code == Int(MTLC_ERROR_ARGUMENT))
  }

  @Test func feedsGiveTheBitsOfAFile() throws {
    let plan = try CPlan(fixture.planFile)
    let predictor = try plan.predictor()
    let reader = try PredictionReader(
      "\(fixture.folder)/test.csv", schema: fixture.plan.plan.schema, batchRows: 1000)
    let batch = try #require(try reader.nextBatch())
    var feeds: [mtlc_feed] = []
    for k in 0..<mtlc_plan_feed_count(plan.plan) {
      var info = mtlc_feed_info()
      info.size = MemoryLayout<mtlc_feed_info>.size
      try CError.check(mtlc_plan_feed(plan.plan, k, &info))
      let place = batch.dataset.feeds.firstIndex { $0.name == String(cString: info.name) }
      let bytes = batch.dataset.feedBytes(try #require(place))
      feeds.append(
        mtlc_feed(
          size: MemoryLayout<mtlc_feed>.size, feed: k, values: bytes.baseAddress,
          count: bytes.count / 4))
    }
    #expect(feeds.count > 5)
    let rows = fixture.rows.count
    var found = [Float](repeating: 0, count: rows * plan.outputs)
    let code: Int32 = withExtendedLifetime(batch) {
      mtlc_predict_feeds(
        predictor.predictor, feeds.reversed(), feeds.count, rows, &found, found.count)
    }
    try CError.check(code)
    expect(found, rows: 0..<rows, "feeds")
    // Ids beyond a table, and numbers that are none.
    for k in feeds.indices {
      let count = feeds[k].count
      var wrong = [UInt32](repeating: 0, count: count)
      wrong[count - 1] = 0x7FC0_0000
      let code = wrong.withUnsafeBytes { bytes in
        var changed = feeds
        changed[k].values = bytes.baseAddress
        return mtlc_predict_feeds(
          predictor.predictor, changed, changed.count, rows, &found, found.count)
      }
      #expect(code == MTLC_ERROR_DATA)
      #expect(String(cString: mtlc_error()).contains("rows:\(rows)"))
    }
    feeds[0].count -= 1
    #expect(
      mtlc_predict_feeds(predictor.predictor, feeds, feeds.count, rows, &found, found.count)
        == MTLC_ERROR_ARGUMENT)
  }

  /// Each thread with a predictor of its own, all at once.
  @Test func threadsShareAPlan() throws {
    let plan = try CPlan(fixture.planFile)
    let rows = fixture.rows[...]
    let handle = Int(bitPattern: plan.plan)
    let wrong = Mutex(0)
    let expected = fixture.expectedAlone
    let width = fixture.outputs.count
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      var predictor: OpaquePointer?
      guard mtlc_predictor_create(OpaquePointer(bitPattern: handle), &predictor) == MTLC_OK else {
        wrong.withLock { $0 += 1 }
        return
      }
      defer { mtlc_predictor_free(predictor) }
      for row in rows.indices {
        let given = GivenColumns()
        for (column, name) in Fixture.columns.enumerated() {
          var place = 0
          _ = mtlc_plan_find_column(OpaquePointer(bitPattern: handle), name, &place)
          given.texts(place, [thread % 2 == 0 ? rows[row][name] : "\(column)"])
        }
        var found = [Float](repeating: 0, count: width)
        let code = mtlc_predict_columns(
          predictor, given.columns, given.columns.count, 1, &found, width)
        // Odd threads give texts that are no numbers: errors belong to their thread.
        let isRight =
          thread % 2 == 0
          ? code == MTLC_OK && found == Array(expected[row * width..<(row + 1) * width])
          : code == MTLC_ERROR_DATA && String(cString: mtlc_error()).contains("rows:1")
        if !isRight { wrong.withLock { $0 += 1 } }
      }
    }
    withExtendedLifetime(plan) {}
    #expect(wrong.withLock { $0 } == 0)
  }

  @Test func aPlanMayBeFreedBeforeItsPredictor() throws {
    var plan: CPlan? = try CPlan(fixture.planFile)
    let predictor = try #require(try plan?.predictor())
    let rows = fixture.rows[...]
    let given = try texts(rows, #require(plan))
    plan = nil
    expect(try predictor.predict(given, rows: rows.count), rows: rows.indices, "later")
  }

  /// Without optimization Swift allocates what is on the stack otherwise.
  @Test(.enabled(if: allocation_count() >= 0 && !_isDebugAssertConfiguration(), "release builds"))
  func aRowAllocatesNothing() throws {
    let plan = try CPlan(fixture.planFile)
    let predictor = try plan.predictor()
    let given = try values(fixture.rows[3...3], plan, integers: true)
    var found = [Float](repeating: 0, count: plan.outputs)
    func run(_ times: Int) {
      for _ in 0..<times {
        _ = mtlc_predict_columns(
          predictor.predictor, given.columns, given.columns.count, 1, &found, found.count)
      }
    }
    run(3)
    allocation_watch(1)
    defer { allocation_watch(0) }
    let before = allocation_count()
    run(100)
    #expect(allocation_count() - before == 0)
  }
}

import Data
import Foundation
import Schema
import Testing

/// Cells that are more than one number or one text: marks in numbers, markers of one feature, dates, lists in
/// brackets, weights in a column of their own, crosses, vectors.
@Suite struct CellReadingTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func fit(
    _ text: String, _ features: [FeatureDeclaration], labels: [LabelSchema] = [],
    numbers: NumberMarks = NumberMarks(), threads: Int = 1
  ) throws -> FittedData {
    let path = try folder.write(text, "t.csv")
    let declaration = DataDeclaration(
      format: TableFormat(delimiter: UInt8(ascii: ";"), numbers: numbers), features: features,
      labels: labels)
    return try declaration.fit([path], options: ReadOptions(threads: threads))
  }

  private func number(_ cells: CellReading, _ column: String = "a") -> FeatureDeclaration {
    FeatureDeclaration(name: column, column: column, kind: .numeric(.none), cells: cells)
  }

  private func read(_ texts: [String], _ cells: CellReading) throws -> [Float] {
    let fitted = try fit("a;b\n" + texts.map { "\"\($0)\";1\n" }.joined(), [number(cells)])
    return Array(try #require(fitted.dataset.floats(FeedLayout.numeric)))
  }

  private func error(_ text: String, _ cells: CellReading) -> String {
    message(dataError { _ = try read(["1", text], cells) })
  }

  // MARK: Numbers

  /// Case 31.
  @Test func marksInNumbers() throws {
    let european = CellReading(
      numbers: NumberMarks(decimal: UInt8(ascii: ","), thousands: "."))
    #expect(
      try read(["1.234,50", "1.234", "-7,5", "1.234.567", "+12", "0,001", "1,5e3"], european)
        == [1234.5, 1234, -7.5, 1_234_567, 12, 0.001, 1500])
    let american = CellReading(numbers: NumberMarks(thousands: ","))
    #expect(
      try read(["1,234.50", "2,007.61", "12,34,567", "999", "-1,000"], american)
        == [1234.5, 2007.61, 1_234_567, 999, -1000])
    let french = CellReading(numbers: NumberMarks(decimal: UInt8(ascii: ","), thousands: " "))
    #expect(
      try read(["1 234,5", "1\u{A0}234,5", "12\u{202F}345"], french) == [1234.5, 1234.5, 12345])
    for (text, cells) in [
      ("1.23,4", european), ("12.34", european), ("1,234,5", european), ("1.234.56", european),
      ("1,23.5", american), ("1234,567", american), (",123", american), ("1,,234", american),
      ("1.5", CellReading(numbers: NumberMarks(decimal: UInt8(ascii: ",")))), ("x", american),
    ] as [(String, CellReading)] {
      #expect(error(text, cells).hasPrefix("t.csv:3:2: \"\(text)\" in column \"a\""), "\(text)")
    }
    #expect(error("1,5", CellReading()).contains("\"decimal\" and \"thousands\""))
  }

  /// What the line says that helps, for cells as other programs write them.
  @Test func hintsForNumbers() throws {
    for (text, hint) in [
      ("2.379,79", "say otherwise: decimal: \",\", thousands: \".\""),
      ("2,007.61", "say otherwise: thousands: \",\""), ("1.125.909", "otherwise: thousands: \".\""),
      ("720,61", "otherwise: decimal: \",\""), ("1 234,5", "decimal: \",\", thousands: \" \""),
      ("1,234", "of the feature or of data, say otherwise"), ("54,4%", "units such as \"%\""),
      ("2.379,79 €", "units such as \"€\""), ("$2,379.79", "units such as \"$\""),
      ("12 kg", "units such as \"kg\""), ("03.02.2024", "type \"datetime\""),
      ("2024-05-01", "type \"datetime\""), ("1/2/24 1:05 PM", "type \"datetime\""),
      ("12:30", "type \"datetime\""),
    ] {
      let message = error(text, CellReading())
      #expect(message.contains(hint), "\(message)")
      #expect(
        !message.hasSuffix(": ") && (hint.hasSuffix("otherwise") == message.hasSuffix("otherwise")))
    }
    let time = CellReading(time: TimeReading(part: .hour))
    for (text, hint) in [
      ("03.02.2024", "set time_format: \"%d.%m.%Y\""), ("3.2.24 17:05", "\"%d.%m.%y %H:%M\""),
      ("1/2/24 1:05 PM", "\"%m/%d/%y %I:%M %p\", or set time_format: \"%d/%m/%y %I:%M %p\""),
      ("13-02-2024 10:00:30", "\"%m-%d-%Y %H:%M:%S\", or"), ("soon", "no date or time"),
      ("1/2", "as \"%d.%m.%Y %H:%M\""),
    ] {
      let shown = message(dataError { _ = try read([text], time) })
      #expect(shown.contains(hint), "\(shown)")
    }
  }

  @Test func labelsAndWeightsHaveTheTablesMarks() throws {
    var declaration = DataDeclaration(
      format: TableFormat(
        delimiter: UInt8(ascii: ";"), numbers: NumberMarks(decimal: UInt8(ascii: ","))),
      features: [number(CellReading())],
      labels: [LabelSchema(task: "y", column: "y", kind: .number)])
    declaration.sampleWeightColumn = "w"
    let path = try folder.write("a;y;w\n1.5;2,25;0,5\n")
    let fitted = try declaration.fit([path])
    #expect(try #require(fitted.dataset.floats(FeedLayout.labels))[0] == 2.25)
    #expect(try #require(fitted.dataset.floats(FeedLayout.sampleWeight))[0] == 0.5)
  }

  /// Case 29: −1 is no value of one column, and a number of another.
  @Test func markersOfOneFeature() throws {
    let fitted = try fit(
      "a;b\n-1;-1\nx;5\n;-3\n",
      [
        FeatureDeclaration(
          name: "a", column: "a", kind: .id(.trainingData(minFrequency: 1)),
          cells: CellReading(missing: ["-1"])), number(CellReading(), "b"),
      ])
    #expect(fitted.schema.features[0].encoder == .id(.vocabulary(["x"])))
    #expect(Array(try #require(fitted.dataset.integers(FeedLayout.ids))) == [0, 1, 0])
    #expect(Array(try #require(fitted.dataset.floats(FeedLayout.numeric))) == [-1, 5, -3])
    #expect(fitted.statistics.features[0].missing == 2)
  }

  // MARK: Dates and times

  private func time(_ part: TimePart, _ format: TimeFormat = .iso, _ offset: Int = 0) -> CellReading
  {
    CellReading(time: TimeReading(part: part, format: format, utcOffset: offset))
  }

  /// Each part of many moments against the calendar of Foundation.
  @Test func partsAreThoseOfTheCalendar() throws {
    var calendar = Calendar(identifier: .iso8601)
    calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
    let moments = (0..<400).map { (k: Int) -> Double in
      let day = k * k % 397 * 131
      return Double(day * 86_400 + k * 61 - 2_000_000_000 * (k % 2))
    }
    let seconds = moments.map { "\(Int($0))" }
    func expected(_ part: (DateComponents) -> Int?) -> [Float] {
      moments.map { moment in
        let date = Date(timeIntervalSince1970: moment)
        let components = calendar.dateComponents(
          [.year, .month, .day, .hour, .minute, .weekday, .weekOfYear, .yearForWeekOfYear],
          from: date)
        return Float(part(components) ?? -1)
      }
    }
    #expect(try read(seconds, time(.year, .seconds)) == expected(\.year))
    #expect(try read(seconds, time(.month, .seconds)) == expected(\.month))
    #expect(try read(seconds, time(.day, .seconds)) == expected(\.day))
    #expect(try read(seconds, time(.hour, .seconds)) == expected(\.hour))
    #expect(try read(seconds, time(.minute, .seconds)) == expected(\.minute))
    #expect(try read(seconds, time(.week, .seconds)) == expected(\.weekOfYear))
    #expect(
      try read(seconds, time(.weekday, .seconds))
        == expected { ($0.weekday ?? 0) == 1 ? 7 : ($0.weekday ?? 0) - 1 })
    #expect(
      try read(seconds, time(.weekend, .seconds))
        == expected { [1, 7].contains($0.weekday) ? 1 : 0 })
  }

  @Test func formatsOfTimes() throws {
    let moment = Float(19_844.5)
    for (text, format) in [
      ("2024-05-01T12:00:00", .iso), ("2024-05-01 12:00", .iso), ("20240501T120000Z", .iso),
      ("2024/05/01 12:00:00.000", .iso), ("2024-05-01T14:00:00+02:00", .iso),
      ("2024-05-01T07:30:00-0430", .iso), ("1714564800", .seconds),
      ("1714564800000", .milliseconds),
      ("1714564800.0", .seconds), ("01.05.2024 12:00", .pattern("%d.%m.%Y %H:%M")),
      ("5/1/24 12:00 PM", .pattern("%m/%d/%y %I:%M %p")), ("01May2024", .pattern("%d%b%Y")),
    ] as [(String, TimeFormat)] {
      let days = try read([text], time(.days, format))[0]
      #expect(text == "01May2024" ? days == moment - 0.5 : days == moment, "\(text)")
    }
    // The first year of the calendar, and two centuries without a leap day.
    #expect(
      try read(["0001-01-01", "1900-03-01", "2100-03-01"], time(.days))
        == [-719_162, -25_508, 47_541])
    // Local time is as written, or so far from UTC where a zone is named.
    #expect(try read(["2024-05-01 23:30"], time(.hour, .iso, 480)) == [23])
    #expect(try read(["2024-05-01T23:30Z"], time(.hour, .iso, 480)) == [7])
    #expect(try read(["2024-05-01T23:30Z"], time(.day, .iso, 480)) == [2])
    for (text, hint) in [
      ("2024-02-30", "no such day"), ("0000-00-00", "data.missing"), ("01.05.2024", "time_format"),
      ("1714564800", "\"seconds\""), ("1714564800000", "\"milliseconds\""),
      ("nan", "data.missing"), ("2024-05-01T25:00", "00 to 23"), ("2024-05-01T24:00", "00 to 23"),
      ("2024-05-01T23:60", "00 to 59"), ("2023-02-29 12:00", "no such day"),
      ("2024-05-01T", "ISO"), ("2024-5-1", "ISO"),
    ] {
      let found = error(text, time(.days)).replacing("t.csv:2:2: \"1\"", with: "")
      #expect(message(dataError { _ = try read([text], time(.days)) }).contains(hint), "\(found)")
    }
  }

  @Test func partsAsIds() throws {
    let feature = FeatureDeclaration(
      name: "t.hour", column: "a", kind: .bucketized(.boundaries((1...23).map(Double.init))),
      cells: time(.hour))
    let fitted = try fit("a\n2024-05-01 00:10\n2024-05-01 23:59\n\n2024-05-01\n\"\"\n", [feature])
    #expect(Array(try #require(fitted.dataset.integers(FeedLayout.ids))) == [1, 24, 1, 0])
    #expect(fitted.schema.features[0].cardinality == 25)
  }

  // MARK: Lists

  private func list(_ layout: SequenceLayout) -> FeatureDeclaration {
    FeatureDeclaration(
      name: "l", column: "a", kind: .sequence(.list(["a", "b", "c,d", "it's"]), layout))
  }

  private let comma = UInt8(ascii: ",")

  @Test func bracketsAndQuotes() throws {
    let layout = SequenceLayout(separator: comma, maxLength: 3, brackets: true)
    let cells = [
      "[a, b]", "['a', 'b']", "(a,b,)", "{a}", "[]", "['c,d']", "a, b", "[ a ,'b' ]",
      "[\"it's\", a]",
    ]
    let fitted = try fit(
      "a;b\n" + cells.map { "\"\($0.replacing("\"", with: "\"\""))\";1\n" }.joined(), [list(layout)]
    )
    let ids = Array(try #require(fitted.dataset.integers("ids.l")))
    #expect(
      ids == [
        1, 2, -1, 1, 2, -1, 1, 2, -1, 1, -1, -1, -1, -1, -1, 3, -1, -1, 1, 2, -1, 1, 2, -1, 4, 1,
        -1,
      ])
    #expect(fitted.statistics.features[0].sequence?.bracketed == 0)
  }

  @Test func weightsOfTheirOwnColumn() throws {
    let layout = SequenceLayout(
      separator: comma, maxLength: 2, weighted: true, weightsColumn: "w", brackets: true)
    let fitted = try fit(
      "a;w\n[a, b];[0.5, 2]\n[a,b,a];1,2,3\n[a];\n;\n", [list(layout)])
    #expect(
      Array(try #require(fitted.dataset.floats("weights.l"))) == [0.5, 2, 2, 3, 1, 0, 0, 0])
    func refused(_ rows: String) -> String {
      message(dataError { _ = try fit("a;w\n" + rows, [list(layout)]) })
    }
    #expect(
      refused("a,b;1\n").contains("t.csv:2:5: \"1\" in column \"w\" holds 1 weights for 2 ids"))
    #expect(
      refused("a,b;1,x\n").contains("the weight \"x\" in \"1,x\" of column \"w\" is no number"))
  }

  // MARK: Crosses and vectors

  @Test func crosses() throws {
    let cross = FeatureDeclaration(
      name: "x", column: "a", kind: .cross(["a", "b"], buckets: 1000))
    let text = "a;b\nu;v\nuv;\nu;v\nv;u\n" + (0..<3000).map { "k\($0 % 50);m\($0 % 7)\n" }.joined()
    let fitted = try fit(text, [cross])
    let ids = Array(try #require(fitted.dataset.integers(FeedLayout.ids)))
    // FNV-1a over the texts, each with 1F behind it.
    func hash(_ parts: [String]) -> Int32 {
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      let bytes = parts.flatMap { (part: String) -> [UInt8] in Array(part.utf8) + [0x1F] }
      for byte in bytes {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
      }
      return Int32(hash % 1000) + 1
    }
    #expect(Array(ids[..<4]) == [hash(["u", "v"]), 0, hash(["u", "v"]), hash(["v", "u"])])
    #expect(ids[4] == hash(["k0", "m0"]) && ids[3003] == hash(["k49", "m3"]))
    #expect(fitted.statistics.features[0].missing == 1)
    let again = try Dataset.read([folder.path + "/t.csv"], schema: fitted.schema).dataset
    #expect(Array(try #require(again.integers(FeedLayout.ids))) == ids)
    #expect(message(dataError { _ = try fit("a\nu\n", [cross]) }).contains("no column \"b\""))
  }

  @Test func vectors() throws {
    let vector = FeatureDeclaration(
      name: "v", column: "a",
      kind: .vector(VectorLayout(separator: comma, dim: 3, brackets: true)))
    let scaled = FeatureDeclaration(name: "b", column: "b", kind: .numeric(.zscore))
    let rows = "\"[0.5, -1, 2e1]\";1\n\"1,2,3\";3\n;5\n"
    let fitted = try fit("a;b\n" + rows, [scaled, vector])
    let numbers = Array(try #require(fitted.dataset.floats(FeedLayout.numeric)))
    #expect(fitted.dataset.layout.feed(named: FeedLayout.numeric)?.width == 4)
    #expect(fitted.schema.feeds.slots == [.numeric(0), .vector(1, dim: 3)])
    let vectors = (0..<3).flatMap { Array(numbers[$0 * 4 + 1..<$0 * 4 + 4]) }
    #expect(vectors == [0.5, -1, 20, 1, 2, 3, 0, 0, 0])
    #expect(numbers[0] < 0 && numbers[4] == 0 && numbers[8] > 0)
    let statistics = fitted.statistics.features[1]
    #expect(statistics.values == 3 && statistics.missing == 1 && statistics.maximum == 20)
    func refused(_ cell: String) -> String {
      message(dataError { _ = try fit("a;b\n\(cell);1\n", [scaled, vector]) })
    }
    #expect(refused("1,2").contains("t.csv:2:1: \"1,2\" in column \"a\" holds 2 numbers, and"))
    for (cell, hint) in [
      ("[0.5]", "is the separator right?"), ("[]", "set its dim"), ("1,2", "set its dim"),
    ] {
      #expect(refused(cell).contains(hint), "\(refused(cell))")
    }
    #expect(refused("1,2,x").contains("\"x\" in \"1,2,x\" of column \"a\" is not a finite number"))
  }

  /// The same on several threads, and from a cache.
  @Test func manyRows() throws {
    let features = [
      number(CellReading(numbers: NumberMarks(decimal: comma)), "n"),
      FeatureDeclaration(name: "x", column: "n", kind: .cross(["n", "t"], buckets: 99)),
      FeatureDeclaration(
        name: "v", column: "v", kind: .vector(VectorLayout(separator: comma, dim: 2))),
      FeatureDeclaration(
        name: "d", column: "t", kind: .numeric(.zscore), cells: time(.days, .seconds)),
    ]
    let rows = (0..<60_000).map { "\($0 % 9),5;\(1_700_000_000 + $0 * 61);\($0 % 5),\($0 % 3)\n" }
    let text = "n;t;v\n" + rows.joined()
    let one = try fit(text, features)
    let several = try fit(text, features, threads: 3)
    #expect(one.schema == several.schema)
    for feed in [FeedLayout.numeric] {
      #expect(
        Array(try #require(one.dataset.floats(feed)))
          == Array(try #require(several.dataset.floats(feed))))
    }
    let cache = DatasetCache(folder: folder.path + "/cache")
    let declaration = DataDeclaration(
      format: TableFormat(delimiter: UInt8(ascii: ";")), features: features, labels: [])
    _ = try cache.fit(declaration, [folder.path + "/t.csv"])
    let warm = try cache.fit(declaration, [folder.path + "/t.csv"])
    guard case .opened = warm.1 else {
      Issue.record("\(warm.1)")
      return
    }
    #expect(warm.0.schema.features == one.schema.features)
  }
}

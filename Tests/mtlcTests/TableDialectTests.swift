import Foundation
import Testing

/// Tables as others write them, through the real binary: read as the plain table that they stand for, or
/// refused with the line that helps.
@Suite struct TableDialectTests {
  private static let cities = ["北京", "上海", "广州", "深圳"]
  private static let gbk: [[UInt8]] = [
    [0xB1, 0xB1, 0xBE, 0xA9], [0xC9, 0xCF, 0xBA, 0xA3], [0xB9, 0xE3, 0xD6, 0xDD],
    [0xC9, 0xEE, 0xDB, 0xDA],
  ]

  private static let rows = (0..<400).map { k in
    ["\(k % 4)", "\(20 + k * 7 % 40)", (k * 5 + k / 4) % 3 == 0 ? "1" : "0"]
  }

  /// The table with a delimiter and line ends, its cities by their numbers.
  private func table(_ delimiter: String = ",", end: String = "\n") -> String {
    (["city,age,click"] + Self.rows.map { $0.joined(separator: ",") })
      .map { $0.replacing(",", with: delimiter) + end }.joined()
  }

  /// The table in GBK.
  private var encoded: [UInt8] {
    Array("city,age,click\n".utf8)
      + Self.rows.flatMap {
        (Int($0[0]).map { Self.gbk[$0] } ?? []) + Array(",\($0[1]),\($0[2])\n".utf8)
      }
  }

  private func spec(_ data: String) -> String {
    """
    {
      data: { \(data) },
      features: [{ name: "city", type: "id", embedding_dim: 2 }, { name: "age", type: "numeric" }],
      tasks: [{ name: "click" }],
      model: { type: "shared_bottom", bottom_hidden_units: [4], tower_hidden_units: [] },
      training: { batch_size: 32, epochs: 1 },
    }
    """
  }

  /// The weights that training on a table gives, by the metrics of them.
  private func metrics(_ bench: Workbench, _ data: String, _ more: [String] = []) throws -> [UInt8]
  {
    try bench.write(spec(data), to: "spec.json5")
    try bench.expect(0, ["train", "spec.json5", "-o", "out"] + more)
    return try bench.bytes("out/metrics.json")
  }

  @Test func dialectsOfOneTable() throws {
    let bench = try Workbench(empty: ())
    try bench.write(table(), to: "plain.csv")
    let plain = try metrics(bench, "train: \"plain.csv\"")
    let hive = table("\u{1}").split(separator: "\n").dropFirst().joined(separator: "\n")
    for (text, data) in [
      (table("::"), "delimiter: \"::\""), (table(end: "\r"), ""),
      (table(";", end: "\r\n"), "delimiter: \";\""),
      ("sep=;\r\n" + table(";", end: "\r\n"), "delimiter: \";\""),
      (hive, "delimiter: \"\\u0001\", quote: \"\", columns: [\"city\", \"age\", \"click\"]"),
    ] {
      try bench.write(text, to: "other.csv")
      #expect(try metrics(bench, "train: \"other.csv\", \(data)") == plain, "\(data)")
    }
    try bench.write(
      [0xFF, 0xFE] + table("\t").utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }, to: "wide.txt"
    )
    #expect(
      try metrics(bench, "train: \"wide.txt\", encoding: \"UTF-16\", format: \"tsv\"") == plain)
    try bench.write("", to: "part-1")
    try bench.write("", to: "_SUCCESS")
    try bench.write(table(), to: "part-0")
    #expect(try metrics(bench, "train: \"part-*\"") == plain)
    try bench.write(spec("train: \"wide.txt\", format: \"tsv\""), to: "spec.json5")
    try bench.expectFailure(
      4, ["train", "spec.json5"], says: ["wide.txt", "UTF-16", "set data.encoding: \"UTF-16\""])
  }

  /// Case 35: ten cities stay ten, whether the file is converted before or while it is read.
  @Test func citiesInGBK() throws {
    let bench = try Workbench(empty: ())
    try bench.write(encoded, to: "gbk.csv")
    let utf8 = String(decoding: encodedAsUTF8, as: UTF8.self)
    try bench.write(utf8, to: "utf8.csv")
    let plain = try metrics(bench, "train: \"utf8.csv\"")
    try bench.expect(
      0, ["run", "out/plan.bin", "--predict", "utf8.csv", "-o", "a.csv", "--keep", "city"])
    #expect(try metrics(bench, "train: \"gbk.csv\", encoding: \"GBK\"") == plain)
    try bench.expect(
      0, ["run", "out/plan.bin", "--predict", "gbk.csv", "-o", "b.csv", "--keep", "city"])
    #expect(try bench.bytes("a.csv") == bench.bytes("b.csv"))
    // Cached, and from a warm cache, and streamed.
    let cached = "train: \"gbk.csv\", encoding: \"GBK\", cache: \"kept\""
    for _ in 0..<2 { #expect(try metrics(bench, cached) == plain) }
    try bench.expect(0, ["train", "spec.json5", "--set", "data.stream=true"])
    let stats = try bench.expect(0, ["data", "stats", "spec.json5"]).output
    #expect(stats.contains("400 training rows"))
    try bench.write(spec("train: \"gbk.csv\""), to: "spec.json5")
    try bench.expectFailure(
      4, ["check", "spec.json5"], says: ["gbk.csv:2:1: ", "set data.encoding: \"GB18030\""])
    try bench.write(spec("train: \"utf8.csv\", encoding: \"gb18030\""), to: "spec.json5")
    try bench.expectFailure(
      4, ["check", "spec.json5"], says: ["is UTF-8", "remove data.encoding"])
    try bench.write(encoded + [0xFF, 0x41, 10], to: "gbk.csv")
    try bench.write(spec("train: \"gbk.csv\", encoding: \"gb18030\""), to: "spec.json5")
    try bench.expectFailure(
      4, ["train", "spec.json5"], says: ["gbk.csv:402:1: ", "the byte 0xff does not fit GB18030"])
  }

  private var encodedAsUTF8: [UInt8] {
    Array("city,age,click\n".utf8)
      + Self.rows.flatMap {
        Array("\(Int($0[0]).map { Self.cities[$0] } ?? ""),\($0[1]),\($0[2])\n".utf8)
      }
  }

  /// Case 51: the rows that are held back are the last ones, or those of a column.
  @Test func rowsToValidateWith() throws {
    let bench = try Workbench(empty: ())
    let dated =
      "day,\(table().prefix(while: { $0 != "\n" }))\n"
      + Self.rows.enumerated().map { k, row in
        "2024-\(k < 300 ? "05" : "06")-01,\(row.joined(separator: ","))\n"
      }.joined()
    try bench.write(dated, to: "log.csv")
    let column = "validation_split: { column: \"day\", from: \"2024-06\" }"
    let last = try metrics(
      bench, "train: \"log.csv\", validation_fraction: 0.25, validation_split: \"last\"")
    for (data, more) in [
      (column, []), ("\(column), cache: \"kept\"", []), ("\(column), cache: \"kept\"", []),
    ] as [(String, [String])] {
      #expect(try metrics(bench, "train: \"log.csv\", \(data)", more) == last, "\(data)")
    }
    // A plan holds back the same rows.
    try bench.expect(0, ["compile", "spec.json5", "-o", "plan.bin"])
    try bench.expect(0, ["run", "plan.bin", "-o", "again.bin"])
    #expect(try bench.bytes("again.bin") == bench.bytes("out/plan.bin"))
    let streamed = try bench.expect(
      0, ["train", "spec.json5", "--set", "data.stream=true", "--json"]
    ).output
    #expect(streamed.contains("\"validation\""))
    try bench.expectFailure(
      4, ["train", "spec.json5", "--set", "data.validation_split.from=2025"],
      says: ["day", "is not a finite number"])
    try bench.expectFailure(
      4, ["train", "spec.json5", "--set", "data.validation_split.from=\"2025\""],
      says: ["no training row is held back", "data.validation_split.from"])
  }
}

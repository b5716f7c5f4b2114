import Data
import Experiments
import Foundation
import Testing

/// Specs that are drafted by a look at a table.
@Suite struct SpecDraftTests {
  private static func random(_ seed: UInt64) -> (Int) -> Int {
    var state = seed
    return { bound in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
  }

  /// A column of every kind; `paid` only where `clicked`, `revenue` tells both.
  private func table(_ delimiter: String = ",", header: Bool = true) -> String {
    let random = Self.random(3)
    var lines =
      header
      ? [
        [
          "row", "age", "city", "level", "tags", "seen at", "score", "empty", "same", "revenue",
          "clicked", "paid",
        ]
      ] : []
    for row in 0..<600 {
      let age = 18 + random(60)
      let clicked = random(100) < age
      let paid = clicked && random(3) == 0
      let score = Double(random(100_000)) / 1000 - 50
      lines.append([
        "\(1000 + row)", random(20) == 0 ? "?" : "\(age)", ["Rome", "Oslo", "Bern"][random(3)],
        "\(random(5))", (0...random(3)).map { _ in "t\(random(9))" }.joined(separator: "|"),
        "2024-0\(1 + random(9))-1\(random(10)) 0\(random(10)):30:00", "\(score)", "", "x",
        "\((clicked ? 5.0 : 0) + (paid ? 2.5 : 0) + Double(random(100)) / 1000)",
        clicked ? "1" : "0", paid ? "yes" : "no",
      ])
    }
    return lines.map { $0.joined(separator: delimiter) }.joined(separator: "\n") + "\n"
  }

  private func draft(
    _ text: String, labels: [String], _ change: (inout DraftRequest) -> Void = { _ in }
  ) throws -> (bench: Bench, draft: SpecDraft) {
    let bench = try Bench()
    var request = DraftRequest(table: try bench.write(text, to: "rows.csv"), labels: labels)
    request.folder = bench.path
    change(&request)
    return (bench, try SpecDraft(request))
  }

  @Test func columnsGetTheirKinds() throws {
    let (bench, draft) = try draft(table(), labels: ["clicked", "paid"])
    for text in [
      "train: \"rows.csv\",", "missing: [\"\", \"?\"],", "type: \"esmm\"",
      "{ name: \"clicked\" },", "{ name: \"paid\", positive: [\"yes\"] },",
      "{ name: \"tags\", type: \"sequence\", separator: \"|\", max_length: 3,",
      "{ name: \"seen at\", type: \"datetime\", parts: [\"hour\", \"weekday\", \"month\"] },",
      "columns: [\"age\", \"score\"],", "encoding: \"periodic\"", "columns: [\"city\", \"level\"],",
    ] {
      #expect(draft.text.contains(text), "\(text) in\n\(draft.text)")
    }
    #expect(Set(draft.leftOut.map(\.column)) == ["row", "empty", "same", "revenue"])
    let reasons = Dictionary(uniqueKeysWithValues: draft.leftOut.map { ($0.column, $0.reason) })
    #expect(reasons["revenue"]?.contains("AUC") == true)
    #expect(reasons["row"]?.contains("each row") == true)
    // It trains as it is.
    let path = try bench.write(draft.text, to: "spec.json5")
    let run = try Experiment(contentsOf: path, overrides: ["training.epochs": "1"]).train()
    #expect(run.tasks == ["clicked", "paid"])
  }

  /// A number that says nothing of any label is given as it is, codes are ids, half a column of one value is cut
  /// into buckets; each of them only where rows are enough to tell.
  @Test(arguments: [400, 6_000]) func numbersAreEncodedByWhatTheyTell(rows: Int) throws {
    let random = Self.random(5)
    let lines = (0..<rows).map { _ in
      let age = 20 + random(60)
      let gain = random(3) > 0 ? 0 : random(5_000)
      let label = random(100) < age + (gain > 2_500 ? 30 : 0) ? 1 : 0
      let size = ["low", "high", "mid"][min(2, random(4) * age / 60)]
      return "\(age),\(gain),\(Double(random(1_000_000)) / 1000),\(random(60)),\(label),\(size)"
    }
    let (_, draft) = try draft(
      (["age,gain,noise,shop_id,bought,size"] + lines).joined(separator: "\n"),
      labels: ["bought", "size"])
    let isKnown = rows > 5_000
    for text in [
      isKnown
        ? "{ name: \"noise\", type: \"numeric\", normalizer: \"quantile\" }"
        : "columns: [\"age\", \"noise\"]",
      "{ name: \"shop_id\", type: \"id\", embedding_dim: 8 }",
      "{ name: \"gain\", type: \"numeric\", num_buckets: \(isKnown ? 32 : 16),",
    ] {
      #expect(draft.text.contains(text), "\(text) in\n\(draft.text)")
    }
    #expect(draft.text.contains("next to nothing") == isKnown)
  }

  /// More columns than are looked at together, of which every tenth tells the label.
  @Test func manyColumnsAreEachJudged() throws {
    let random = Self.random(6)
    let lines = (0..<5_200).map { _ in
      let numbers = (0..<70).map { _ in random(10_000) }
      let sum = (0..<7).reduce(0) { $0 + numbers[$1 * 10] }
      return (numbers + [sum > 35_000 ? 1 : 0]).map(String.init).joined(separator: ",")
    }
    let names = (0..<70).map { "x\($0)" } + ["y"]
    let (_, draft) = try draft(
      ([names.joined(separator: ",")] + lines).joined(separator: "\n"), labels: ["y"])
    let waves = draft.text.components(separatedBy: "encoding: \"periodic\"")
    #expect(waves.count == 2)
    let told = waves[0].components(separatedBy: "sines and cosines").last ?? ""
    let faint = draft.text.components(separatedBy: "next to nothing").last ?? ""
    for k in 0..<70 {
      #expect(told.contains("\"x\(k)\"") == (k % 10 == 0), "x\(k) in\n\(draft.text)")
      #expect(faint.contains("\"x\(k)\"") == (k % 10 != 0))
    }
  }

  @Test(arguments: ["\t", ";", "|", "::", "\u{1}"]) func delimitersAreFound(delimiter: String)
    throws
  {
    let random = Self.random(9)
    let rows = (0..<50).map { _ in
      ["\(random(100))", ["a", "b"][random(2)], "\(random(2))"].joined(separator: delimiter)
    }
    let header = ["n", "text", "y"].joined(separator: delimiter)
    let text = ([header] + rows).joined(separator: "\n")
    let (bench, draft) = try draft(text, labels: ["y"])
    _ = try Experiment(contentsOf: bench.write(draft.text, to: "spec.json5")).check()
    #expect(draft.text.contains("delimiter:"))
  }

  @Test func aFileWithoutAHeaderHasNamesByPlace() throws {
    let (_, draft) = try draft(table(header: false), labels: ["c11"])
    #expect(draft.text.contains("columns: [") && draft.text.contains("\"c12\""))
    #expect(draft.text.contains("type: \"shared_bottom\""))
    let named = try self.draft("3,a,1\n4,b,0\n5,a,1\n", labels: ["y"]) {
      $0.columns = ["n", "t", "y"]
    }
    #expect(named.draft.text.contains("columns: [\"n\", \"t\", \"y\"]"))
  }

  @Test func labelsOfEveryKind() throws {
    let random = Self.random(4)
    let rows = (0..<300).map { _ in
      "\(random(1000)),\(["low", "mid", "high"][random(3)]),\(Double(random(10_000)) / 7),\(random(2))"
    }
    let (bench, draft) = try draft(
      (["x,grade,amount,flag"] + rows).joined(separator: "\n"),
      labels: ["grade", "amount", "flag"])
    #expect(draft.text.contains("classes: [") && draft.text.contains("\"mid\""))
    #expect(draft.text.contains("{ name: \"amount\", loss: \"mse\" },"))
    #expect(draft.text.contains("type: \"mmoe\""))
    _ = try Experiment(
      contentsOf: bench.write(draft.text, to: "spec.json5"), overrides: ["training.epochs": "1"]
    ).train()
  }

  @Test func mistakesAreNamed() throws {
    func message(_ text: String, _ labels: [String]) throws -> String {
      try #require(throws: ExperimentError.self) { try draft(text, labels: labels) }.description
    }
    #expect(try message("a,y\n1,0\n2,1\n", []).contains("needs a column to predict"))
    #expect(try message("a,y\n1,0\n2,1\n", ["z"]).contains("z"))
    #expect(try message("a,y\n1,0\n2,1\n", ["y", "y"]).contains("named twice"))
    #expect(try message("a,y\n1,1\n2,1\n", ["y"]).contains("same value"))
    #expect(try message("", ["y"]).contains("empty"))
    #expect(try message("a,y\n", ["y"]).contains("no rows"))
    #expect(try message("PK\u{3}\u{4}xl/workbook", ["y"]).contains("workbook"))
  }

  /// Names are all different, none is a number, and none stands in the line below.
  @Test(arguments: [
    ("a,b\n1,2\n", true), ("a,a\n1,2\n", false), ("a,b\na,c\n", false), ("a,2\n1,2\n", false),
    ("a,\n1,2\n", false), ("a,b\nc,d\n", true),
  ]) func headersAreNames(text: String, isHeader: Bool) throws {
    let bench = try Bench()
    let shape = try TableShape(bench.write(text, to: "t.csv"), delimiter: ",")
    #expect(shape.hasHeader == isHeader)
  }
}

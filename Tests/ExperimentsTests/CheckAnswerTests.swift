import Experiments
import Foundation
import TestSupport
import Testing

/// What `check` says of tables that are a little more or less wrong, from one side of each threshold to the
/// other, as it was when somebody last read it.
@Suite struct CheckAnswerTests {
  private struct Column {
    var name: String
    var feature: String
    /// The cell of a row at a degree from 0 on.
    var cell: @Sendable (_ row: Int, _ degree: Int) -> String

    init(_ name: String, _ feature: String, _ cell: @escaping @Sendable (Int, Int) -> String) {
      (self.name, self.feature, self.cell) = (name, feature, cell)
    }
  }

  private static func label(_ row: Int) -> Int { row * 7 % 10 < 3 ? 1 : 0 }

  private static let columns: [Column] = [
    // Of 400 rows 4 more in each degree do not follow the label.
    Column("leak", "type: \"numeric\"") { row, degree in
      let isOther = row * 13 % 100 < degree
      return "\((label(row) == 1) != isOther ? 10 + row % 3 : row % 3)"
    },
    Column("leaking id", "type: \"id\", embedding_dim: 2") { row, degree in
      let isOther = row * 17 % 100 < 2 * degree
      return (label(row) == 1) != isOther ? "a\(row % 2)" : "b\(row % 3)"
    },
    Column("sparse", "type: \"numeric\"") { row, degree in
      row * 11 % 400 < 2 * degree ? "\(row)" : ""
    },
    Column("constant", "type: \"id\", embedding_dim: 2") { row, degree in
      row % 400 < degree ? "x" : "same"
    },
    Column("constant number", "type: \"numeric\"") { row, degree in
      row == 399 && degree > 3 ? "6" : "5"
    },
    Column("markers", "type: \"id\", embedding_dim: 2") { row, degree in
      row * 3 % 100 < degree ? "nan" : "w\(row % 7)"
    },
    Column("far", "type: \"numeric\"") { row, degree in
      row == 7 ? "1e\(degree)" : "\(row % 10)"
    },
    Column("large", "type: \"numeric\"") { row, degree in "\(row % 10)e\(degree)" },
    Column("list", "type: \"sequence\", max_length: 3, embedding_dim: 2") { row, degree in
      (0..<(row * 19 % 100 < 4 * degree ? 5 : 2)).map { "t\((row + $0) % 9)" }
        .joined(separator: "|")
    },
    Column("comma list", "type: \"sequence\", max_length: 9, embedding_dim: 2") { row, degree in
      "t\(row % 5)" + (row * 3 % 100 < 5 * degree ? ",t\(row % 4),t9" : "")
    },
    Column("pairs", "type: \"sequence\", max_length: 4, embedding_dim: 2") { row, degree in
      row * 7 % 100 < 10 * degree ? "t\(row % 5):1.5" : "t\(row % 5)"
    },
    Column("weights", "type: \"sequence\", weighted: true, max_length: 4, embedding_dim: 2") {
      row, degree in
      "t\(row % 5):\(row * 7 % 100 < degree ? "-1" : "2")|u:1"
    },
    Column("range", "type: \"id\", num_ids: 20, embedding_dim: 2") { row, degree in
      "\(row * 9 % 100 < 4 * degree ? 20 + row % 5 : row % 20)"
    },
    Column("rare", "type: \"id\", min_frequency: 5, embedding_dim: 2") { row, degree in
      row * 9 % 100 < 5 * degree ? "only \(row)" : "often \(row % 4)"
    },
    Column("new", "type: \"id\", embedding_dim: 2") { row, degree in
      // Test rows are those from 400 on.
      row >= 400 && row * 9 % 100 < 6 * degree ? "new \(row % 3)" : "old \(row % 6)"
    },
    Column("first dates", "type: \"id\", embedding_dim: 2") { row, degree in
      "2024-01-0\(1 + row % 9)" + (degree > 4 ? " 10:0\(row % 10)" : "")
    },
  ]

  private func answer(
    _ columns: [Column], degree: Int, tasks: String = "[{ name: \"y\" }]",
    labels: [(name: String, cell: @Sendable (Int, Int) -> String)] = [
      ("y", { row, _ in "\(label(row))" })
    ], model: String = "type: \"shared_bottom\"", data: String = "", _ bench: Bench
  ) throws -> String {
    func table(_ rows: Range<Int>) -> String {
      let head = (columns.map(\.name) + labels.map(\.name)).joined(separator: ";")
      let lines = rows.map { row in
        (columns.map { $0.cell(row, degree) }
          + labels.map { $0.cell(row, degree) }).joined(separator: ";")
      }
      return ([head] + lines).joined(separator: "\n") + "\n"
    }
    _ = try bench.write(table(0..<400), to: "train.csv")
    _ = try bench.write(table(400..<550), to: "test.csv")
    let features = columns.map { "{ name: \"\($0.name)\", \($0.feature) }" }
    let spec = """
      { data: { train: "train.csv", test: "test.csv", delimiter: ";", \(data) },
        features: [\(features.joined(separator: ", "))], tasks: \(tasks), model: { \(model) },
        training: { batch_size: 64 } }
      """
    do {
      let report = try Experiment(contentsOf: bench.write(spec, to: "spec.json5")).checkReport()
      let findings = report.findings.map { "  \($0.kind.rawValue) \($0.subject): \($0.message)\n" }
      return findings.isEmpty ? "  nothing\n" : findings.joined()
    } catch {
      return "  \(error)\n".replacingOccurrences(of: bench.path, with: "…")
    }
  }

  /// `MTLC_UPDATE_GOLDEN=1` writes the file anew.
  @Test func answersAreAsBefore() throws {
    let bench = try Bench()
    var text = ""
    let noise = Column("noise", "type: \"numeric\"") { row, _ in "\(row * 37 % 101)" }
    for column in Self.columns {
      var last = ""
      for degree in 0..<12 {
        let answer = try answer([column, noise], degree: degree, bench)
        if answer != last { text += "\(column.name) \(degree)\n\(answer)" }
        last = answer
      }
    }
    let labels:
      [(
        name: String, tasks: String,
        cells: [(name: String, cell: @Sendable (Int, Int) -> String)]
      )] = [
        (
          "funnel", "[{ name: \"click\" }, { name: \"buy\" }]",
          [
            (
              "click",
              { row, degree in "\(row * 3 % 100 < 100 - 5 * degree && row % 2 == 0 ? 1 : 0)" }
            ),
            ("buy", { row, _ in "\(row % 4 == 0 ? 1 : 0)" }),
          ]
        ),
        (
          "rare label", "[{ name: \"y\" }]",
          [("y", { row, degree in row % 400 < degree ? "1" : "0" })]
        ),
        (
          "no label", "[{ name: \"y\" }]",
          [("y", { row, degree in row * 7 % 400 < 40 * degree ? "" : "\(row % 2)" })]
        ),
        (
          "one class less", "[{ name: \"y\", classes: [\"a\", \"b\", \"c\"] }]",
          [("y", { row, degree in row == 11 && degree > 5 ? "c" : row % 2 == 0 ? "a" : "b" })]
        ),
        (
          "amount", "[{ name: \"y\", loss: \"ziln\" }]",
          [("y", { row, degree in row * 3 % 100 < 10 * degree ? "0" : "\(1 + row % 9)" })]
        ),
        (
          "far label", "[{ name: \"y\", loss: \"mse\" }]",
          [("y", { row, degree in row == 5 ? "1e\(degree)" : "\(row % 10)" })]
        ),
        (
          "two of one", "[{ name: \"y\" }, { name: \"z\", label: \"y\" }]",
          [("y", { row, _ in "\(row % 2)" })]
        ),
        (
          "other rate", "[{ name: \"y\" }]",
          [("y", { row, degree in row < 400 ? "\(row % 2)" : row % 20 < 10 + degree ? "1" : "0" })]
        ),
      ]
    for (name, tasks, cells) in labels {
      var last = ""
      for degree in 0..<12 {
        let model =
          name == "funnel" ? "type: \"esmm\", tower_hidden_units: [4]" : "type: \"shared_bottom\""
        let answer = try answer(
          [noise], degree: degree, tasks: tasks, labels: cells, model: model, bench)
        if answer != last { text += "\(name) \(degree)\n\(answer)" }
        last = answer
      }
    }
    let difference = try GoldenText.difference(text, from: "Golden/text/check-answers.txt")
    #expect(difference == nil)
  }
}

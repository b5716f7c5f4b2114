import Experiments
import Testing

/// Where a draft turns from one kind of column to the next, on both sides of each limit.
@Suite struct ColumnKindTests {
  /// Rows with so many different whole numbers, and times of day in half of the rows or in one more.
  private func draft() throws -> String {
    let counts = [2, 3, 20, 21, 30, 31]
    let rows = (0..<600).map { row in
      let numbers = counts.map { String((row * 11) % $0) }
      let (month, day) = (1 + row % 12, 10 + row % 18)
      let date = "2024-\(month < 10 ? "0" : "")\(month)-\(day)"
      let time = " \(10 + row % 13):00:00"
      let dates = [row % 2 == 0, row % 2 == 0 || row == 1].map { $0 ? date + time : date }
      return (numbers + dates + ["\(row * row % 7 % 2)"]).joined(separator: ",")
    }
    let bench = try Bench()
    let header = counts.map { "of\($0)" } + ["half", "most", "y"]
    let table = ([header.joined(separator: ",")] + rows).joined(separator: "\n") + "\n"
    var request = DraftRequest(table: try bench.write(table, to: "rows.csv"), labels: ["y"])
    request.folder = bench.path
    return try SpecDraft(request).text
  }

  @Test func limits() throws {
    let text = try draft()
    let lines = text.split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }.joined()
    for declared in [
      #"{ name: "of2", type: "id", embedding_dim: 4 }"#,
      #"{columns: ["of3", "of20"],type: "id",embedding_dim: 8,}"#,
      #"{columns: ["of21", "of30"],type: "numeric",}"#,
      #"{ name: "of31", type: "numeric", encoding: "periodic""#,
      #"{ name: "half", type: "datetime", parts: ["weekday", "month"] }"#,
      #"{ name: "most", type: "datetime", parts: ["hour", "weekday", "month"] }"#,
    ] {
      #expect(lines.contains(declared), "\(declared) in\n\(text)")
    }
  }
}

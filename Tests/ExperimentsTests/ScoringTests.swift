import Experiments
import Foundation
import Testing

/// Files of many batches, on several threads.
@Suite struct ScoringTests {
  /// A trained plan, and a table of 1.5 MiB, which is worth three threads.
  private func scored() throws -> (
    bench: Bench, plan: CompiledPlan, header: String, rows: [Substring]
  ) {
    let bench = try Bench()
    let plan = try CompiledPlan(
      bench.experiment(overrides: ["training.eval_batch_size": "100"]).train())
    _ = try SampleData.write(
      .ads, train: "\(bench.path)/many.csv", test: "\(bench.path)/few.csv", trainRows: 20_000,
      testRows: 10)
    let lines = try bench.text("many.csv").split(separator: "\n")
    return (bench, plan, String(lines[0]), Array(lines.dropFirst()))
  }

  @Test func outputDoesNotDependOnThreads() throws {
    let (bench, plan, _, rows) = try scored()
    let size = try FileManager.default.attributesOfItem(atPath: "\(bench.path)/many.csv")[.size]
    try #require(try #require(size as? Int) > 1_500_000)
    for threads in [1, 2, 5] {
      try Predictor(plan, threads: threads).predict(
        file: "\(bench.path)/many.csv", keep: ["user_id"], to: "\(bench.path)/\(threads).csv")
    }
    let expected = try bench.text("1.csv")
    #expect(expected.split(separator: "\n").count == rows.count + 1)
    #expect(try bench.text("2.csv") == expected)
    #expect(try bench.text("5.csv") == expected)
  }

  @Test func theFirstErrorOfAFileIsTold() throws {
    let (bench, plan, header, rows) = try scored()
    let age = try #require(header.split(separator: ",").firstIndex(of: "age"))
    func damaged(_ line: Int) -> Substring {
      var fields = rows[line].split(separator: ",", omittingEmptySubsequences: false)
      fields[age] = "old"
      return Substring(fields.joined(separator: ","))
    }
    var lines = rows
    for row in [6000, 6001, 12_000] { lines[row] = damaged(row) }
    let path = try bench.write(
      ([Substring(header)] + lines).joined(separator: "\n") + "\n", to: "damaged.csv")
    for threads in [1, 3] {
      let predictor = try Predictor(plan, threads: threads)
      let error = try #require(throws: ExperimentError.self) {
        try predictor.predict(file: path, to: "\(bench.path)/never.csv")
      }
      #expect(error.kind == .data)
      #expect(error.message.contains("damaged.csv:6002:"), "\(error.message)")
      #expect(!FileManager.default.fileExists(atPath: "\(bench.path)/never.csv"))
    }
    // The others count where damaged records are left out.
    let recorder = Recorder()
    let some = try Predictor(plan, threads: 3).evaluate(
      [path], skipsDamagedRecords: true, observer: recorder)
    #expect(some.rows == rows.count - 3)
    #expect(
      recorder.events.contains {
        if case .warning(let text) = $0 { text.contains("3 damaged records") } else { false }
      })
  }

  /// Batches go on from one file to the next, so that parts of a file give the metrics of the whole.
  @Test func evaluationDoesNotDependOnThreadsOrParts() throws {
    let (bench, plan, header, rows) = try scored()
    func part(_ range: Range<Int>, _ name: String) throws -> String {
      try bench.write(
        ([Substring(header)] + rows[range]).joined(separator: "\n") + "\n", to: name)
    }
    // The second one has no rows.
    let parts = [
      try part(0..<7777, "1.csv"), try part(0..<0, "2.csv"), try part(7777..<20_000, "3.csv"),
    ]
    let whole = try Predictor(plan, threads: 1).evaluate(["\(bench.path)/many.csv"])
    #expect(whole.rows == 20_000)
    for threads in [1, 2, 4] {
      let report = try Predictor(plan, threads: threads).evaluate(parts)
      #expect(report.rows == whole.rows)
      #expect(report.tasks == whole.tasks)
    }
    let error = try #require(throws: ExperimentError.self) {
      try Predictor(plan).evaluate([parts[1]])
    }
    #expect(error.kind == .data && error.message.contains("no rows"))
  }
}

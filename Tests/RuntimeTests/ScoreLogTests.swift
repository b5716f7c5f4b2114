import Foundation
import Plan
import Runtime
import Schema
import Testing

/// Metrics of rows that were put aside are those of the same rows in memory, to the last bit.
@Suite struct ScoreLogTests {
  static let tasks = [
    TaskRecord(name: "click", kind: .binary, output: "click", labelColumn: 0),
    TaskRecord(name: "amount", kind: .regression, output: "amount", labelColumn: 1),
    TaskRecord(name: "kind", kind: .multiclass(classes: 3), output: "kind", labelColumn: 2),
    TaskRecord(name: "other", kind: .binary, output: "other", labelColumn: nil),
  ]

  /// Scores of rows with ties, some without a label, in batches of a size.
  private static func batches(
    of size: Int, rows: Int, hasGroups: Bool, broken: Int? = nil
  ) -> [EvaluationScores] {
    var numbers = TestNumbers(UInt64(rows))
    return stride(from: 0, to: rows, by: size).map { first in
      let batch = first..<min(first + size, rows)
      var scores = EvaluationScores(
        tasks, rows: batch.count, labelWidth: 3, hasGroups: hasGroups)
      for row in batch {
        let group = hasGroups ? UInt64(numbers.next(below: 20)) : nil
        let isUp = numbers.next(below: 3) == 0
        let score = row == broken ? .nan : Float(numbers.next(below: 50)) / 64 + (isUp ? 0.1 : 0)
        if numbers.next(below: 10) > 0 { scores.add(task: 0, [score], isUp ? 1 : 0, group: group) }
        scores.add(task: 1, [score * 3 - 1], Float(numbers.next(below: 9)) - 4, group: group)
        let classes = (0..<3).map { _ in Float(numbers.next(below: 16)) / 16 }
        scores.add(task: 2, classes[...], Float(numbers.next(below: 3)), group: group)
      }
      return scores
    }
  }

  private static func logged(
    rows: Int, keptRows: Int, runLength: Int, hasGroups: Bool = true, broken: Int? = nil,
    folder: String? = nil
  ) throws -> EvaluationReport? {
    let log = ScoreLog(tasks, keptRows: keptRows, runLength: runLength, folder: folder)
    for batch in batches(of: 37, rows: rows, hasGroups: hasGroups, broken: broken) {
      log.append(batch)
    }
    return try log.report(seconds: 1, isConcurrent: true)
  }

  private static func inMemory(
    rows: Int, hasGroups: Bool = true, broken: Int? = nil
  ) -> EvaluationReport? {
    batches(of: rows, rows: rows, hasGroups: hasGroups, broken: broken).first?
      .report(tasks, seconds: 1)
  }

  @Test(
    arguments: [(1, 1), (7, 16), (100, 64), (64, 9000), (1 << 18, 1 << 19)], [false, true])
  func isWhatMemoryWouldGive(limits: (kept: Int, run: Int), hasGroups: Bool) throws {
    let expected = try #require(Self.inMemory(rows: 1000, hasGroups: hasGroups))
    #expect(expected.tasks[0]["auc"]?.value ?? 0 > 0.55)
    #expect((expected.tasks[0]["gauc"]?.value != nil) == hasGroups)
    #expect(expected.tasks[2]["macro_auc"]?.value != nil)
    #expect(expected.tasks[3]["auc"]?.reason == "the task has no label")
    let found = try Self.logged(
      rows: 1000, keptRows: limits.kept, runLength: limits.run, hasGroups: hasGroups)
    #expect(found == expected)
  }

  @Test func aBrokenPredictionIsSaid() throws {
    let report = try #require(try Self.logged(rows: 300, keptRows: 10, runLength: 10, broken: 200))
    #expect(report == Self.inMemory(rows: 300, broken: 200))
    #expect(report.tasks[1]["rmse"] == .undefined(reason: "a prediction is not finite"))
  }

  /// Where no file can be made memory holds all.
  @Test func needsNoFolder() throws {
    let found = try Self.logged(rows: 300, keptRows: 10, runLength: 10, folder: "/nonexistent")
    #expect(found == Self.inMemory(rows: 300))
  }

  @Test func withoutRowsThereIsNoReport() throws {
    #expect(try Self.logged(rows: 0, keptRows: 10, runLength: 10) == nil)
  }

  /// The file has no name, and what is not in it is an error.
  @Test func fileIsUnnamedAndReadsAreChecked() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "score-log-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = SpillFile(folder: folder.path)
    let part = try #require(file.write([1.5, -2, 3] as [Double]))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    #expect(try file.read(part) == [1.5, -2, 3])
    #expect(try file.read(part, 1..<2) == [-2])
    #expect(throws: SpillError.self) {
      _ = try file.read(SpilledPart<Double>(offset: 16, count: 2))
    }
    #expect(throws: SpillError.self) { _ = try SpillFile().read(part) }
  }
}

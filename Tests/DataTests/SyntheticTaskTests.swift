import Data
import Foundation
import Schema
import Testing

/// The funnel and the regression that the project generates.
@Suite struct SyntheticTaskTests {
  private static func columns(_ path: String) throws -> [[Double]] {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let rows = text.split(separator: "\n").dropFirst().map { line in
      line.split(separator: ",").compactMap { Double($0) }
    }
    return (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column] } }
  }

  @Test func stepsNeedTheOnesBefore() throws {
    let folder = try TemporaryFolder()
    let (train, test) = (folder.file("a.csv"), folder.file("b.csv"))
    let best = try FunnelGenerator(seed: 3).write(
      train: train, test: test, trainRows: 100, testRows: 20_000)
    #expect(
      best.map(\.task) == [
        "click", "apply", "credit", "activate", "apply_given_click", "credit_given_apply",
        "activate_given_credit",
      ])
    #expect(best.allSatisfy { (0.65...0.9).contains($0.auc) })
    let labels = try Self.columns(test).prefix(4)
    for (step, rate) in zip(0..., [0.75, 0.5625, 0.421875, 0.2953125]) {
      let share = labels[step].reduce(0, +) / 20_000
      #expect(abs(share - rate) < 0.02 && abs(share - best[step].baseRate) < 1e-12)
      guard step > 0 else { continue }
      #expect(zip(labels[step - 1], labels[step]).allSatisfy { $0 >= $1 })
    }
    let again = try FunnelGenerator(seed: 3).write(
      train: folder.file("c.csv"), test: folder.file("d.csv"), trainRows: 100, testRows: 20_000)
    #expect(again == best)
  }

  /// The labels' correlation rises with p; inputs do not depend on it.
  @Test func tasksAreAsAlikeAsAsked() throws {
    let folder = try TemporaryFolder()
    func labels(_ p: Double) throws -> [[Double]] {
      let (a, b) = (folder.file("a\(p).csv"), folder.file("b\(p).csv"))
      try RegressionGenerator(correlation: p, inputs: 6).write(
        train: a, test: b, trainRows: 4000, testRows: 3)
      return try Self.columns(a)
    }
    func correlation(_ a: [Double], _ b: [Double]) -> Double {
      let (m, n) = (a.reduce(0, +) / 4000, b.reduce(0, +) / 4000)
      let product = zip(a, b).reduce(0) { $0 + ($1.0 - m) * ($1.1 - n) }
      let (u, v) = (
        a.reduce(0) { $0 + ($1 - m) * ($1 - m) }, b.reduce(0) { $0 + ($1 - n) * ($1 - n) }
      )
      return product / (u * v).squareRoot()
    }
    let columns = try [0, 0.5, 0.9, 1].map(labels)
    let found = columns.map { correlation($0[0], $0[1]) }
    #expect(abs(found[0]) < 0.1 && found[3] > 0.98)
    #expect(zip(found, found.dropFirst()).allSatisfy { $0 < $1 })
    for column in [0, 2, 7] { #expect(columns[0][column] == columns[2][column]) }
  }
}

@Suite struct CensusGeneratorTests {
  @Test func theSurveyIsRepeatableAndPlanted() throws {
    let folder = try TemporaryFolder()
    func write(_ train: String, _ test: String) throws -> [BestAUC] {
      try CensusGenerator(seed: 5).write(
        train: folder.file(train), test: folder.file(test), trainRows: 300, testRows: 8000)
    }
    let best = try write("a.csv", "b.csv")
    #expect(try write("c.csv", "d.csv") == best)
    #expect(best.map(\.task) == ["income", "never_married"])
    #expect(best.allSatisfy { (0.75...0.97).contains($0.auc) }, "\(best)")
    #expect((0.02...0.15).contains(best[0].baseRate), "\(best)")
    #expect((0.25...0.6).contains(best[1].baseRate), "\(best)")
    let text = try String(contentsOfFile: folder.file("a.csv"), encoding: .utf8)
    #expect(try text == String(contentsOfFile: folder.file("c.csv"), encoding: .utf8))
    let lines = text.split(separator: "\n")
    #expect(lines.count == 300)
    #expect(lines.allSatisfy { $0.split(separator: ",").count == 42 && !$0.contains("\"") })
  }

  @Test func theNoiseIsWhatNoModelTells() throws {
    let folder = try TemporaryFolder()
    let best = try RegressionGenerator(correlation: 0.5, inputs: 4).write(
      train: folder.file("a.csv"), test: folder.file("b.csv"), trainRows: 5, testRows: 4000)
    #expect(best.map(\.task) == ["y1", "y2"])
    // The noise has the variance 0.01.
    #expect(best.allSatisfy { abs($0.mse - 0.01) < 0.001 && $0.r2 > 0.98 && $0.r2 < 1 }, "\(best)")
  }
}

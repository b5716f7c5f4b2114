import Data
import Foundation
import ModelDefs

/// The project's own sample, written where a spec with `data.generate` expects its files.
enum SampleData {
  /// Generates the files if there are none. Returns the best possible AUC of each task, which is
  /// kept beside the test file. Throws `FileError`.
  static func prepare(_ files: DataFiles, log: Log) throws -> [BestAUC] {
    guard files.generate != .none, let train = files.train.first, let test = files.test.first
    else { return [] }
    let record = recordPath(test)
    let exists = [train, test].contains(where: FileManager.default.fileExists(atPath:))
    if exists { return readRecord(record) }
    log.note("generating the sample: \(train), \(test)")
    return try write(train: train, test: test)
  }

  static func write(
    train: String, test: String, trainRows: Int = 100_000, testRows: Int = 10_000,
    seed: UInt64? = nil
  ) throws -> [BestAUC] {
    for path in [train, test] { try OutputFolder.make(OutputFolder.parent(of: path)) }
    let generator = seed.map { SampleGenerator(seed: $0) } ?? SampleGenerator()
    let best = try generator.write(
      train: train, test: test, trainRows: trainRows, testRows: testRows)
    let rows = best.map { "\($0.task),\($0.auc),\($0.baseRate)\n" }
    try AtomicFile.write(
      Array(("task,auc,base_rate\n" + rows.joined()).utf8), to: recordPath(test))
    return best
  }

  static func recordPath(_ test: String) -> String {
    let stem = test.hasSuffix(".csv") ? String(test.dropLast(4)) : test
    return stem + ".best.csv"
  }

  /// What was recorded when the files were generated; empty if that is gone.
  private static func readRecord(_ path: String) -> [BestAUC] {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
    return text.split(separator: "\n").dropFirst().compactMap { line in
      let cells = line.split(separator: ",")
      guard cells.count == 3, let auc = Double(cells[1]), let rate = Double(cells[2]) else {
        return nil
      }
      return BestAUC(task: String(cells[0]), auc: auc, baseRate: rate)
    }
  }
}

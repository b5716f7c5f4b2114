import Experiments
import Foundation
import Synchronization
import Testing

/// Files of encoded rows that change under a run: no step is taken on rows that were not read.
@Suite struct DamagedRowsTests {
  /// Asks to stop after the first epoch.
  private final class Stopper: Observer {
    private let epochs = Atomic(0)
    func receive(_ event: Event) {
      if case .epoch = event { epochs.add(1, ordering: .relaxed) }
    }
    var shouldStop: Bool { epochs.load(ordering: .relaxed) > 0 }
  }

  private func streamed(_ bench: Bench) -> [String: String] {
    ["data.stream": "true", "data.cache": "\(bench.path)/cache"]
  }

  /// The one file of the cache folder with this ending.
  private func cached(_ bench: Bench, _ ending: String) throws -> String {
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(bench.path)/cache")
    let name = try #require(names.first { $0.hasSuffix(ending) && $0.hasPrefix("train") })
    return "\(bench.path)/cache/\(name)"
  }

  private func data(_ path: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path))
  }

  @Test func aFlippedBitOfAStreamEndsTheRun() throws {
    let bench = try Bench()
    let experiment = try bench.experiment(overrides: streamed(bench))
    let whole = try experiment.train().plan
    let checkpoints = Checkpoints(in: bench.path, isEachEpoch: true)
    _ = try #require(throws: ExperimentError.self) {
      try experiment.train(checkpoints: checkpoints, observer: Stopper())
    }
    let checkpoint = "\(bench.path)/checkpoint.bin"
    let good = try data(checkpoint)
    let path = try cached(bench, ".mtls")
    let rows = try data(path)
    var damaged = rows
    damaged[1000] ^= 1
    try damaged.write(to: URL(fileURLWithPath: path))
    let resumed = Checkpoints(in: bench.path, isEachEpoch: true, resumes: true)
    for mode in [resumed, checkpoints] {
      let error = try #require(throws: ExperimentError.self) {
        try experiment.train(checkpoints: mode)
      }
      #expect(error.kind == .data && error.message.contains("block 0"))
      #expect(error.message.contains(path))
    }
    // The eager mode draws a row before the first step.
    let error = try #require(throws: ExperimentError.self) { try experiment.train(.eager) }
    #expect(error.kind == .data)
    #expect(try data(checkpoint) == good)
    try rows.write(to: URL(fileURLWithPath: path))
    #expect(try experiment.train(checkpoints: resumed).plan == whole)
  }

  /// Without test rows the training rows are read once more, to evaluate on.
  @Test func anEvaluationOnDamagedRowsIsAnError() throws {
    final class Damager: Observer {
      let path: String
      init(_ path: String) { self.path = path }
      func receive(_ event: Event) {
        guard case .trainingEnds = event, let file = FileHandle(forUpdatingAtPath: path) else {
          return
        }
        try? file.seek(toOffset: 1000)
        try? file.write(contentsOf: Data([1, 2, 3]))
      }
    }
    let bench = try Bench()
    let experiment = try bench.experiment(
      overrides: streamed(bench).merging(["data.test": "[]"]) { $1 })
    _ = try experiment.train()
    let damager = Damager(try cached(bench, ".mtls"))
    let error = try #require(throws: ExperimentError.self) {
      try experiment.train(observer: damager)
    }
    #expect(error.kind == .data)
  }

  /// A cache is cut off and written over while a run trains on it.
  @Test func aCacheThatChangesUnderARunDoesNotMatter() throws {
    final class Cutter: Observer {
      let path: String
      let length: Int
      init(_ path: String, length: Int) { (self.path, self.length) = (path, length) }
      func receive(_ event: Event) {
        guard case .epoch = event, let file = FileHandle(forUpdatingAtPath: path) else { return }
        try? file.truncate(atOffset: UInt64(length))
        try? file.write(contentsOf: Data(repeating: 0xAB, count: length))
      }
    }
    let bench = try Bench()
    let experiment = try bench.experiment(overrides: ["data.cache": "\(bench.path)/cache"])
    let whole = try experiment.train().plan
    for length in [0, 20_000] {
      let path = try cached(bench, ".mtld")
      let run = try experiment.train(observer: Cutter(path, length: length))
      #expect(try run.plan == whole)
      // What is left of it is noticed, and replaced.
      #expect(try experiment.train().plan == whole)
    }
  }
}

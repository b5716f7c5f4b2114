import Experiments
import Foundation
import Schema
import TestSupport
import Testing

/// Event files that training runs write.
@Suite struct TensorBoardLogTests {
  /// The events of each file of a folder, the oldest file first.
  private func files(_ folder: String) throws -> [[EventFileReader.Event]] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      .filter { $0.hasPrefix("events.out.tfevents.") }
      .map {
        try EventFileReader.events([UInt8](Data(contentsOf: URL(filePath: "\(folder)/\($0)"))))
      }
  }

  @Test func theFileHasWhatTheRunReports() throws {
    let bench = try Bench()
    let experiment = try bench.experiment(overrides: ["data.validation_fraction": "0.2"])
    let recorder = Recorder()
    let log = TensorBoardLog(in: bench.path, next: recorder)
    let run = try experiment.train(diagnoses: [.conflicts, .distributions], observer: log)
    try log.finish(run)
    // Whoever else listens hears everything, and the bits are those of a run that nobody looks at.
    #expect(recorder.events.contains { if case .trainingEnds = $0 { true } else { false } })
    #expect(try experiment.train().plan == run.plan)

    let events = try #require(files(bench.path).first)
    #expect(events.first?.version == "brain.Event:2")
    #expect(events.compactMap { $0.texts["spec"] }.first?.contains("\"mmoe\"") == true)
    func series(_ tag: String) -> [Float] { events.compactMap { $0.scalars[tag] } }
    let epochs = run.training.epochs
    #expect(series("loss") == epochs.map { Float($0.loss) })
    #expect(series("loss/click") == epochs.map { Float($0.taskLosses[0] ?? .nan) })
    #expect(series("learning_rate") == epochs.map { Float($0.learningRate) })
    #expect(
      series("validation/auc/click")
        == epochs.map { Float($0.validation?["click"]?.auc ?? .nan) })
    #expect(series("test/auc/purchase") == [Float(run.metrics["purchase"]?.auc ?? .nan)])
    #expect(events.filter { $0.scalars["loss"] != nil }.map(\.step) == [1, 2])
    let cosine = try #require(run.training.conflicts.last?.pairs.first?.cosine)
    #expect(series("cosine/click and purchase") == [Float(cosine)])

    // What each gate gives each expert over 256 rows; both weights of a row add up to 1.
    let histograms = events.reduce(into: [:]) { $0.merge($1.histograms) { $1 } }
    let first = try #require(histograms["gates/gates.click/experts.0"])
    let second = try #require(histograms["gates/gates.click/experts.1"])
    #expect(first.head[2] == 256 && abs(first.head[3] + second.head[3] - 256) < 1e-3)
    #expect(abs(first.head[0] + second.head[1] - 1) < 1e-5)
    // The report of the run says the same of 300 test rows, whose weights are like those.
    let report = try run.report().gates.first { $0.name == "gates.click" }
    #expect(abs(first.head[3] / 256 - (report?.weights[0] ?? .nan)) < 0.1)
    // The experts are shared, the towers are not.
    #expect(histograms["gradients/click/experts"] != nil)
    #expect(histograms["gradients/purchase/embedding.city"] != nil)
    #expect(!histograms.keys.contains { $0.contains("towers") })
    #expect(histograms.values.allSatisfy { $0.counts.reduce(0, +) == $0.head[2] })
  }

  @Test func aResumedRunAddsAFile() throws {
    let bench = try Bench()
    let experiment = try bench.experiment(overrides: ["training.epochs": "3"])
    let stopped = TensorBoardLog(in: bench.path, next: StopAfterEpoch(2))
    #expect(throws: ExperimentError.self) {
      try experiment.train(checkpoints: Checkpoints(in: bench.path), observer: stopped)
    }
    let log = TensorBoardLog(in: bench.path)
    let run = try experiment.train(
      checkpoints: Checkpoints(in: bench.path, resumes: true), observer: log)
    try log.finish(run)
    let all = try files(bench.path)
    #expect(all.count == 2)
    // Readers forget of the first file what the second tells from its first step on.
    let (first, second) = (try #require(all.first), try #require(all.last))
    let start = try #require(second.first { $0.isStart }?.step)
    let losses = (first.filter { $0.step < start } + second).compactMap { $0.scalars["loss"] }
    #expect(losses == run.training.epochs.map { Float($0.loss) })
  }

  @Test func episodesAreShown() throws {
    let bench = try Bench()
    let experiment = try Experiment(
      contentsOf: bench.write(Bench.episodes, to: "spec.json5"),
      overrides: ["training.meta_steps": "10"])
    let log = TensorBoardLog(in: bench.path)
    let run = try experiment.train(diagnoses: [.conflicts, .distributions], observer: log)
    try log.finish(run)
    let events = try #require(files(bench.path).first)
    #expect(events.filter { $0.scalars["loss"] != nil }.map(\.step) == Array(1...10))
    #expect(events.last?.scalars["test/query_loss"] == Float(run.metrics.episodes?.loss.value ?? 0))
  }

  @Test func aFolderThatIsNotThereIsTold() throws {
    let bench = try Bench()
    let recorder = Recorder()
    let log = TensorBoardLog(in: "\(bench.path)/nowhere", next: recorder)
    let run = try bench.experiment().train(observer: log)
    let warnings = recorder.events.compactMap { event -> String? in
      if case .warning(let text) = event, text.contains("nowhere") { text } else { nil }
    }
    #expect(warnings.count == 1 && warnings[0].contains("No such file"))
    let error = try #require(throws: ExperimentError.self) { try log.finish(run) }
    #expect(error.kind == .output)
  }
}

/// Asks to stop once so many epochs are done.
private final class StopAfterEpoch: Observer {
  private let left: Guarded<Int>
  init(_ epochs: Int) { left = Guarded(epochs) }
  func receive(_ event: Event) {
    if case .epoch = event { left.withLock { $0 -= 1 } }
  }
  var shouldStop: Bool { left.withLock { $0 <= 0 } }
}

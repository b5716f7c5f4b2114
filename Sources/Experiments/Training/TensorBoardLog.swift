import Data
import Report
import Schema

/// Writes what a training run tells into an event file of TensorBoard, record by record, so that it can be
/// watched while it is trained; hands every event on to another observer.
///
/// The file lies in a folder of the run, `events.out.tfevents.…`. A run that goes on from a checkpoint adds a
/// file, and what it trains again replaces what was there.
public final class TensorBoardLog: Observer {
  private struct State {
    var file: AppendedFile?
    var records = TensorBoardRecords(tasks: [], isOfEpisodes: false)
    /// What ended the writing.
    var failure: FileError?
    /// The step of the last record.
    var step = 0
  }

  private let folder: String
  private let next: any Observer
  private let state = Guarded(State())

  /// - Parameters:
  ///   - folder: Must be there.
  ///   - next: Is told everything too.
  public init(in folder: String, next: any Observer = .silent) {
    self.folder = folder
    self.next = next
  }

  public var shouldStop: Bool { next.shouldStop }

  public func receive(_ event: Event) {
    next.receive(event)
    let failure = state.withLock { state -> FileError? in
      guard state.failure == nil else { return nil }
      do {
        try write(event, &state)
      } catch let error as FileError {
        state.failure = error
      } catch {}
      return state.failure
    }
    if let failure { next.receive(.warning("\(failure); training goes on without")) }
  }

  /// Writes the metrics of a run that came to its end.
  /// - Throws: An output error where something could not be written, now or earlier.
  public func finish(_ run: Run) throws(ExperimentError) {
    try ExperimentError.wrap {
      try state.withLock { state in
        if let failure = state.failure { throw failure }
        let bytes = state.records.evaluation(
          run.metrics, on: run.evaluatedOn, step: state.step, time: Self.now)
        try state.file?.append(bytes)
      }
    }
  }

  private func write(_ event: Event, _ state: inout State) throws {
    let bytes: [UInt8]
    switch event {
    case .trainingStarts(let compiled):
      let plan = compiled.plan
      state.records = TensorBoardRecords(
        tasks: plan.tasks.map(\.name), isOfEpisodes: plan.episodes != nil)
      state.file = try AppendedFile(in: folder, name: Self.fileName)
      bytes = state.records.head(spec: compiled.specText, time: Self.now)
    case .epoch(let report):
      state.step = state.records.step(report)
      bytes = state.records.epoch(report, time: Self.now)
    case .evaluation(let evaluation):
      state.step = evaluation.step
      bytes = state.records.evaluation(
        evaluation.report, on: evaluation.set, step: evaluation.step, time: Self.now)
    case .moment(let moment): bytes = state.records.moment(moment, time: Self.now)
    case .reading, .read, .progress, .trainingEnds, .fold, .trial, .note, .warning: return
    }
    try state.file?.append(bytes)
  }

  private static var now: Double { Date().timeIntervalSince1970 }

  /// As TensorBoard looks for them: the time, which orders the files of a run, the machine, the process.
  private static func fileName(_ taken: Int) -> String {
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, host.count - 1)
    let letters = host.prefix { $0 != 0 }.map { Character(Unicode.Scalar(UInt8(bitPattern: $0))) }
    let name = String(letters.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
    return "events.out.tfevents.\(time(nil)).\(name.isEmpty ? "host" : name).\(getpid()).\(taken)"
  }
}

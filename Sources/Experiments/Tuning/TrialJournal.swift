import Data
import ModelDefs
import Schema

/// The results of a search on the disk, a line each as they come in: `journal.jsonl`. The first line says
/// which search it is.
final class TrialJournal {
  let path: String
  private let search: String
  private var file: JournalFile?
  /// By trial and epochs the results that an earlier part of the search left.
  private(set) var known: [Key: TrialResult] = [:]
  /// How long the earlier part took, in seconds.
  private(set) var elapsed = 0.0

  struct Key: Hashable {
    var trial: Int
    var epochs: Int
  }

  /// Makes sure that a journal is there where a search is to go on, and not where it is not. Throws a plan
  /// error, or an output error.
  static func check(_ folder: String, resumes: Bool) throws {
    let path = path(in: folder)
    let isThere = access(path, F_OK) == 0
    if isThere, !resumes {
      throw ExperimentError(
        .output, "\(path): there is a search in this folder",
        hint: "--resume goes on with it; or name another folder")
    }
    if !isThere, resumes {
      throw ExperimentError(
        .plan, "\(path): there is no search to go on with",
        hint: "without --resume one begins")
    }
  }

  private static func path(in folder: String) -> String { "\(folder)/journal.jsonl" }

  /// The journal of a search. The file is made with the first result.
  ///
  /// - Parameters:
  ///   - search: What tells this search from others.
  ///   - resumes: Whether the results that are there are read.
  /// - Throws: a plan error for the journal of another search or one that cannot be read; `FileError`.
  init(in folder: String, search: String, resumes: Bool) throws {
    path = Self.path(in: folder)
    self.search = search
    guard resumes else { return }
    let file = try JournalFile(path)
    self.file = file
    let lines = try file.lines()
    guard let first = lines.first else {
      try file.append(head)
      return
    }
    guard case .string(let text)? = try value(first, line: 1).member("search")?.value.content else {
      throw unreadable(1)
    }
    guard text == search else {
      throw ExperimentError(
        .plan, "\(path): the search in this folder is that of another spec, seed or data",
        hint: "name another folder")
    }
    for (number, line) in lines.enumerated().dropFirst() { try read(line, number: number + 1) }
  }

  private var head: String { "{\"search\":\(search.quotedAsJSON)}" }

  private func opened() throws -> JournalFile {
    if let file { return file }
    let new = try JournalFile(path)
    try new.append(head)
    file = new
    return new
  }

  /// - Parameter elapsed: Seconds since the search began.
  func append(_ result: TrialResult, elapsed: Double) throws {
    let tasks = result.tasks.map { task in
      let scores = task.scores.map { score in
        let value = score.value.flatMap { $0.isFinite ? "\($0)" : nil } ?? "null"
        return "\(score.metric.name.quotedAsJSON):\(value)"
      }
      return "\(task.task.quotedAsJSON):{\(scores.joined(separator: ","))}"
    }
    let settings = result.settings.map { "\($0.key.quotedAsJSON):\($0.value)" }
    var line = "{\"trial\":\(result.trial),\"epochs\":\(result.epochs)"
    line += ",\"settings\":{\(settings.joined(separator: ","))}"
    line += ",\"tasks\":{\(tasks.joined(separator: ","))}"
    if let failure = result.failure { line += ",\"failure\":\(failure.quotedAsJSON)" }
    line += ",\"seconds\":\(result.seconds),\"elapsed\":\(elapsed)}"
    try opened().append(line)
    known[Key(trial: result.trial, epochs: result.epochs)] = result
  }

  private func value(_ line: String, line number: Int) throws -> SpecValue {
    let diagnostics = SpecDiagnostics(file: path)
    guard let value = try? JSON5Parser.parse(Array(line.utf8), diagnostics: diagnostics),
      diagnostics.findings.isEmpty
    else { throw unreadable(number) }
    return value
  }

  private func unreadable(_ line: Int) -> ExperimentError {
    ExperimentError(
      .plan, "\(path):\(line): is no line of a journal", hint: "remove the line, or the folder")
  }

  private func read(_ text: String, number: Int) throws {
    let line = try value(text, line: number)
    func integer(_ name: String) -> Int? {
      if case .integer(let value)? = line.member(name)?.value.content { value } else { nil }
    }
    guard let trial = integer("trial"), let epochs = integer("epochs"), trial > 0, epochs > 0,
      let settings = line.member("settings")?.value.members,
      let tasks = line.member("tasks")?.value.members,
      let seconds = Self.number(line.member("seconds")?.value),
      let elapsed = Self.number(line.member("elapsed")?.value), seconds >= 0, elapsed >= 0
    else { throw unreadable(number) }
    var result = TrialResult(
      trial: trial, epochs: epochs,
      settings: settings.map { .init(key: $0.key, value: $0.value.json) }, tasks: [],
      failure: nil, seconds: seconds)
    if case .string(let failure)? = line.member("failure")?.value.content {
      result.failure = failure
    }
    for task in tasks {
      guard let scores = task.value.members else { throw unreadable(number) }
      result.tasks.append(
        .init(
          task: task.key,
          scores: try scores.map { score in
            guard let metric = Metric(rawValue: score.key) else { throw unreadable(number) }
            return .init(metric: metric, value: Self.number(score.value))
          }))
    }
    known[Key(trial: trial, epochs: epochs)] = result
    self.elapsed = max(self.elapsed, elapsed)
  }

  private static func number(_ value: SpecValue?) -> Double? {
    switch value?.content {
    case .integer(let number): Double(number)
    case .number(let number) where number.isFinite: number
    case .null, .bool, .number, .string, .array, .object, nil: nil
    }
  }
}

import Foundation
import Schema

/// The parent: keeps children at work, and counts how the cases end.
final class Supervisor: Sendable {
  /// How many cases a child runs at the most before another takes its place.
  private static let largestBatch = 4_000

  /// What is known so far.
  private struct State {
    var next: Int
    var outcomes: [String: Int] = [:]
    var faults: [Int: String] = [:]
    /// The most memory that a child had, in KiB.
    var peak = 0
    var failure: String?
  }

  private let options: CampaignOptions
  private let folder: String
  private let state: Guarded<State>
  private let start = Date()

  init(_ options: CampaignOptions, folder: String) {
    self.options = options
    self.folder = folder
    state = Guarded(State(next: options.first))
  }

  /// Runs all cases and prints the table.
  /// - Returns: Whether there was no fault.
  func run() -> Bool {
    // Threads of Dispatch have a priority of their own, which children would have instead of ours.
    let others = (1..<options.workers).compactMap { _ in SystemThread { self.work() } }
    work()
    for other in others { other.join() }
    return state.withLock { state in
      report(state)
      return state.faults.isEmpty && state.failure == nil
    }
  }

  private var end: Date? { options.seconds.map(start.addingTimeInterval) }

  private func work() {
    while let batch = takeBatch() {
      var parts = [batch]
      while let next = parts.popLast() {
        guard let rest = runChild(next) else { return }
        if let end, Date() >= end { return }
        parts += rest.reversed()
      }
    }
  }

  private func takeBatch() -> Range<Int>? {
    if let end, Date() >= end { return nil }
    return state.withLock { state in
      let last = options.seconds == nil ? options.first + options.cases : Int.max
      guard state.next < last, state.failure == nil else { return nil }
      // Every child has its share of the cases that there are.
      let share = (options.cases + options.workers - 1) / options.workers
      let size = options.seconds == nil ? min(Self.largestBatch, share) : Self.largestBatch
      let batch = state.next..<min(last, state.next + max(1, size))
      state.next = batch.upperBound
      return batch
    }
  }

  /// Lets a child run the cases.
  /// - Returns: The cases that it has not told of, without the one that ended it; nil when it could
  ///   not start.
  private func runChild(_ cases: Range<Int>) -> [Range<Int>]? {
    let child = Process()
    child.executableURL = Bundle.main.executableURL
    let name = "\(folder)/child-\(UUID().uuidString)"
    let (errors, place) = (name + ".errors", name + ".place")
    Place.make(place)
    _ = FileManager.default.createFile(atPath: errors, contents: nil)
    defer { for path in [errors, place] { try? FileManager.default.removeItem(atPath: path) } }
    var arguments = [
      options.campaign.name, "--worker", "--folder", folder, "--seed", "\(options.seed)",
      "--first", "\(cases.lowerBound)", "--cases", "\(cases.count)", "--place", place,
    ]
    if let end { arguments += ["--seconds", "\(end.timeIntervalSince1970)"] }
    child.arguments = arguments
    // A backtrace takes seconds; the case that is run alone gives one. A child ends with its plans in
    // memory, which are no leaks.
    child.environment = ["ASAN_OPTIONS": "detect_leaks=0"]
      .merging(ProcessInfo.processInfo.environment) { $1 }
      .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    let output = Pipe()
    child.standardOutput = output
    child.standardError = FileHandle(forWritingAtPath: errors)
    do {
      try child.run()
    } catch {
      fail("a child cannot be started: \(error)")
      return nil
    }
    var reached = cases.lowerBound
    var text = Data()
    while true {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { break }
      text += more
      while let line = text.firstIndex(of: UInt8(ascii: "\n")) {
        take(String(decoding: text[..<line], as: UTF8.self), &reached)
        text = Data(text[(line + 1)...])
      }
    }
    child.waitUntilExit()
    if child.terminationReason == .exit, child.terminationStatus == 0 {
      // The time is over where it has not run them all.
      return reached < cases.upperBound && end == nil ? [reached..<cases.upperBound] : []
    }
    let said = (try? String(contentsOfFile: errors, encoding: .utf8)) ?? ""
    let ending = Self.ending(child) + ": " + Self.gist(said)
    guard let last = Place.number(in: place), reached <= last, cases.contains(last) else {
      fail("a child ended \(ending)")
      return nil
    }
    addFault(last, ending)
    // What it did not tell of before it ended is run again.
    return [reached..<last, (last + 1)..<cases.upperBound].filter { !$0.isEmpty }
  }

  /// A line of a child.
  private func take(_ line: String, _ reached: inout Int) {
    let parts = line.split(separator: " ", maxSplits: 2).map(String.init)
    guard parts.count >= 2, let number = Int(parts[1]) else { return }
    let text = parts.count > 2 ? parts[2] : ""
    switch parts[0] {
    case "fault": addFault(number, text)
    case "end": state.withLock { $0.outcomes[text, default: 0] += number }
    case "reached": reached = number
    case "peak": state.withLock { $0.peak = max($0.peak, number) }
    default: break
    }
  }

  private func addFault(_ index: Int, _ text: String) {
    // A case that is run again has the same fault.
    let isKnown = state.withLock { state in
      defer { state.faults[index] = text }
      return state.faults[index] != nil
    }
    guard !isKnown else { return }
    say("fault in case \(index): \(text)")
    say("  campaign \(options.campaign.name) --seed \(options.seed) --case \(index)")
  }

  private func fail(_ text: String) {
    say("error: \(text)")
    state.withLock { $0.failure = text }
  }

  private static func ending(_ child: Process) -> String {
    guard child.terminationReason == .uncaughtSignal else {
      return "exit \(child.terminationStatus)"
    }
    switch child.terminationStatus {
    case SIGPROF: return "hang (processor time)"
    case SIGALRM: return "hang (waiting)"
    case let signal: return "signal \(signal)"
    }
  }

  /// The lines of a child's last words that say what it was.
  private static func gist(_ text: String) -> String {
    let lines = text.split(separator: "\n").map(String.init)
    let words = ["Fatal error", "ERROR: ", "runtime error", "SUMMARY", "failed"]
    let telling = lines.filter { line in words.contains { line.contains($0) } }
    return (telling.isEmpty ? Array(lines.suffix(2)) : telling).prefix(3).joined(separator: " | ")
  }

  private func report(_ state: State) {
    let seconds = Date().timeIntervalSince(start)
    let count = state.outcomes.values.reduce(0, +) + state.faults.count
    say(
      "\(options.campaign.name): \(count) cases from seed \(options.seed)"
        + " in \(Int(seconds.rounded())) s, \(state.peak >> 10) MiB at the most")
    for (name, count) in state.outcomes.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      say("  \(count)\t\(name)")
    }
    say("  \(state.faults.count)\tfaults")
  }
}

import Foundation
import Synchronization

/// The parent: keeps children at work, and counts how the cases end.
final class Supervisor: Sendable {
  /// How many cases a child runs before another takes its place.
  private static let batch = 250

  /// What is known so far.
  private struct State {
    var next: Int
    var outcomes: [String: Int] = [:]
    var faults: [(index: Int, text: String)] = []
    /// The most memory that a child had, in KiB.
    var peak = 0
    var failure: String?
  }

  private let options: CampaignOptions
  private let folder: String
  private let state: Mutex<State>
  private let start = Date()

  init(_ options: CampaignOptions, folder: String) {
    self.options = options
    self.folder = folder
    state = Mutex(State(next: options.first))
  }

  /// Runs all cases and prints the table.
  /// - Returns: Whether there was no fault.
  func run() -> Bool {
    let group = DispatchGroup()
    for _ in 0..<options.workers {
      DispatchQueue.global().async(group: group) { self.work() }
    }
    group.wait()
    return state.withLock { state in
      report(state)
      return state.faults.isEmpty && state.failure == nil
    }
  }

  private var end: Date? { options.seconds.map(start.addingTimeInterval) }

  private func work() {
    while let first = takeBatch() {
      var first = first
      while first.lowerBound < first.upperBound {
        guard let reached = runChild(first) else { return }
        first = reached..<first.upperBound
        if let end, Date() >= end { return }
      }
    }
  }

  private func takeBatch() -> Range<Int>? {
    if let end, Date() >= end { return nil }
    return state.withLock { state in
      let last = options.seconds == nil ? options.first + options.cases : Int.max
      guard state.next < last, state.failure == nil else { return nil }
      let batch = state.next..<min(last, state.next + Self.batch)
      state.next = batch.upperBound
      return batch
    }
  }

  /// Lets a child run the cases.
  /// - Returns: The first case that it has not run; nil when it could not start.
  private func runChild(_ cases: Range<Int>) -> Int? {
    let child = Process()
    child.executableURL = Bundle.main.executableURL
    var arguments = [
      options.campaign.name, "--worker", "--folder", folder, "--seed", "\(options.seed)",
      "--first", "\(cases.lowerBound)", "--cases", "\(cases.count)",
    ]
    if let end { arguments += ["--seconds", "\(end.timeIntervalSince1970)"] }
    if options.isUnlimited { arguments.append("--unlimited") }
    child.arguments = arguments
    // A backtrace takes seconds; the case that is run alone gives one.
    child.environment = ProcessInfo.processInfo.environment
      .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    let output = Pipe()
    child.standardOutput = output
    let errors = "\(folder)/errors-\(UUID().uuidString)"
    _ = FileManager.default.createFile(atPath: errors, contents: nil)
    defer { try? FileManager.default.removeItem(atPath: errors) }
    child.standardError = FileHandle(forWritingAtPath: errors)
    do {
      try child.run()
    } catch {
      fail("a child cannot be started: \(error)")
      return nil
    }
    var begun: Int?
    var reached = cases.lowerBound
    var text = Data()
    while true {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { break }
      text += more
      while let line = text.firstIndex(of: UInt8(ascii: "\n")) {
        take(String(decoding: text[..<line], as: UTF8.self), &begun, &reached)
        text = Data(text[(line + 1)...])
      }
    }
    child.waitUntilExit()
    let said = (try? String(contentsOfFile: errors, encoding: .utf8)) ?? ""
    if let begun {
      addFault(begun, Self.ending(child) + ": " + Self.gist(said))
      return begun + 1
    }
    if child.terminationStatus != 0 {
      fail("a child ended \(Self.ending(child)): \(Self.gist(said))")
      return nil
    }
    // The time is over where it has not run them all.
    return reached < cases.upperBound && end != nil ? cases.upperBound : reached
  }

  /// A line of a child.
  private func take(_ line: String, _ begun: inout Int?, _ reached: inout Int) {
    let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return }
    switch parts[0] {
    case "begin": begun = Int(parts[1])
    case "peak": state.withLock { $0.peak = max($0.peak, Int(parts[1]) ?? 0) }
    case "end", "fault":
      guard let index = begun else { return }
      (begun, reached) = (nil, index + 1)
      if parts[0] == "fault" {
        addFault(index, parts[1])
      } else {
        state.withLock { $0.outcomes[parts[1], default: 0] += 1 }
      }
    default: break
    }
  }

  private func addFault(_ index: Int, _ text: String) {
    say("fault in case \(index): \(text)")
    say("  campaign \(options.campaign.name) --seed \(options.seed) --case \(index)")
    state.withLock { $0.faults.append((index, text)) }
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

  private func report(_ state: borrowing State) {
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

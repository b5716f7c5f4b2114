import Foundation

/// Training that is ended by signals at any time, and goes on until it is done: the results are those
/// of a run that nobody disturbed.
struct KillCampaign: Campaign {
  static let name = "kills"
  static let summary = "training that is killed, or asked to stop, again and again, and goes on"
  static let limits = CaseLimits(seconds: 30)

  private let bench: FaultBench
  private var folder: String { bench.work }
  /// How long an undisturbed run takes.
  private let seconds: Double

  init(folder: String) throws {
    bench = try FaultBench(folder: folder, epochs: 40)
    try bench.prepare(.warm)
    let start = Date()
    _ = try ToolRun(folder: bench.work).run(FaultBench.Work.warm.arguments)
    seconds = Date().timeIntervalSince(start)
  }

  mutating func run(_ test: inout Case) throws -> String {
    let work = test.random.pick([FaultBench.Work.cached, .warm, .streamed, .warmStreamed])
    try bench.prepare(work)
    var kills = 0
    // What a killed run left may outlast a run that is stopped before it looks.
    var wasKilled = false
    for _ in 0..<(1 + test.random.below(4)) {
      let signal = test.random.pick([SIGKILL, SIGKILL, SIGTERM, SIGHUP, SIGINT])
      let delay = seconds * 1.1 * Double(test.random.below(1000)) / 1000
      var arguments = work.arguments
      let checkpoint = "\(folder)/out/checkpoint.bin"
      let resumes = FileManager.default.fileExists(atPath: checkpoint)
      if resumes { arguments.append("--resume") }
      let outcome = try ToolRun(folder: folder).run(arguments, killAfter: (delay, signal))
      test.note("\(work), signal \(signal) after \(delay) s: \(outcome.text) \(outcome.errors)")
      if outcome.code == 0 { break }
      kills += 1
      let isStopped = outcome.code == 9 && signal != SIGKILL
      guard isStopped || outcome.signal == signal else {
        throw Fault(
          description: "\(work), signal \(signal) after \(delay) s: \(outcome.text)"
            + " \(outcome.errors)")
      }
      if isStopped, !FileManager.default.fileExists(atPath: checkpoint) {
        throw Fault(description: "\(work) was asked to stop and left no checkpoint")
      }
      if resumes, !FileManager.default.fileExists(atPath: checkpoint),
        bench.bytes("\(folder)/out/metrics.json") == nil
      {
        throw Fault(description: "\(work) lost its checkpoint")
      }
      try bench.checkResults(of: work, areAllThere: false, "after signal \(signal)")
      wasKilled = wasKilled || signal == SIGKILL
      if !wasKilled {
        try bench.checkNothingIsLeft(
          allowing: ["checkpoint.bin"], "after signal \(signal)")
      }
    }
    try bench.finish(work)
    return "kills: \(kills)"
  }
}

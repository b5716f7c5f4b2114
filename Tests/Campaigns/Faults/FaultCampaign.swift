import Foundation

/// Faults of the system at each of its calls: the program ends with a documented code, what it wrote is
/// whole, and the next run ends with the bits of an undisturbed one.
struct FaultCampaign: Campaign {
  static let name = "faults"
  static let summary =
    "system calls that fail, end early or kill (needs strace), and limits of the shell"
  static let limits = CaseLimits(seconds: 20)

  private let bench: FaultBench
  /// By work and call the first and last occurrence after the program has opened its first own file.
  private let calls: [FaultBench.Work: [String: ClosedRange<Int>]]
  private var folder: String { bench.work }

  init(folder: String) throws {
    bench = try FaultBench(folder: folder)
    var calls: [FaultBench.Work: [String: ClosedRange<Int>]] = [:]
    for work in FaultBench.Work.allCases {
      let log = "\(folder)/\(work.rawValue).log"
      if !FileManager.default.fileExists(atPath: log) {
        try bench.prepare(work)
        let list = SystemFault.errors.map(\.call).joined(separator: ",")
        let tool = ToolRun(
          folder: bench.work, wrapper: ["strace", "-f", "-o", log, "-e", "trace=\(list)"])
        let outcome = try tool.run(work.arguments)
        guard outcome.code == 0 else {
          throw Fault(description: "\(work) under strace: \(outcome.text): \(outcome.errors)")
        }
      }
      calls[work] = try Self.occurrences(log)
    }
    self.calls = calls
  }

  /// Counts calls of the first thread in a log of strace. Those of the loader are left out: what fails
  /// there is not the program.
  private static func occurrences(_ log: String) throws -> [String: ClosedRange<Int>] {
    let text = try String(contentsOfFile: log, encoding: .utf8)
    var counts: [String: Int] = [:]
    var found: [String: ClosedRange<Int>] = [:]
    var isOwn = false
    var first: Substring?
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
      guard parts.count == 2, let open = parts[1].firstIndex(of: "(") else { continue }
      first = first ?? parts[0]
      guard parts[0] == first else { continue }
      let call = parts[1][..<open].trimmingCharacters(in: .whitespaces)
      counts[call, default: 0] += 1
      // The first file that the program itself opens.
      if parts[1].contains(".json5") || parts[1].contains("plan.bin") || parts[1].contains("/out")
        || parts[1].contains("\"out")
      {
        isOwn = true
      }
      guard isOwn, let count = counts[call] else { continue }
      found[call] = (found[call]?.lowerBound ?? count)...count
    }
    return found
  }

  private func draw(_ work: FaultBench.Work, _ random: inout Random) -> SystemFault {
    if random.isOne(in: 8) {
      let (letter, range) = random.pick([("f", 0...80), ("n", 3...16), ("v", 40_000...400_000)])
      return SystemFault(
        call: "", kind: .limit(letter),
        number: range.lowerBound + random.below(range.count))
    }
    let known = calls[work] ?? [:]
    let candidates = SystemFault.errors.filter { known[$0.call] != nil }
    let (call, errors) = random.pick(candidates)
    let range = known[call] ?? 1...1
    let number = range.lowerBound + random.below(range.count)
    var kinds = errors.map(SystemFault.Kind.error) + [.kill]
    if call == "read" || call == "pread64" { kinds.append(.end) }
    return SystemFault(call: call, kind: random.pick(kinds), number: number)
  }

  mutating func run(_ test: inout Case) throws -> String {
    let work = test.random.pick(FaultBench.Work.allCases)
    let fault = draw(work, &test.random)
    test.note("\(work): \(fault)")
    try bench.prepare(work)
    let outcome = try ToolRun(folder: folder, wrapper: fault.wrapper()).run(work.arguments)
    test.note("\(outcome.text): \(outcome.errors)")
    do {
      try check(work, fault, outcome)
      try bench.finish(work)
    } catch let found as Fault {
      throw Fault(
        description: "\(work), \(fault), \(outcome.text): \(found.description): \(outcome.errors)")
    }
    return "\(fault.name): \(outcome.text)"
  }

  private func check(
    _ work: FaultBench.Work, _ fault: SystemFault, _ outcome: ToolRun.Outcome
  ) throws {
    guard let code = outcome.code else {
      guard fault.kind == .kill, outcome.signal == SIGKILL else {
        throw Fault(description: "it does not end by itself")
      }
      try bench.checkResults(of: work, areAllThere: false, "after a kill")
      return
    }
    // The loader, which a limit or an early call may hit, ends with 127.
    let isLoaders = ["shared librar", "cannot allocate"].contains { outcome.errors.contains($0) }
    if code == 127, isLoaders { return }
    guard code == 0 || (2...9).contains(code) else {
      throw Fault(description: "an undocumented exit code")
    }
    if code != 0, !outcome.errors.contains("error: ") {
      // Standard error itself may be what fails; it is a file, and a limit may leave it no byte.
      guard fault.call == "write" || fault.kind == .limit("f") && fault.number == 0
      else { throw Fault(description: "no message") }
    }
    try bench.checkResults(of: work, areAllThere: code == 0, "after the fault")
    // What could not be removed is left to the next run, and a lock that says EAGAIN is another run's.
    let isOthers = fault.call == "flock" && fault.kind == .error("EAGAIN")
    let cleans = !["unlink", "openat", "close"].contains(fault.call) && !isOthers
    if cleans {
      try bench.checkNothingIsLeft(
        allowing: code == 0 ? [] : ["checkpoint.bin"], "after the fault")
    }
  }
}

import Foundation
import TestSupport
import Testing

/// Where plan files come from, and what is read of files that are none.
@Suite struct PlanFileTests {
  /// Runs a shell line in the folder; `$0` is the tool.
  private func shell(_ line: String, in bench: Workbench) throws -> Tool.Outcome {
    let process = Process()
    let tool: URL = try #require(Tool.binary, "the binary mtlc is not beside the test bundle")
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", line, tool.path]
    process.currentDirectoryURL = URL(fileURLWithPath: bench.path)
    let (output, errors) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, errors)
    try process.run()
    let said = try output.fileHandleForReading.readToEnd() ?? Data()
    let wrong = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Tool.Outcome(
      code: process.terminationStatus, output: String(decoding: said, as: UTF8.self),
      errors: String(decoding: wrong, as: UTF8.self))
  }

  @Test func pipesHoldPlans() throws {
    let bench = try Workbench()
    try bench.expect(0, ["compile", "spec.json5", "-o", "plan.bin"])
    let expected = try bench.expect(0, ["inspect", "plan.bin"]).output
    #expect(expected.contains("small"))
    for line in [
      "mkfifo pipe && { cat plan.bin > pipe & } && \"$0\" inspect pipe",
      "\"$0\" inspect /dev/stdin < plan.bin", "cat plan.bin | \"$0\" inspect /dev/stdin",
      "cat plan.bin | \"$0\" inspect -",
    ] {
      let outcome = try shell(line, in: bench)
      #expect(outcome.code == 0 && outcome.output == expected, "\(line): \(outcome.errors)")
    }
    // What a pipe has more or less than the plan is told.
    for (line, words) in [
      ("{ cat plan.bin; echo; } | \"$0\" inspect -", "<stdin>: damaged plan"),
      ("head -c 500 plan.bin | \"$0\" inspect -", "<stdin>: truncated plan: 500 bytes of"),
      ("head -c 15 plan.bin | \"$0\" inspect -", "<stdin>: truncated plan: 15 bytes of"),
      ("printf '' | \"$0\" inspect -", "<stdin>: not a plan"),
      // It never ends.
      ("\"$0\" inspect /dev/zero", "/dev/zero: not a plan"),
    ] {
      let outcome = try shell(line, in: bench)
      #expect(outcome.code == 6 && outcome.errors.contains(words), "\(line): \(outcome.errors)")
    }
  }

  /// Of a large file that is no plan, or is cut, the head alone is read.
  @Test(.disabled(if: Sanitizer.isPresent, "a sanitizer needs more address space"))
  func largeFilesThatAreNoPlans() throws {
    let bench = try Workbench()
    try bench.expect(0, ["compile", "spec.json5", "-o", "plan.bin"])
    let plan = try bench.bytes("plan.bin")
    for (name, head, words) in [
      ("zeros.bin", [UInt8](repeating: 0, count: 64), "not a plan"),
      ("longer.bin", plan, "damaged plan: \(3 << 30) bytes, but it says it has \(plan.count)"),
      (
        "other.bin", Array(plan.prefix(8)) + [99, 0, 0, 0] + Array(plan.dropFirst(12)),
        "plan of format version 99"
      ),
    ] {
      try bench.write(head, to: name)
      let file = try #require(FileHandle(forWritingAtPath: "\(bench.path)/\(name)"))
      try file.truncate(atOffset: 3 << 30)
      try file.close()
      // Less than the file has.
      let outcome = try shell("ulimit -v 2000000; \"$0\" inspect \(name)", in: bench)
      #expect(outcome.code == 6 && outcome.errors.contains(words), "\(name): \(outcome.errors)")
    }
  }
}

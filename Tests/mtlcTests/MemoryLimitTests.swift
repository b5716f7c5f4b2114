import Foundation
import TestSupport
import Testing

/// Limits of address space from less than the program takes to start up to enough.
@Suite(.disabled(if: Sanitizer.isPresent, "a sanitizer needs more address space"))
struct MemoryLimitTests {
  @Test func aShortageEndsWithItsExitCode() throws {
    let bench = try Workbench()
    var codes: [Int32: Int] = [:]
    let fine: [Int] = Array(stride(from: 24, to: 96, by: 2))
    let coarse: [Int] = Array(stride(from: 96, to: 400, by: 32))
    for megabytes in fine + coarse {
      let outcome = try Tool.run(
        ["train", "spec.json5", "-o", "out", "--threads", "2", "-q"], in: bench,
        limit: "-v \(megabytes * 1024)")
      codes[outcome.code, default: 0] += 1
      let said = "\(megabytes) MiB: exit \(outcome.code): \(outcome.errors)"
      switch outcome.code {
      case 0:
        let plan = try bench.bytes("out/plan.bin")
        #expect(!plan.isEmpty, "\(said)")
      case 8: #expect(outcome.errors.hasPrefix("mtlc: error: "), "\(said)")
      // What loads the program and its libraries, or starts the language's runtime, comes before it.
      case 127:
        #expect(outcome.errors.contains("librar") || outcome.errors.contains("alloca"), "\(said)")
      default: Issue.record("\(said)")
      }
    }
    #expect(codes[0] != nil, "\(codes)")
    #if os(Linux) && arch(x86_64)
      #expect(codes[8] != nil)
    #endif
  }
}

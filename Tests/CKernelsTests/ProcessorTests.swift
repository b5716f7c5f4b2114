import CKernels
import Foundation
import Testing

/// Threads may leave a processor, and are free again afterwards.
@Suite struct ProcessorTests {
  @Test func aThreadLeavesAProcessorAndStaysFree() {
    let here = mtlc_current_processor()
    let before = ProcessInfo.processInfo.activeProcessorCount
    guard here >= 0 else {
      // The system does not say where a thread runs, and does not let it choose.
      #expect(mtlc_move_away_from([0], 1) == -1)
      return
    }
    let moved = mtlc_move_away_from([here], 1)
    #expect(moved == (before > 1 ? 0 : -1))
    #expect(ProcessInfo.processInfo.activeProcessorCount == before)
    // Numbers that no processor has do not count.
    #expect(mtlc_move_away_from([-1, 1 << 40], 2) == 0)
  }

  @Test func aThreadStaysWhereAllAreTaken() {
    let all = (0..<Int64(4096)).map { $0 }
    #expect(mtlc_move_away_from(all, Int64(all.count)) == -1)
  }
}

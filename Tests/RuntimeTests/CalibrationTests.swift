import Plan
import Runtime
import Schema
import Testing

/// Steps whose levels are shared by measured times.
@Suite struct CalibrationTests {
  static func plan() -> Plan {
    SessionTests.linear(
      inputs: 300, outputs: 200, capacity: 400,
      optimizer: Optimizer(kind: .adam, learningRate: 0.01))
  }

  @Test func bitsDoNotDependOnWhatWasMeasured() throws {
    var found: [[Float]] = []
    for (threads, adapts) in [(1, false), (2, true), (3, true), (2, false)] {
      let session = try Session(plan: Self.plan(), threads: threads)
      session.adaptsThreads = adapts
      session.initialize(seed: 3)
      var numbers = TestNumbers(2)
      try SessionTests.fill(session, "x", numbers.array(400 * 300))
      try SessionTests.fill(session, "labels", numbers.array(400 * 200))
      // More than all the calibration steps, and another batch size before and behind them.
      for step in 0..<40 { try session.run(.train, rows: step % 36 == 3 ? 77 : 400) }
      found.append(session.weights + session.optimizerStates.flatMap { $0 })
    }
    #expect(!found[0].contains { !$0.isFinite })
    for other in found.dropFirst() { #expect(found[0] == other) }
  }
}

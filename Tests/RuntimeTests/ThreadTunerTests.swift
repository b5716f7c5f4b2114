import Runtime
import Testing

@Suite struct ThreadTunerTests {
  /// The share of steps on all threads while those take `all` nanoseconds and others `alone`.
  private func share(_ tuner: inout ThreadTuner, all: UInt64, alone: UInt64, steps: Int) -> Double {
    var used = 0
    for _ in 0..<steps {
      if tuner.usesAll { used += 1 }
      tuner.record(tuner.usesAll ? all : alone)
    }
    return Double(used) / Double(steps)
  }

  @Test func keepsWhatIsFaster() {
    var tuner = ThreadTuner()
    #expect(share(&tuner, all: 30_000, alone: 50_000, steps: 20_000) > 0.99)
    tuner = ThreadTuner()
    #expect(share(&tuner, all: 700_000, alone: 250_000, steps: 10_000) < 0.01)
    // Long steps are tried out just as rarely.
    tuner = ThreadTuner()
    #expect(share(&tuner, all: 50_000_000, alone: 90_000_000, steps: 1000) > 0.95)
  }

  @Test func followsTheMachine() {
    var tuner = ThreadTuner()
    _ = share(&tuner, all: 30_000, alone: 50_000, steps: 10_000)
    #expect(share(&tuner, all: 7_000_000, alone: 50_000, steps: 3000) < 0.2)
    #expect(!tuner.usesAll)
    _ = share(&tuner, all: 30_000, alone: 50_000, steps: 50_000)
    #expect(tuner.usesAll)
  }
}

/// What the calls of a large level take is measured in some early steps, and the level is shared by
/// that. An estimate cannot know where a table's rows are found, or how fast this machine multiplies.
/// Results do not depend on who runs a tile.
extension Schedule {
  /// Levels that take less are shared by estimates alone, in nanoseconds.
  private static let worthMeasuring = 200_000.0
  /// A round tells what the cut of the round before made of the times.
  private static let rounds = 3
  private static let stepsOfARound = 6

  /// Whether some level is large enough.
  private func hasLargeLevels(
    _ calls: UnsafePointer<LinkedCall>, _ count: Int, rows: Int
  ) -> Bool {
    var sum = 0.0
    for k in 0..<count {
      if k > 0, calls[k].level != calls[k - 1].level { sum = 0 }
      sum += calls[k].estimate(rows: rows)
      if sum >= Self.worthMeasuring / 2 { return true }
    }
    return false
  }

  /// Measures steps to come of so many rows.
  func beginCalibration(_ calls: UnsafePointer<LinkedCall>, _ count: Int, rows: Int) {
    let measures = threads > 1 && hasLargeLevels(calls, count, rows: rows)
    calibrationSteps = measures ? Self.rounds * Self.stepsOfARound : 0
  }

  /// Runs a step that is measured; after the last one of a round the calls are arranged anew.
  func runCalibrationStep(_ calls: UnsafePointer<LinkedCall>, _ count: Int, rows: Int) {
    if calibrationSteps % Self.stepsOfARound == 0 {
      times.update(repeating: .max, count: threads * step.pointee.calls)
    }
    step.pointee.times = times
    Schedule.run(step)
    step.pointee.times = nil
    calibrationSteps -= 1
    guard calibrationSteps % Self.stepsOfARound == 0 else { return }
    correct(calls, count, rows: rows)
    arrange(calls, count, rows: rows)
  }

  private func correct(_ calls: UnsafePointer<LinkedCall>, _ count: Int, rows: Int) {
    var first = 0
    while first < count {
      var end = first
      var total = 0.0
      while end < count, calls[end].level == calls[first].level {
        total += measured(end) ?? 0
        end += 1
      }
      for k in first..<end where total >= Self.worthMeasuring {
        guard let time = measured(k) else { continue }
        corrections[k] = min(100, max(0.01, time / calls[k].estimate(rows: rows)))
      }
      first = end
    }
  }

  /// All threads' shares of a call together, each at its fastest.
  private func measured(_ call: Int) -> Double? {
    var sum = 0.0
    var isKnown = false
    for thread in 0..<threads {
      let time = times[thread * step.pointee.calls + call]
      guard time != .max else { continue }
      sum += Double(time)
      isKnown = true
    }
    return isKnown ? max(1, sum) : nil
  }

  static func workMeasured(
    _ step: UnsafeMutablePointer<Step>, _ thread: Int, _ times: UnsafeMutablePointer<UInt64>
  ) {
    let items = step.pointee.items + thread * step.pointee.capacity
    for k in 0..<step.pointee.counts[thread] {
      guard let run = items[k].run else {
        step.pointee.core?.barrier(step.pointee.threads)
        continue
      }
      let start = Platform.nanoseconds()
      run(items[k].arguments, items[k].first, items[k].last)
      let call = Int(items[k].call)
      times[call] = min(times[call], Platform.nanoseconds() &- start)
    }
  }
}

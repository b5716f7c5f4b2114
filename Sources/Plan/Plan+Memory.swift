extension Plan {
  /// Bytes that a session needs beside the data: parameters with their gradients and optimizer
  /// states, in training a copy of the parameters where the best are kept, and for each program its
  /// arena and feeds. Saturates instead of overflowing.
  public var memoryBytes: Int {
    // Early stopping keeps the best epoch's parameters.
    let kept = training.earlyStopping == nil ? 0 : 1
    let copies = program(.train) == nil ? 1 : 2 + training.optimizer.stateBlocks + kept
    var floats = Self.saturating(parameterFloats, times: copies)
    for program in programs {
      floats = Self.saturating(floats, plus: program.arenaFloats)
      for buffer in program.buffers where buffer.space == .feeds {
        floats = Self.saturating(floats, plus: buffer.count)
      }
    }
    return Self.saturating(floats, times: 4)
  }

  private static func saturating(_ value: Int, times factor: Int) -> Int {
    let (result, overflow) = value.multipliedReportingOverflow(by: factor)
    return overflow ? .max : result
  }

  private static func saturating(_ value: Int, plus other: Int) -> Int {
    let (result, overflow) = value.addingReportingOverflow(other)
    return overflow ? .max : result
  }
}

import Schema

extension Trainer {
  /// An earlier state of the run, from which steps can be done again.
  struct Recovery {
    let snapshot: EngineSnapshot?
    let cursor: BatchCursor
    let time: UInt64

    init(_ engine: any TrainingEngine, _ cursor: BatchCursor) {
      snapshot = engine.snapshot()
      self.cursor = cursor
      time = Platform.nanoseconds()
    }
  }

  /// What went wrong at step `step`: since every step can be repeated bit for bit, the run goes
  /// back to an earlier state, finds the first step after which something is not finite, and does
  /// that one looking at every result.
  func diagnose(
    _ recovery: Recovery, _ source: any BatchSource, _ destinations: [UnsafeMutableRawPointer?],
    until step: Int, _ position: TrainingPosition
  ) -> NumericError {
    let task = engine.tasks.indices.first { engine.loss(task: $0)?.isFinite == false }
    let loss = task.flatMap { engine.loss(task: $0) } ?? engine.loss
    // The sign of a NaN says nothing.
    let shown = loss.isNaN ? "nan" : "\(loss)"
    var error = NumericError(
      task: task.map { engine.tasks[$0].name }, observation: "loss is \(shown)", step: step,
      epoch: position.epoch + 1, origin: nil)
    if loss.isFinite, let parameter = engine.nonFiniteParameter() {
      error.observation = "parameter '\(parameter)' is not finite"
    }
    guard let snapshot = recovery.snapshot else {
      return error
    }
    do {
      // The first step whose end is not finite; its own epoch is counted as it comes.
      var first = step
      try engine.restore(snapshot)
      var cursor = recovery.cursor
      while engine.step < step, let rows = try write(&cursor, source, destinations) {
        try engine.train(rows: rows)
        if !engine.loss.isFinite || engine.nonFiniteParameter() != nil {
          first = engine.step
          break
        }
      }
      try engine.restore(snapshot)
      cursor = recovery.cursor
      while engine.step < first, let rows = try write(&cursor, source, destinations) {
        if engine.step + 1 == first {
          error.origin = try engine.trainLookingForNonFinite(rows: rows)
          if let origin = error.origin, first < step {
            error.origin = origin + " at step \(first)"
          }
        } else {
          try engine.train(rows: rows)
        }
      }
    } catch {
      // The finding itself stands without its origin.
    }
    return error
  }

  private func write(
    _ cursor: inout BatchCursor, _ source: any BatchSource,
    _ destinations: [UnsafeMutableRawPointer?]
  ) throws -> Int? {
    while !cursor.isDone {
      if let batch = try cursor.next() {
        Self.copy(cursor.rows, batch, source, destinations)
        setLearningRate(rowsInEpoch: cursor.rows.count)
        return batch.count
      }
      cursor.nextEpoch()
    }
    return nil
  }
}

extension Trainer {
  /// An earlier state of the run, from which steps can be done again.
  struct Recovery {
    /// nil where the state is too large to keep a copy of.
    let wayBack: (() throws -> Void)?
    let cursor: BatchCursor
    let time: UInt64

    init(_ engine: any ParameterEngine, _ cursor: BatchCursor) {
      wayBack = engine.wayBack()
      self.cursor = cursor
      time = Platform.nanoseconds()
    }
  }

  /// What went wrong at step `step`: since every step can be repeated bit for bit, the run goes
  /// back to an earlier state, finds the first step after which something is not finite, and does
  /// that one looking at every result.
  func diagnose(
    _ recovery: Recovery, until step: Int, _ position: TrainingPosition
  ) -> NumericError {
    let engine = steps.engine
    let (loss, task) = steps.loss
    // The sign of a NaN says nothing.
    let shown = loss.isNaN ? "nan" : "\(loss)"
    var error = NumericError(
      task: task, observation: "loss is \(shown)", step: step, epoch: position.epoch + 1,
      origin: nil)
    if loss.isFinite, let parameter = try? engine.nonFiniteParameter() {
      error.observation = "parameter '\(parameter)' is not finite"
    }
    guard let wayBack = recovery.wayBack else { return error }
    do {
      // The first step whose end is not finite; its own epoch is counted as it comes.
      var first = step
      try wayBack()
      var cursor = recovery.cursor
      var input: ExtremeNumber?
      while engine.step < step, try load(&cursor) {
        input = ExtremeNumber.farther(input, schema.flatMap(steps.extreme))
        try steps.train()
        if try !steps.loss.value.isFinite || engine.nonFiniteParameter() != nil {
          first = engine.step
          break
        }
      }
      try wayBack()
      cursor = recovery.cursor
      while engine.step < first, try load(&cursor) {
        if engine.step + 1 == first {
          error.extreme = ExtremeNumber.cause(input: input, weight: try ExtremeNumber(engine))
          error.origin = try steps.trainLookingForNonFinite()
          if let origin = error.origin, first < step {
            error.origin = origin + " at step \(first)"
          }
        } else {
          try steps.train()
        }
      }
    } catch {
      // The finding itself stands without its origin.
    }
    return error
  }

  /// Loads the next batch; false when there is none.
  private func load(_ cursor: inout BatchCursor) throws -> Bool {
    while !cursor.isDone {
      if let batch = try cursor.next() {
        try steps.load(batch, of: cursor)
        setLearningRate(cursor)
        return true
      }
      cursor.nextEpoch()
    }
    return false
  }
}

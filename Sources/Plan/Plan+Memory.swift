extension Plan {
  /// Bytes that a session needs beside the data: parameters with their gradients and optimizer
  /// states, in training a copy of the parameters where the best are kept, what parameters begin with
  /// in place of random numbers, sums of micro-batches, and for each program its arena and feeds. Saturates instead of overflowing.
  package var memoryBytes: Int {
    // Early stopping keeps the best epoch's parameters, a step on episodes the gradient of each; beside
    // an average are the parameters that it stands in for while the model is validated.
    let kept = (training.earlyStopping == nil ? 0 : 1).plus(training.weightsAverage == nil ? 0 : 2)
      .plus(episodes?.tasksPerStep ?? 0)
    let gradients = programs.contains { $0.kind != .predict } ? 1 : 0
    let states = program(.train) == nil ? 0 : training.optimizer.stateBlocks.plus(kept)
    let given = initial?.floats ?? 0
    let weights = parameterFloats.times(states.plus(1 + gradients)).plus(given)
      .plus(microBatchFloats)
    return programs.reduce(weights) { floats, program in
      floats.plus(program.arenaFloats).plus(program.feedFloats)
    }.times(4)
  }
}

extension Program {
  /// Floats of the block that its feeds lie in.
  package var feedFloats: Int {
    buffers.reduce(0) { end, buffer in
      buffer.space == .feeds ? max(end, buffer.offset.plus(buffer.count)) : end
    }
  }
}

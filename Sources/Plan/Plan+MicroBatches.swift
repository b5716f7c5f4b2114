import Schema

/// What the programs of a plan with micro-batches hand on to each other: the gradient block, and the gradients
/// of looked up rows.
extension Program {
  /// The fetch of a training program, and the feed of the update, with gradients of looked up rows.
  package static func rowGradients(_ number: Int) -> String { "row_gradients.\(number)" }

  /// The gradients of looked up rows that the program hands out, each a row for each row of the run.
  package var rowGradients: [FeedLayout.Feed] {
    fetches.compactMap { fetch in
      guard fetch.name.hasPrefix("row_gradients."), fetch.view.extents.count == 2,
        fetch.view.extents[0] == .batch(times: 1), case .fixed(let width) = fetch.view.extents[1]
      else { return nil }
      return FeedLayout.Feed(name: fetch.name, width: width, isInteger: false)
    }
  }

  /// The runs of the gradient block that the program reads, rising and apart.
  package var readGradients: [Range<Int>] {
    let reads = instructions.flatMap(\.operands).filter { operand in
      operand.access.reads && buffers.indices.contains(operand.view.buffer.index)
        && self[operand.view.buffer].space == .gradients
    }
    let runs = reads.compactMap { operand -> Range<Int>? in
      let start = self[operand.view.buffer].offset
      guard let bounds = operand.view.bounds(rows: batchCapacity),
        case (let low, let high) = (start.plus(bounds.lowerBound), start.plus(bounds.upperBound)),
        low <= high
      else { return nil }
      return low..<high + 1
    }
    var merged: [Range<Int>] = []
    for run in runs.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, run.lowerBound <= last.upperBound {
        merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, run.upperBound)
      } else {
        merged.append(run)
      }
    }
    return merged
  }
}

extension Plan {
  /// Floats that a session needs for the sums of micro-batches and for the rows of a whole batch.
  var microBatchFloats: Int {
    guard let update = program(.update), let train = program(.train) else { return 0 }
    let sums = update.readGradients.reduce(0) { $0.plus($1.count) }
    let levels = Int.bitWidth - max(0, training.microBatches.count - 1).leadingZeroBitCount
    let width = train.feeds.reduce(0) { $0.plus($1.width) }
    return sums.times(levels).plus(width.times(training.batchSize))
  }
}

import Data
import Schema

/// Rows whose labels contradict the order of a funnel: a step without the step before.
struct FunnelOrder {
  struct Contradiction {
    var step: String
    var before: String
    var rows: Int
    /// Rows with the step, whether with the one before or not.
    var positives: Int

    /// - Parameter set: Where the rows are from, as `training rows: `; may be empty.
    func finding(_ set: String = "") -> Finding {
      Finding(
        kind: .funnelOrder, subject: step, message: set + text)
    }

    private var text: String {
      "\(Format.count(rows)) of \(Format.count(positives)) rows with \(step) are without \(before),"
        + " which comes before it in the funnel"
    }
  }

  let contradictions: [Contradiction]

  /// - Parameter steps: The tasks from the first step to the last; empty for a model without steps.
  init(_ dataset: Dataset, _ schema: DataSchema, steps: [String]) {
    let columns = steps.compactMap { step in
      schema.labels.firstIndex { $0.task == step }
    }
    guard columns.count == steps.count, let labels = dataset.floats(FeedLayout.labels),
      let mask = dataset.floats(FeedLayout.labelMask)
    else {
      contradictions = []
      return
    }
    let width = schema.labels.count
    var found = zip(steps, steps.dropFirst()).map {
      Contradiction(step: $1, before: $0, rows: 0, positives: 0)
    }
    labels.withUnsafeBufferPointer { labels in
      mask.withUnsafeBufferPointer { mask in
        for row in stride(from: 0, to: labels.count, by: width) {
          for k in found.indices {
            let (before, step) = (row + columns[k], row + columns[k + 1])
            guard mask[step] == 1, mask[before] == 1, labels[step] == 1 else { continue }
            found[k].positives += 1
            if labels[before] != 1 { found[k].rows += 1 }
          }
        }
      }
    }
    contradictions = found.filter { $0.rows > 0 }
  }
}

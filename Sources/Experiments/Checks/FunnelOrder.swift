import Data
import Schema

/// Rows whose labels contradict the order of a funnel, a step without the step before, or lack what
/// follows from it: where a step was not taken, the next one was not either.
struct FunnelOrder {
  struct Step {
    var step: String
    var before: String
    /// Rows with the step and without the one before.
    var contradictions = 0
    /// Rows with the step, whether with the one before or not.
    var positives = 0
    /// Rows without the step before, and those of them whose label of the step is missing.
    var negatives = 0
    var unlabelled = 0
  }

  let steps: [Step]

  /// - Parameter steps: The tasks from the first step to the last; empty for a model without steps.
  init(_ dataset: Dataset, _ schema: DataSchema, steps: [String]) {
    let columns = steps.compactMap { step in
      schema.labels.firstIndex { $0.task == step }
    }
    guard columns.count == steps.count, let labels = dataset.floats(FeedLayout.labels),
      let mask = dataset.floats(FeedLayout.labelMask)
    else {
      self.steps = []
      return
    }
    let width = schema.labels.count
    var found = zip(steps, steps.dropFirst()).map { Step(step: $1, before: $0) }
    labels.withUnsafeBufferPointer { labels in
      mask.withUnsafeBufferPointer { mask in
        for row in stride(from: 0, to: labels.count, by: width) {
          for k in found.indices {
            let (before, step) = (row + columns[k], row + columns[k + 1])
            guard mask[before] == 1 else { continue }
            if labels[before] != 1 {
              found[k].negatives += 1
              if mask[step] != 1 { found[k].unlabelled += 1 }
            }
            guard mask[step] == 1, labels[step] == 1 else { continue }
            found[k].positives += 1
            if labels[before] != 1 { found[k].contradictions += 1 }
          }
        }
      }
    }
    self.steps = found
  }

  /// - Parameter set: Where the rows are from, as `training rows: `; may be empty.
  func findings(_ set: String = "") -> [Finding] {
    steps.flatMap { step in
      var found: [Finding] = []
      if step.contradictions > 0 {
        found.append(
          Finding(
            kind: .funnelOrder, subject: step.step,
            message: set + "\(Format.count(step.contradictions)) of \(Format.count(step.positives))"
              + " rows with \(step.step) are without \(step.before), which comes before it in the"
              + " funnel"))
      }
      if step.unlabelled > 0 {
        found.append(
          Finding(
            kind: .missingSteps, subject: step.step,
            message: set
              + "\(Format.count(step.unlabelled)) of \(Format.count(step.negatives)) rows"
              + " with \(step.before) 0 have no label \(step.step), which must be 0 there: left out,"
              + " \(step.step) is learned of the other rows alone; write 0 into these rows"))
      }
      return found
    }
  }
}

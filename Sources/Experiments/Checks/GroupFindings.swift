import Data
import ModelDefs
import Schema

/// Finds losses that compare the rows of a group where no group has rows to compare.
struct GroupFindings {
  let spec: Spec
  let training: FittedData

  var findings: [Finding] {
    spec.tasks.enumerated().compactMap { column, task in
      guard task.loss.comparesRows, !hasPair(column) else { return nil }
      return Finding(
        kind: .noPairs, subject: task.name,
        message: "task \(task.name): no group of data.group_by has rows with different labels, so"
          + " that the loss \(task.loss.rawValue) has nothing to rank")
    }
  }

  /// Whether two rows of one group have different labels of a task.
  private func hasPair(_ column: Int) -> Bool {
    let dataset = training.dataset
    guard let halves = dataset.integers(FeedLayout.group),
      let labels = dataset.floats(FeedLayout.labels),
      let mask = dataset.floats(FeedLayout.labelMask)
    else { return true }
    let width = training.schema.labels.count
    var first: [[Int32]: Float] = [:]
    for row in 0..<dataset.rowCount where mask[row * width + column] > 0 {
      let number = [halves[2 * row], halves[2 * row + 1]]
      let label = labels[row * width + column]
      if number == [0, 0] { continue }
      if let known = first[number], known != label { return true }
      first[number] = label
    }
    return false
  }
}

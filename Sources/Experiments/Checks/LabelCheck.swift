import Data
import ModelDefs
import Schema

/// Refuses labels that nothing can be learned from.
enum LabelCheck {
  /// Throws `DataError`.
  static func require(_ spec: Spec, _ statistics: DataStatistics) throws {
    for ((task, label), schema) in zip(
      zip(spec.tasks, statistics.labels), spec.dataDeclaration.labels)
    {
      let place = spec.files.train.first.map { DataError.Place(file: $0) }
      guard label.present > 0 else {
        throw DataError(
          "task \(task.name): no row has a label in column \"\(label.column)\"", at: place,
          hint: schema.weighsRows
            ? "rows outside of its \"where\", and those of weight 0, have none" : nil)
      }
      if task.loss == .ziln, let low = label.minimum, low < 0 {
        throw DataError(
          "task \(task.name): the loss ziln is for amounts of 0 and more, and column"
            + " \"\(label.column)\" has \(low)", at: place)
      }
      if task.loss == .ziln, let high = label.maximum, high == 0 {
        throw DataError(
          "task \(task.name): no row has an amount above 0 in column \"\(label.column)\"",
          at: place, hint: "there is nothing to learn")
      }
      if task.isMulticlass, let low = label.minimum, low == label.maximum {
        throw DataError(
          "task \(task.name): every row has the same class in column \"\(label.column)\"",
          at: place, hint: "there is nothing to tell apart")
      }
      if schema.kind == .soft, let low = label.minimum, low == label.maximum {
        throw DataError(
          "task \(task.name): every row has the same label in column \"\(label.column)\"",
          at: place, hint: "there is nothing to tell apart")
      }
      guard task.isBinary, schema.kind != .soft else { continue }
      if label.positives == 0 {
        throw DataError(
          "task \(task.name): no row has a positive label in column \"\(label.column)\"",
          at: place,
          hint: schema.kind != .binary
            ? "its \"positive\" list must hold texts of that column"
            : "every label is 0: there is nothing to learn")
      }
      if label.positives == label.present {
        throw DataError(
          "task \(task.name): every row has a positive label in column \"\(label.column)\"",
          at: place, hint: "there is nothing to tell apart")
      }
    }
  }
}

import ModelDefs
import Plan
import Schema

extension Spec {
  /// What a plan records of the tasks, then of the model's further predictions.
  var taskRecords: [TaskRecord] {
    func column(_ task: String) -> Int? { tasks.firstIndex { $0.name == task } }
    return tasks.enumerated().map { column, task in
      TaskRecord(
        name: task.name, kind: task.kind, output: OutputName.prediction(task.name),
        labelColumn: column)
    }
      + conditionalOutputs.map { output in
        TaskRecord(
          name: output.name, kind: .binary, output: OutputName.prediction(output.name),
          labelColumn: column(output.task), conditionColumn: column(output.condition))
      }
  }
}

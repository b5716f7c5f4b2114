import Foundation
import ModelDefs
import Plan
import Schema

/// What a plan records of a spec beside the programs.
extension Spec {
  /// The tasks, then the model's further predictions.
  var taskRecords: [TaskRecord] {
    let records = tasks.enumerated().map { column, task in
      TaskRecord(
        name: task.name, kind: Self.kind(task),
        output: ModelOutput.prediction(task.name), labelColumn: column)
    }
    func column(_ task: String) -> Int? { tasks.firstIndex { $0.name == task } }
    return records
      + conditionalOutputs.map { output in
        TaskRecord(
          name: output.name, kind: .binary, output: ModelOutput.prediction(output.name),
          labelColumn: column(output.task), conditionColumn: column(output.condition))
      }
  }

  private static func kind(_ task: TaskSpec) -> TaskKind {
    task.isMulticlass
      ? .multiclass(classes: task.outputs) : task.isBinary ? .binary : .regression
  }

  /// How the plan trains, its files as absolute paths.
  var trainingSettings: TrainingSettings {
    let isEpisodic = training.episodes != nil
    return TrainingSettings(
      batchSize: isEpisodic ? 1 : training.batchSize,
      evaluationBatchSize: isEpisodic ? 1 : training.evalBatchSize,
      epochs: isEpisodic ? 1 : training.epochs, seed: training.seed, shuffle: training.shuffle,
      optimizer: optimizer, trainPaths: Self.absolute(files.train),
      validationPaths: Self.absolute(files.validation), testPaths: Self.absolute(files.test),
      validationFraction: files.validationFraction, schedule: training.schedule,
      clipping: training.clipping, earlyStopping: training.earlyStopping,
      taskWeighting: training.taskWeighting,
      taskWeights: tasks.map { TaskWeight(task: $0.name, weight: $0.weight) },
      kernels: training.kernels)
  }

  /// The optimizer, and the one of the embedding tables with their names.
  private var optimizer: Optimizer {
    var optimizer = training.optimizer
    guard var sparse = training.sparseOptimizer else { return optimizer }
    for name in features.compactMap(\.input.tableParameter)
    where !sparse.tables.contains(name) {
      sparse.tables.append(name)
    }
    optimizer.sparse = sparse.tables.isEmpty ? nil : sparse
    return optimizer
  }

  private static func absolute(_ paths: [String]) -> [String] {
    paths.map { $0 == "-" ? $0 : URL(fileURLWithPath: $0).standardizedFileURL.path }
  }
}

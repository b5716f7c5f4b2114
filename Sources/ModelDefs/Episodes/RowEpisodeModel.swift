import GraphIR
import Schema
import TensorTypes

/// MAML on tables: a task is a group of rows, of which `supportRows` are adapted on and `queryRows`
/// predicted.
package struct RowEpisodeModel: Sendable {
  package var base: ModelSpec
  package var inner: InnerLoop
  /// The column that names a row's group.
  package var group: String
  package var supportRows: Int
  package var queryRows: Int
  package var adapts: AdaptedPart

  /// Emits the program of one group: the inner loop on its support rows, then the loss and the
  /// predictions of its query rows. A program that evaluates predicts them before the inner loop
  /// too, as `prediction.before.<task>`.
  /// - Parameters:
  ///   - features: Of the spec, as the tasks of the context.
  ///   - schema: The data schema of the features, without the group.
  package func build<E: DifferentiableEmitter>(
    features: [FeatureSpec], _ context: ModelContext, schema: DataSchema, on base: E
  ) throws {
    let tasks = context.tasks
    let e = AdaptedEmitter(base) { id in
      adapts == .all || !id.name.hasPrefix(FeatureEncoder.tablePrefix)
    }
    func heads(_ part: String, _ rows: Int) throws -> (loss: E.Tensor, outputs: [E.Tensor]) {
      e.read(part, rows: rows)
      let encoder = FeatureEncoder(features: features, schema: schema)
      let encoded = try encoder.encode(on: e)
      let heads = try self.base.forward(encoded, context, on: e)
      guard heads.outputs.count == tasks.count else {
        throw ModelError("the model has \(heads.outputs.count) heads for \(tasks.count) tasks")
      }
      let losses = try TaskLoss(context, schema, hasMissingLabels: false, on: e)
      var total: E.Tensor?
      for (column, task) in tasks.enumerated() {
        let loss = try e.scale(
          losses.loss(column, head: heads.outputs[column]), by: task.weight)
        total = try total.map { try e.add($0, loss) } ?? loss
      }
      for penalty in heads.penalties { total = try total.map { try e.add($0, penalty.value) } }
      guard let total else { throw ModelError("the model has no tasks") }
      let outputs = try tasks.indices.map { task in
        try e.prediction(tasks[task], of: heads.outputs[task], context.priors[task])
      }
      return (total, outputs)
    }
    if !base.isTraining {
      let before = try heads(EpisodeName.query, queryRows)
      try e.output(EpisodeName.lossBefore, before.loss)
      for (task, output) in zip(tasks, before.outputs) {
        try e.output(EpisodeName.predictionBefore(task.name), output)
      }
    }
    try inner.adapt(e) { try heads(EpisodeName.support, supportRows).loss }
    let query = try heads(EpisodeName.query, queryRows)
    try e.output(OutputName.loss, query.loss)
    for (task, output) in zip(tasks, query.outputs) {
      try e.output(OutputName.prediction(task.name), output)
    }
  }
}

extension RowEpisodeModel {
  /// What the feature that holds the group is called; it follows those of the spec.
  package static let groupFeature = "model.group"
  /// Groups are told apart by a hash of their names with so many values.
  package static let groupBuckets = 2_000_000_000

  /// The group as a feature: an id that is a hash of its column.
  var groupDeclaration: FeatureDeclaration {
    FeatureDeclaration(
      name: Self.groupFeature, column: group, kind: .id(.hash(buckets: Self.groupBuckets)))
  }
}

extension DataSchema {
  /// The schema without the feature that holds the group of an episode.
  package var withoutGroup: DataSchema {
    var schema = self
    if schema.features.last?.name == RowEpisodeModel.groupFeature { schema.features.removeLast() }
    return schema
  }
}

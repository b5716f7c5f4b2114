import GraphIR
import Schema

/// Emits a spec's model with its losses and outputs.
///
/// For `.predict` the emitter must not be training, or dropout would drop.
/// - Parameters:
///   - schema: The spec's data declaration after it was fitted.
///   - priors: What is known of the tasks' labels, in their order; empty for nothing.
///   - hasMissingLabels: Whether some label of the training data may be absent. Without any, losses
///     are plain means and the feed `label_mask` is not read.
///   - isPart: Whether the rows of a training step are a part of a batch: one of its micro-batches.
/// - Throws: `ModelError` when spec and schema do not belong together, `TypeError`.
package func buildModel<E: Emitter>(
  _ spec: Spec, schema: DataSchema, priors: [LabelPrior?] = [], purpose: ProgramPurpose,
  hasMissingLabels: Bool = true, isPart: Bool = false, on emitter: E
) throws {
  guard schema.labels.map(\.task) == spec.tasks.map(\.name) else {
    throw ModelError("the labels of the data schema are not those of the spec's tasks")
  }
  let encoder = FeatureEncoder(
    features: spec.features, schema: schema, l2: spec.l2, embeddingL2: spec.embeddingL2)
  let features = try encoder.encode(on: emitter)
  let context = ModelContext(
    tasks: spec.tasks, priors: priors, l2: spec.l2,
    members: spec.model.ensemble?.members ?? 1)
  let heads = try spec.model.forward(features, context, on: emitter)
  guard heads.outputs.count == spec.tasks.count else {
    throw ModelError("the model has \(heads.outputs.count) heads for \(spec.tasks.count) tasks")
  }
  if purpose == .train {
    let hasWeights =
      hasMissingLabels || schema.labels.contains(where: \.weighsRows)
    let batch =
      isPart ? try BatchWeights(spec.tasks.count, on: emitter) : nil
    let losses = try TaskLoss(
      context, schema,
      hasMissingLabels: hasWeights, batch: batch, on: emitter)
    let weights = try TaskWeights(
      spec.training.taskWeighting, spec.tasks, context.priors, on: emitter)
    var own: [E.Tensor] = []
    var total: E.Tensor?
    for (column, task) in spec.tasks.enumerated() {
      let loss = try losses.loss(column, head: heads.outputs[column])
      try emitter.output(OutputName.loss(task.name), loss)
      own.append(loss)
      let weighed = try weights.weighted(
        loss, task: column, isAbsent: losses.isAbsent(column))
      let share = task.weight == 1 ? weighed : try emitter.scale(weighed, by: task.weight)
      total = try total.map { try emitter.add($0, share) } ?? share
    }
    try weights.keepState(own, batch)
    var penalties: E.Tensor?
    for (name, penalty) in heads.penalties {
      try emitter.output(OutputName.loss(name), penalty)
      penalties = try penalties.map { try emitter.add($0, penalty) } ?? penalty
    }
    if let penalties {
      total = try total.map { try emitter.add($0, penalties) } ?? penalties
      if spec.training.taskWeighting.needsTaskGradients {
        try emitter.output(OutputName.penalty, penalties)
      }
    }
    if let total { try emitter.output(OutputName.loss, total) }
  }
  for (column, task) in spec.tasks.enumerated() {
    let prediction = try emitter.prediction(
      task, of: heads.outputs[column], context.priors[column])
    try emitter.output(OutputName.prediction(task.name), emitter.memberMean(prediction))
  }
  for (name, value) in heads.extras {
    try emitter.output(OutputName.prediction(name), emitter.memberMean(value))
  }
}

import GraphIR
import Passes
import Plan
import Runtime
import Schema
import TensorTypes

/// Two tasks on one hidden layer: y0 is whether x0 > x1, y1 whether x0·x1 > 0.
func model(training: Bool) throws -> Graph {
  let e = GraphBuilder(name: "two-tasks", isTraining: training)
  func dense(_ x: ValueID, _ from: Int, _ to: Int, _ name: String) throws -> ValueID {
    let kernel = Parameter(
      ParameterID("\(name).kernel"), .f32(.fixed(from), .fixed(to)), .normal(0.5))
    let bias = Parameter(ParameterID("\(name).bias"), .f32(.fixed(to)), .constant(0))
    return try e.add(e.matmul(x, e.parameter(kernel)), e.parameter(bias))
  }
  let hidden = try e.relu(dense(e.input("numeric", .f32(.batch, 2)), 2, 16, "hidden"))
  let logits = try dense(hidden, 16, 2, "heads")
  try e.output("prediction", e.sigmoid(logits))
  guard training else { return e.graph }
  let labels = try e.input("labels", .f32(.batch, 2))
  try e.output("loss", e.mean(e.sub(e.softplus(logits), e.mul(logits, labels))))
  return e.graph
}

let plan = try Compiler().compile(
  .init(
    name: "two-tasks", schema: DataSchema(format: TableFormat(), features: [], labels: []),
    tasks: [],
    training: TrainingSettings(
      batchSize: 64, evaluationBatchSize: 64, epochs: 1, seed: 1,
      optimizer: .init(kind: .adam, learningRate: 0.01)),
    trainingGraph: model(training: true), predictionGraph: model(training: false))
).plan
let session = try Session(plan: plan)
session.initialize(seed: 1)
let x = try session.feed("numeric", .train).base.assumingMemoryBound(to: Float.self)
let y = try session.feed("labels", .train).base.assumingMemoryBound(to: Float.self)
for step in 1...2000 {
  for row in 0..<64 {
    let (a, b) = (Float.random(in: -1...1), Float.random(in: -1...1))
    (x[2 * row], x[2 * row + 1]) = (a, b)
    (y[2 * row], y[2 * row + 1]) = (a > b ? 1 : 0, a * b > 0 ? 1 : 0)
  }
  try session.run(.train, rows: 64)
  if step % 500 == 0 { print("step \(step): loss \(try session.fetch("loss", .train).scalar)") }
}

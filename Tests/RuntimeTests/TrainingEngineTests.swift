import GraphIR
import Plan
import Runtime
import Schema
import TensorTypes
import Testing

/// The eager engine behind the same trainer as a plan.
@Suite struct TrainingEngineTests {
  /// The linear model of `SessionTests`, emitted op by op.
  static func eager(seed: UInt64, learningRate: Double) -> EagerTrainingEngine {
    let model = EagerModel<Float>(
      seed: seed, optimizer: Optimizer(kind: .adam, learningRate: learningRate)
    ) { engine in
      let x = try engine.input("x", .f32(.batch, 3))
      let w = try engine.parameter(Parameter("w", .f32(3, 1), .normal(0.3)))
      let b = try engine.parameter(Parameter("b", .f32(1), .constant(0.5)))
      let y = try engine.add(engine.matmul(x, w), b)
      guard engine.isTraining else { return try engine.output("prediction.y", y) }
      let error = try engine.square(engine.sub(y, engine.input("labels", .f32(.batch, 1))))
      let loss = try engine.mean(error)
      try engine.output("loss", loss)
      try engine.output("loss.y", loss)
    }
    return EagerTrainingEngine(
      model: model,
      tasks: [TaskRecord(name: "y", kind: .regression, output: "prediction.y", labelColumn: 0)],
      trainCapacity: 8, predictCapacity: 16)
  }

  @Test func eagerAndPlanTrainAlike() throws {
    let plan = TrainerTests.plan(capacity: 8, learningRate: 0.02)
    let compiled = try TrainerTests.engine(plan)
    let eager = Self.eager(seed: plan.training.seed, learningRate: 0.02)
    let source = TrainerTests.source(rows: 53)
    var reports: [TrainingReport] = []
    for engine in [compiled, eager] as [any TrainingEngine] {
      let steps = try RowSteps(
        engine, plan.training, source, order: TrainerTests.order(53),
        validation: (source, (10..<40).map { $0 }))
      reports.append(try Trainer(steps).train())
    }
    #expect(eager.step == compiled.step)
    #expect(Set(eager.parameterNames) == Set(compiled.parameterNames))
    for name in eager.parameterNames {
      for (a, b) in zip(try eager.parameter(name), try compiled.parameter(name)) {
        #expect(abs(a - b) < 1e-4)
      }
    }
    for (a, b) in zip(reports[0].epochs, reports[1].epochs) {
      let (p, q) = (a.validation?["y"]?["rmse"]?.value, b.validation?["y"]?["rmse"]?.value)
      #expect(try abs(#require(p) - #require(q)) < 1e-4)
    }
    // The plan's loss is a sum, the eager one a mean.
    #expect(reports[1].epochs[0].taskLosses == [reports[1].epochs[0].loss])
    #expect(reports[0].epochs[0].taskLosses == [nil])
  }

  @Test func eagerNamesTheOpThatOverflowed() throws {
    let eager = Self.eager(seed: 1, learningRate: 0.1)
    let steps = try RowSteps(
      eager, TrainerTests.plan(capacity: 8).training, TrainerTests.source(rows: 50, broken: 40),
      order: TrainerTests.order(50))
    let error = #expect(throws: NumericError.self) { _ = try Trainer(steps).train() }
    #expect(error?.step == 3)
    #expect(error?.task == "y")
    #expect(error?.origin == "what follows the layer \"b\" (square(f32[B, 1]) → f32[B, 1])")
  }

  @Test func snapshotsBringTheStateBack() throws {
    let plan = TrainerTests.plan(capacity: 8)
    let compiled = try TrainerTests.engine(plan)
    let eager = Self.eager(seed: 4, learningRate: 0.1)
    let source = TrainerTests.source(rows: 8)
    for engine in [compiled, eager] as [any TrainingEngine] {
      let destinations = try engine.destinations(for: source.feeds, .train)
      (0..<8).map { Int32($0) }.withUnsafeBufferPointer {
        source.copyRows($0, into: destinations)
      }
      try engine.train(rows: 8)
      let goBack = try #require(engine.wayBack())
      try engine.train(rows: 8)
      let after = try engine.parameter("w")
      try goBack()
      #expect(engine.step == 1)
      #expect(try engine.parameter("w") != after)
      try engine.train(rows: 8)
      #expect(try engine.parameter("w") == after)
    }
  }
}

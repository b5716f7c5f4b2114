import Data
import Experiments
import Plan
import Runtime
import Schema

/// All that is done with a plan. Every one is run; in one of so many cases it is shown, encoded, exported,
/// profiled, trained, gone on with, predicted and evaluated with, and called by the functions of the C
/// library, which take longer. An error is a result; what may not happen is a trap, a hang, or memory
/// beyond what the plan says.
struct PlanConsumers {
  /// Bytes that a plan may say that it needs to be run here.
  static let largestPlan = 1 << 28
  /// Work that a plan may ask for: more tasks, as many steps as they are, take longer than a case.
  private static let mostTasks = 64

  /// A file of rows.
  let rows: String
  /// A folder of this process's own.
  let folder: String

  /// - Returns: How far it came.
  func use(_ plan: Plan, _ test: inout Case) throws -> String {
    let compiled = CompiledPlan(plan)
    if test.random.isOne(in: 24) {
      test.note("shown")
      _ = compiled.components
      _ = plan.tasks.map { compiled.label(of: $0) }
      _ = plan.programs.map { ($0.flops, $0.intermediateBytes, $0.kernels) }
      _ = compiled.listing.utf8.count
    }
    if test.random.isOne(in: 24) {
      test.note("encoded")
      // By bytes, since a plan with a NaN is not equal to itself.
      let bytes = plan.encoded()
      guard try Plan(decoding: bytes).encoded() == bytes else {
        throw Fault(description: "the plan reads back as another")
      }
    }
    do {
      test.note("run")
      try run(plan, &test)
    } catch {
      test.note("\(error)")
      return "valid, not run: \(Swift.type(of: error))"
    }
    if test.random.isOne(in: 24) {
      attempt("exported", &test) { test in try export(compiled, &test) }
    }
    if test.random.isOne(in: 24) { try CFunctions(rows: rows).use(plan.encoded(), &test) }
    if test.random.isOne(in: 24) {
      attempt("trained", &test) { _ in
        guard plan.episodes?.tasksPerStep ?? 0 <= Self.mostTasks else { return }
        _ = try compiled.train(threads: 1, observer: StopAfter(steps: 2))
      }
    }
    if let progress = plan.progress, test.random.isOne(in: 8) {
      attempt("gone on with", &test) { _ in try goOn(plan, progress) }
    }
    if plan.weights != nil, test.random.isOne(in: 24) {
      attempt("evaluated with", &test) { _ in
        if let episodes = plan.episodes {
          guard episodes.evaluationEpisodes <= Self.mostTasks else { return }
          _ = try compiled.evaluate(plan.training.trainPaths, threads: 1)
        } else {
          let predictor = try Predictor(compiled, threads: 1)
          _ = try predictor.evaluate([rows])
          _ = try predictor.predict([["city": "rome", "age": "30"], ["history": "oslo|bern"]])
        }
      }
    }
    if test.random.isOne(in: 2_000) {
      attempt("profiled", &test) { _ in _ = try compiled.profile() }
    }
    return "valid, run"
  }

  private func attempt(_ what: String, _ test: inout Case, _ body: (inout Case) throws -> Void) {
    test.note(what)
    do { try body(&test) } catch { test.note("\(error)") }
  }

  /// Writes the plan in one of the forms for other programs.
  private func export(_ plan: CompiledPlan, _ test: inout Case) throws {
    let format = test.random.pick(ExportRequest.formats)
    var request = try ExportRequest(format: format.name)
    request.includesStates = format.options.contains(.states) && test.random.isOne(in: 2)
    if format.options.contains(.inputs) {
      request.inputs = test.random.pick([.encoded, .raw])
    }
    if format.options.contains(.verification), test.random.isOne(in: 4) {
      request.verification = "\(folder)/rows.json"
    }
    let path = "\(folder)/plan\(format.suffix ?? "")"
    let files = try plan.export(request, to: path)
    test.note("\(files)")
    if format.name == "safetensors" { _ = try plan.withWeights(contentsOf: path) }
  }

  /// Runs every program, on the most extreme ids that there are.
  private func run(_ plan: Plan, _ test: inout Case) throws {
    let session = try Session(plan: plan, threads: test.random.isOne(in: 16) ? 2 : 1)
    for program in plan.programs {
      for feed in try session.feeds(program.kind) where feed.isInteger {
        let extremes: [Int32] = [0, 1, -1, .max, .min, 7]
        for index in 0..<feed.width * feed.capacity {
          feed.base.storeBytes(
            of: extremes[index % extremes.count], toByteOffset: 4 * index, as: Int32.self)
        }
      }
      // Odd numbers of rows take the paths at the edges.
      for rows in [1, 3, program.batchCapacity] where rows <= program.batchCapacity {
        try session.run(program.kind, rows: rows)
      }
      for fetch in program.fetches {
        _ = try session.fetch(fetch.name, program.kind).values(rows: program.batchCapacity)
      }
      _ = try session.runLookingForNonFinite(program.kind, rows: 1)
    }
  }

  /// Goes on with a checkpoint as a resumed run does.
  private func goOn(_ plan: Plan, _ progress: TrainingProgress) throws {
    let dataset = try Dataset.read([rows], schema: plan.schema).0
    let all = Array(0..<Int32(clamping: dataset.rowCount))
    let steps = try RowSteps(
      StaticEngine(plan: plan, threads: 1), plan.training, dataset, order: { _ in EpochOrder(all) },
      validation: (dataset, all))
    let trainer = Trainer(steps)
    let stop = StopAfter(steps: 2)
    trainer.shouldStop = { stop.shouldStop }
    _ = try trainer.train(from: TrainingPosition(progress))
  }
}

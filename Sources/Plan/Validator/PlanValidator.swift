/// Proves, before anything runs, that a plan touches only what it may. Its invariants:
///
/// 1. Sizes are not negative, none is absurd, and no arithmetic on them overflows. Counters of the
///    training progress and of its reports are far from their limits.
/// 2. Parameters lie inside the parameter block, do not overlap, and have unique names; weights and
///    optimizer states have the block's size, initial values that of the rows that they are for.
/// 3. The schema's encoders can encode: buckets rise, counts are positive, numbers are finite.
/// 4. Each kind of program is there once at the most; every buffer lies inside its space, every
///    view inside its buffer at the batch capacity (and so at fewer rows).
/// 5. Feeds are those of the schema, with its widths and types, side by side, and of episodes those
///    that their sizes ask for; fetches are readable and not much larger than what they read, and
///    every task's output is one of the predict program.
/// 6. Arena buffers whose lifetimes overlap do not share memory; no instruction touches a buffer
///    outside its lifetime; nothing is read from the arena that no earlier level wrote.
/// 7. Levels rise, and an instruction writes nothing that another of its level reads or writes.
/// 8. Operands of every instruction agree in shape and type; register, operand, expert and column
///    numbers are in range; what is written is written once; an operand is overwritten only
///    where it is the same view. What it walks over, repeated elements included, is bounded by
///    what its operands have.
/// 9. Feeds are never written; parameters and gradients only as the kind of program allows.
/// 10. A plan with micro-batches has a program for one of them, which writes no parameter, and one for the
///    update, which is fed with ids and with what the other hands out; no other plan has an update.
///
/// Ids are data, so they are checked against their table's rows when it runs.
package struct PlanValidator: Sendable {
  /// More elements than this in one space, or rows in a batch, are taken for damage.
  static let maximumElements = 1 << 40
  static let maximumRows = 1 << 24
  /// After so many findings it stops looking for more.
  static let maximumFindings = 100

  let plan: Plan
  /// Floats of a block of the plan: those of its parameter block, or none where blocks are left out.
  private let blockFloats: Int
  var collected: [PlanFinding] = []

  /// - Parameter omitsBlocks: Whether the blocks of floats are empty in place of what they hold.
  package init(_ plan: Plan, omitsBlocks: Bool = false) {
    self.plan = plan
    blockFloats = omitsBlocks ? 0 : plan.parameterFloats
  }

  /// Everything that does not hold; empty for a plan that can be run.
  package func findings() -> [PlanFinding] {
    var validator = self
    validator.checkPlan()
    // Programs are only meaningful over a sound parameter block and schema.
    guard validator.collected.isEmpty else { return validator.collected }
    for program in plan.programs where validator.collected.count < Self.maximumFindings {
      validator.collected += ProgramValidator(program, of: plan).findings()
    }
    validator.checkTaskOutputs()
    return Array(validator.collected.prefix(Self.maximumFindings))
  }

  mutating func report(_ message: String) { collected.append(PlanFinding(message: message)) }

  private mutating func checkPlan() {
    let kinds = plan.programs.map(\.kind)
    if Set(kinds).count != kinds.count { report("two programs of one kind") }
    if kinds.isEmpty { report("it has no program") }
    checkParameters()
    checkTraining()
    checkProgress()
    checkInitialValues()
    checkSchema()
    checkTasks()
    checkEpisodes()
    checkMicroBatches()
  }

  private mutating func checkParameters() {
    guard (0...Self.maximumElements).contains(plan.parameterFloats) else {
      return report("a parameter block of \(plan.parameterFloats) floats")
    }
    if Set(plan.parameters.map(\.name)).count != plan.parameters.count {
      report("two parameters have the same name")
    }
    var regions: [(region: Region, name: String)] = []
    for parameter in plan.parameters {
      if let region = check(parameter) { regions.append((region, parameter.name)) }
    }
    regions.sort { $0.region.bounds.lowerBound < $1.region.bounds.lowerBound }
    var earlier = OverlapIndex<Int>()
    for (index, next) in regions.enumerated() where collected.count < Self.maximumFindings {
      var met: [Int] = []
      earlier.forEach(at: next.region.place) {
        if !regions[$0].region.isDisjoint(from: next.region) { met.append($0) }
      }
      for other in met.sorted() {
        report("parameters \(regions[other].name) and \(next.name) overlap")
      }
      earlier.insert(index, at: next.region.place)
    }
    if let weights = plan.weights, weights.count != blockFloats {
      report("\(weights.count) weights for a block of \(plan.parameterFloats) floats")
    }
  }

  private mutating func check(_ parameter: ParameterRecord) -> Region? {
    func fail(_ what: String, _ validator: inout PlanValidator) -> Region? {
      validator.report("parameter \(parameter.name): \(what)")
      return nil
    }
    guard let count = checkedProduct(parameter.shape),
      let flat = checkedProduct([parameter.rows, parameter.columns]), count == flat, count > 0,
      parameter.columns == parameter.shape.last ?? 1
    else {
      return fail("\(parameter.rows)×\(parameter.columns) for shape \(parameter.shape)", &self)
    }
    guard parameter.rowStride >= parameter.columns,
      let region = Region(
        space: .parameters, start: parameter.offset, sizes: [parameter.rows, parameter.columns],
        strides: [parameter.rowStride, 1]),
      region.bounds.upperBound <= plan.parameterFloats
    else { return fail("it does not lie inside the parameter block", &self) }
    guard parameter.l2.isFinite, parameter.l2 >= 0 else { return fail("its L2 factor", &self) }
    let scale =
      switch parameter.initializer {
      case .constant(let value), .normal(let value), .uniform(let value): value
      }
    guard scale.isFinite else { return fail("its initializer is not finite", &self) }
    return region
  }

  private mutating func checkProgress() {
    guard let progress = plan.progress else { return }
    for (count, most) in [
      (progress.step, Self.maximumElements), (progress.epoch, Int(Int32.max)),
      (progress.rowInEpoch, Self.maximumElements),
    ] where !(0...most).contains(count) { report("training progress of \(count)") }
    if progress.states.count != plan.training.optimizer.stateBlocks {
      report(
        "\(progress.states.count) optimizer states; \(plan.training.optimizer.kind.rawValue) has "
          + "\(plan.training.optimizer.stateBlocks)")
    }
    if progress.states.contains(where: { $0.count != blockFloats }) {
      report("an optimizer state is not of the size of the parameter block")
    }
    if plan.weights == nil { report("training progress without weights") }
    checkReports(progress)
    if let average = progress.average {
      if average.weights.count != blockFloats {
        report("the average of the weights is not of the size of the parameter block")
      }
      if !(1...Self.maximumElements).contains(average.count) {
        report("an average of \(average.count) weights")
      }
    }
    guard let watch = progress.watch else {
      if plan.training.earlyStopping != nil { report("early stopping without its progress") }
      return
    }
    if plan.training.earlyStopping == nil { report("progress of an early stopping that is not") }
    // The epoch of a best is a step where episodes are evaluated.
    if !(0...Int(Int32.max)).contains(watch.epochsWithout)
      || !(1...Self.maximumElements).contains(watch.best?.epoch ?? 1)
    {
      report("the progress of early stopping is not possible")
    }
    if let best = watch.best, best.weights.count != blockFloats {
      report("the weights of the best epoch are not of the size of the parameter block")
    }
  }

  /// Counts that later epochs are added to, and times.
  private mutating func checkReports(_ progress: TrainingProgress) {
    let counts = 0...(1 << 31)
    let times = 0...1e9
    let epochs = progress.report.epochs
    if epochs.count > 1 << 20
      || epochs.contains(where: {
        !counts.contains($0.rows) || !counts.contains($0.epoch) || !times.contains($0.seconds)
      })
    {
      report("an impossible report of an epoch")
    }
    let conflicts = progress.report.conflicts
    if conflicts.contains(where: { moment in
      !counts.contains(moment.epoch) || moment.pairs.contains { !(abs($0.cosine) < 1.001) }
    }) || zip(conflicts, conflicts.dropFirst()).contains(where: { $0.epoch >= $1.epoch }) {
      report("impossible cosines of gradients")
    }
    guard let sums = progress.sums else { return }
    let tasks = plan.episodes == nil ? plan.tasks.count : 0
    if !counts.contains(sums.count) || !times.contains(sums.seconds)
      || sums.tasks.count != tasks || sums.factors.count != tasks
    {
      report("impossible sums of losses")
    }
  }

  /// The product of sizes of at least 0, or nil if one is negative or the product is absurd.
  private func checkedProduct(_ sizes: [Int]) -> Int? {
    var product = 1
    for size in sizes {
      let (value, overflow) = product.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow, value <= Self.maximumElements else { return nil }
      product = value
    }
    return product
  }
}

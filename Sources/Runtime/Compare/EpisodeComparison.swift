import GraphIR
import Plan
import Schema

/// Takes meta steps eagerly and compiled, each from the same weights and on the same episodes, and
/// measures how far each comes from the eager engine in double precision.
///
/// The loss has kinks: a relu at 0, a window with two equally large elements. Next to one rounding
/// decides which derivative is taken, and a network of images has some in every episode; inner steps
/// make much of little. So the eager engines take the choices of the compiled program, of which each
/// must be next to a kink if it is not the reference's own. The optimizers are compared on the
/// compiled gradient: the first steps of Adam are little more than the signs of its elements, and
/// those of an element that is zero but for rounding are arbitrary.
package struct EpisodeComparison {
  private let compiled: StaticEpisodeEngine
  private let eager: EagerEpisodeEngine<Float>
  private let reference: EagerEpisodeEngine<Double>
  private let moved: EagerEpisodeEngine<Double>

  /// - Parameters:
  ///   - compiled: Of a plan whose programs hand out their choices (`EpisodeName.choice`).
  ///   - moved: Another such as `reference`, whose results are moved by `RoundingPerturbation`.
  package init(
    _ compiled: StaticEpisodeEngine, _ eager: EagerEpisodeEngine<Float>,
    reference: EagerEpisodeEngine<Double>, moved: EagerEpisodeEngine<Double>
  ) {
    self.compiled = compiled
    self.eager = eager
    self.reference = reference
    self.moved = moved
  }

  /// - Throws: `TypeError` when the choices are not those of the eager model, and what the engines
  ///   throw.
  package func run(_ source: any EpisodeSource, steps: Int) throws -> ComparisonReport {
    let training = compiled.plan.training
    guard let settings = compiled.plan.episodes else { throw EpisodePlanError() }
    var distances = ModeDistances()
    var choices = ComparisonReport.Choices()
    var nanoseconds = (eager: UInt64(0), compiled: UInt64(0))
    var longestSum = 1
    for step in 0..<steps {
      let rate = training.learningRate(step: step, stepsPerEpoch: settings.steps, epochs: 1)
      compiled.learningRate = rate
      eager.learningRate = rate
      reference.learningRate = rate
      moved.learningRate = rate
      let episodes = step * settings.tasksPerStep..<(step + 1) * settings.tasksPerStep
      let start = Platform.nanoseconds()
      let (result, fetched) = try compiled.trainObserved(source, episodes: episodes)
      let middle = Platform.nanoseconds()
      let made = fetched.map(EpisodeName.choices)
      let gradients = try compiled.gradients()
      let (own, _) = try eager.rehearse(source, episodes: episodes, choices: made)
      try eager.update(with: gradients)
      nanoseconds.compiled += middle - start
      nanoseconds.eager += Platform.nanoseconds() - middle

      moved.engine.perturbation = RoundingPerturbation(seed: UInt64(step + 1))
      // Most of the time goes here: each on a thread of its own.
      let rehearsals = try [reference, moved].concurrentMap { engine in
        let (result, report) = try engine.rehearse(source, episodes: episodes, choices: made)
        return (loss: result.loss, report: report, gradients: try engine.gradients())
      }
      guard let exact = rehearsals.first, let first = rehearsals.last else { break }
      var perturbed = [(loss: first.loss, gradients: first.gradients)]
      try reference.update(with: gradients)
      choices.add(exact.report)
      let eagerGradients = try eager.gradients()
      while true {
        longestSum = max(longestSum, moved.engine.perturbation?.longestSum ?? 1)
        var noted = distances
        noted.note(
          .loss, OutputName.loss,
          .init(
            reference: [exact.loss], perturbed: perturbed.map { [$0.loss] },
            eager: [Float(own.loss)], compiled: [Float(result.loss)]), step: step + 1)
        for (name, values) in exact.gradients.sorted(by: { $0.key < $1.key }) {
          noted.note(
            .gradient, name,
            .init(
              reference: values, perturbed: perturbed.map { $0.gradients[name] ?? [] },
              eager: eagerGradients[name] ?? [], compiled: gradients[name] ?? []), step: step + 1)
        }
        if perturbed.count == ModeDistances.mostDraws || noted.areWithin(longestSum: longestSum) {
          distances = noted
          break
        }
        moved.engine.perturbation = RoundingPerturbation(
          seed: UInt64(step + 1), draw: perturbed.count)
        let again = try moved.rehearse(source, episodes: episodes, choices: made)
        perturbed.append((loss: again.result.loss, gradients: try moved.gradients()))
      }
      for name in eager.parameterNames.sorted() {
        let values = try compiled.parameter(name)
        let exact = reference.engine.variable(ParameterID(name))?.values ?? []
        distances.note(
          .parameter, name,
          .init(
            reference: exact, perturbed: [exact], eager: try eager.parameter(name), compiled: values
          ),
          step: step + 1)
        // Each step starts from the same weights, so that rounding is not carried on.
        try eager.setParameter(name, values)
        for engine in [reference, moved] {
          try engine.engine.setValues(of: ParameterID(name), values.map { Double($0) })
        }
      }
    }
    return ComparisonReport(
      steps: steps, entries: distances.entries(longestSum: longestSum), choices: choices,
      timedSteps: steps, eagerSeconds: Double(nanoseconds.eager) / 1e9,
      staticSeconds: Double(nanoseconds.compiled) / 1e9)
  }
}

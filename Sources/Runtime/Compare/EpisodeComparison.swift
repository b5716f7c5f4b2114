import Plan
import Schema

/// Takes meta steps eagerly and compiled, each from the same weights and on the same episodes, and
/// measures how far apart they come.
///
/// The loss has kinks: a relu at 0, a window with two equally large elements. Next to one rounding
/// decides which derivative is taken, and a network of images has some in every episode; inner steps
/// make much of little. So the eager engine takes the choices of the compiled program, of which each
/// must be next to a kink if it is not the engine's own. The optimizers are compared on the compiled
/// gradient: the first steps of Adam are little more than the signs of its elements, and those of
/// an element that is zero but for rounding are arbitrary.
package struct EpisodeComparison {
  private let compiled: StaticEpisodeEngine
  private let eager: EagerEpisodeEngine

  /// - Parameter compiled: Of a plan whose programs hand out their choices (`EpisodeName.choice`).
  package init(_ compiled: StaticEpisodeEngine, _ eager: EagerEpisodeEngine) {
    self.compiled = compiled
    self.eager = eager
  }

  /// - Throws: `TypeError` when the choices are not those of the eager model, and what the engines
  ///   throw.
  package func run(_ source: any EpisodeSource, steps: Int) throws -> ComparisonReport {
    let training = compiled.plan.training
    guard let settings = compiled.plan.episodes else { throw EpisodePlanError() }
    var spreads = TensorSpreads(isByStep: true)
    var choices = ComparisonReport.Choices()
    var nanoseconds = (eager: UInt64(0), compiled: UInt64(0))
    for step in 0..<steps {
      let rate = training.learningRate(step: step, stepsPerEpoch: settings.steps, epochs: 1)
      compiled.learningRate = rate
      eager.learningRate = rate
      let episodes = step * settings.tasksPerStep..<(step + 1) * settings.tasksPerStep
      let start = Platform.nanoseconds()
      let (result, fetched) = try compiled.trainObserved(source, episodes: episodes)
      let middle = Platform.nanoseconds()
      let gradients = try compiled.gradients()
      let (reference, report) = try eager.train(
        source, episodes: episodes, choices: fetched.map(EpisodeName.choices),
        gradients: gradients)
      choices.add(report)
      nanoseconds.compiled += middle - start
      nanoseconds.eager += Platform.nanoseconds() - middle
      spreads.note(.loss, OutputName.loss, [Float(reference.loss)], [Float(result.loss)], step + 1)
      for (name, values) in try eager.gradients().sorted(by: { $0.key < $1.key }) {
        spreads.note(.gradient, name, values, gradients[name] ?? [], step + 1)
      }
      for name in eager.parameterNames.sorted() {
        let values = try compiled.parameter(name)
        spreads.note(.parameter, name, try eager.parameter(name), values, step + 1)
        // Each step starts from the same weights, so that rounding is not carried on.
        try eager.setParameter(name, values)
      }
    }
    return ComparisonReport(
      steps: steps, entries: spreads.entries, choices: choices, timedSteps: steps,
      eagerSeconds: Double(nanoseconds.eager) / 1e9,
      staticSeconds: Double(nanoseconds.compiled) / 1e9)
  }
}

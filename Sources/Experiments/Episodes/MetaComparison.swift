import ModelDefs
import Plan
import Runtime
import Schema

/// Runs meta steps eagerly and compiled, each from the same weights and on the same tasks.
///
/// The loss has kinks: a relu at 0, a window with two equally large elements. Next to one rounding
/// decides which derivative is taken, and a network of images has some in every task; inner steps
/// make much of little. So the eager engine takes the choices of the compiled program, of which each
/// must be next to a kink if it is not the engine's own. The optimizers are compared on the compiled
/// gradient: the first steps of Adam are little more than the signs of its elements, and those of
/// an element that is zero but for rounding are arbitrary.
package struct MetaComparison {
  package struct Entry {
    package var kind: String
    package var name: String
    /// max |eager − static| over the largest magnitude of the tensor.
    package var difference: Double
    package var step: Int
  }

  package private(set) var entries: [Entry] = []
  package private(set) var choices = EagerMetaEngine.ChoiceReport()
  package private(set) var eagerSeconds = 0.0
  package private(set) var staticSeconds = 0.0
  package let steps: Int

  init(
    session: MetaSession, eager: EagerMetaEngine, source: any EpisodeSource, tasksPerStep: Int,
    steps: Int
  ) throws {
    self.steps = steps
    let clock = ContinuousClock()
    for step in 0..<steps {
      let episodes = step * tasksPerStep..<(step + 1) * tasksPerStep
      let start = clock.now
      let (compiled, fetched) = try session.trainObserved(source, episodes: episodes)
      let middle = clock.now
      let gradients = try session.gradients()
      let (reference, report) = try eager.train(
        source, episodes: episodes, choices: fetched.map(EpisodeChoices.ordered),
        gradients: gradients)
      choices.count += report.count
      choices.differing += report.differing
      choices.farthest = max(choices.farthest, report.farthest)
      staticSeconds += (middle - start).seconds
      eagerSeconds += (clock.now - middle).seconds
      note("loss", "loss", [Float(reference.loss)], [Float(compiled.loss)], step)
      for (name, values) in try eager.gradients().sorted(by: { $0.key < $1.key }) {
        note("gradient", name, values, gradients[name] ?? [], step)
      }
      let parameters = try session.parameters()
      for (name, values) in try eager.parameters().sorted(by: { $0.key < $1.key }) {
        note("parameter", name, values, parameters[name] ?? [], step)
      }
      // Each step starts from the same weights, so that rounding is not carried on.
      try eager.setParameters(parameters)
    }
  }

  private mutating func note(
    _ kind: String, _ name: String, _ a: [Float], _ b: [Float], _ step: Int
  ) {
    var largest = 0.0
    var difference = a.count == b.count ? 0 : Double.infinity
    for (x, y) in zip(a, b) {
      largest = max(largest, abs(Double(x)), abs(Double(y)))
      let gap = abs(Double(x) - Double(y))
      difference = gap.isNaN ? .infinity : max(difference, gap)
    }
    let relative = difference == 0 ? 0 : difference / max(largest, 1e-30)
    guard let place = entries.firstIndex(where: { $0.kind == kind && $0.name == name }) else {
      return entries.append(Entry(kind: kind, name: name, difference: relative, step: step + 1))
    }
    if relative > entries[place].difference {
      entries[place].difference = relative
      entries[place].step = step + 1
    }
  }

  package func largest(_ kind: String) -> Double {
    entries.filter { $0.kind == kind }.map(\.difference).max() ?? 0
  }

  package static let kinds = ["loss", "gradient", "parameter"]

  package func agrees(_ limit: Double) -> Bool {
    entries.allSatisfy { $0.difference <= limit } && choices.farthest <= limit
  }
}

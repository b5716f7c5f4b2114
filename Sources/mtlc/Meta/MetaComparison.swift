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
struct MetaComparison {
  struct Entry {
    var kind: String
    var name: String
    /// max |eager − static| over the largest magnitude of the tensor.
    var difference: Double
    var step: Int
  }

  private(set) var entries: [Entry] = []
  private(set) var choices = EagerMetaEngine.ChoiceReport()
  private(set) var eagerSeconds = 0.0
  private(set) var staticSeconds = 0.0
  let steps: Int

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

  func largest(_ kind: String) -> Double {
    entries.filter { $0.kind == kind }.map(\.difference).max() ?? 0
  }

  static let kinds = ["loss", "gradient", "parameter"]

  func text(_ name: String, limit: Double) -> String {
    var text = "\(name): eager against static, \(steps) meta steps\n\n"
    var table = Table(["", "largest relative difference", "at step", ""], left: [0, 3])
    for entry in entries {
      let mark = entry.difference <= limit ? "" : "← above \(Format.scientific(limit))"
      table.rows.append([
        entry.kind == "loss" ? "loss" : "\(entry.kind) \(entry.name)",
        Format.scientific(entry.difference), "\(entry.step)", mark,
      ])
    }
    let parts = Self.kinds.map { "\($0) \(Format.scientific(largest($0)))" }
    text += table.text + "\nlargest: \(parts.joined(separator: ", ")); allowed "
    text += "\(Format.scientific(limit)): "
    text += agrees(limit) ? "the modes agree\n" : "the modes do NOT agree\n"
    text += "\(Format.count(choices.differing)) of \(Format.count(choices.count)) choices at kinks"
    text += " (relu, largest of a window) differ, "
    text += "the farthest \(Format.scientific(choices.farthest)) from a tie; "
    text += "gradients are taken at the same choices\n"
    let count = Double(max(1, steps))
    text += "a meta step takes \(Format.fixed(1e3 * eagerSeconds / count, 0)) ms eager, "
    text += "\(Format.fixed(1e3 * staticSeconds / count, 1)) ms static\n"
    return text
  }

  func json(limit: Double) -> JSON {
    .object([
      ("steps", .integer(steps)), ("tolerance", .number(limit)), ("agree", .bool(agrees(limit))),
      ("largest", .object(Self.kinds.map { ($0, .number(largest($0))) })),
      (
        "entries",
        .array(
          entries.map {
            .object([
              ("kind", .string($0.kind)), ("name", .string($0.name)),
              ("difference", .number($0.difference)), ("step", .integer($0.step)),
            ])
          })
      ),
      (
        "choices",
        .object([
          ("count", .integer(choices.count)), ("differing", .integer(choices.differing)),
          ("farthest", .number(choices.farthest)),
        ])
      ),
      ("eager_seconds", .number(eagerSeconds)), ("static_seconds", .number(staticSeconds)),
    ])
  }

  func agrees(_ limit: Double) -> Bool {
    entries.allSatisfy { $0.difference <= limit } && choices.farthest <= limit
  }
}

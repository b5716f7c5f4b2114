import GraphIR
import Schema

extension Pipeline {
  /// The pipeline for a model that is trained that way.
  /// - Parameter graph: The model's training graph before any pass: what depends on what is asked
  ///   of it, since passes join parameters that have nothing to do with each other.
  /// - Throws: `DifferentiationError` when it lacks a loss that the settings name.
  public func training(as settings: TrainingSettings, _ graph: Graph) throws -> Pipeline {
    let objective = try TaskObjective(settings, graph)
    return configuringDifferentiation { pass in
      // The gradients of a micro-batch are not those that are clipped.
      pass.clipValue = settings.microBatches.isOn ? nil : settings.clipping.value
      pass.objective = objective
    }
  }

  /// The pipeline with its differentiation changed.
  func configuringDifferentiation(_ change: (inout Differentiate) -> Void) -> Pipeline {
    Pipeline(
      steps.map { step in
        guard var pass = step.pass as? Differentiate else { return step.pass }
        change(&pass)
        return pass
      })
  }
}

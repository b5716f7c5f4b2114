import GraphIR
import Schema

extension EagerModel {
  /// How far the tasks pull the parameters that they share the same way: by pair of tasks the cosine of
  /// the angle between the gradients of their losses by those parameters (T. Yu et al., "Gradient Surgery
  /// for Multi-Task Learning", NeurIPS 2020, definition 1: tasks conflict where it is negative). Nothing is
  /// moved.
  ///
  /// - Parameters:
  ///   - tasks: Those whose losses the model hands out.
  ///   - visit: Is called with each task's gradient by each shared parameter that its loss depends on.
  /// - Returns: A symmetric matrix with ones on its diagonal; nil where tasks share nothing or a gradient is
  ///   zero or not finite.
  package func taskCosines(
    of tasks: [String], batchSize: Int, feeds: Feeds,
    visit: (_ task: String, _ parameter: String, _ gradient: [Float]) -> Void = { _, _, _ in }
  ) throws -> [[Double]]? {
    engine.beginStep(batchSize: batchSize, feeds: feeds)
    do {
      let result = try cosines(of: tasks, visit)
      try engine.finishStep(optimizer: nil)
      return result
    } catch {
      try engine.finishStep(optimizer: nil)
      throw error
    }
  }

  private func cosines(
    of tasks: [String], _ visit: (String, String, [Float]) -> Void
  ) throws -> [[Double]]? {
    try build(engine)
    let trainable = engine.parameterIDs.compactMap { engine.variable($0)?.parameter }
      .filter(\.isTrainable)
    let reads = try trainable.map { try engine.parameter($0) }
    let gradients = try tasks.map { task in
      let name = OutputName.loss(task)
      guard let loss = engine.output(named: name) else { throw EagerError.missingOutput(name) }
      return try engine.cotangents(of: loss, withRespectTo: reads, createGraph: false)
    }
    let shared = reads.indices.filter { place in gradients.count { $0[place] != nil } > 1 }
    for (task, own) in zip(tasks, gradients) {
      for place in shared {
        if let gradient = own[place] {
          visit(task, trainable[place].id.name, gradient.floats.map { Float($0) })
        }
      }
    }
    func dot(_ i: Int, _ j: Int) -> Double {
      shared.reduce(0) { sum, place in
        guard let a = gradients[i][place], let b = gradients[j][place] else { return sum }
        return zip(a.floats, b.floats).reduce(sum) { $0 + Double($1.0) * Double($1.1) }
      }
    }
    let norms = tasks.indices.map { dot($0, $0).squareRoot() }
    guard !shared.isEmpty, norms.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    return tasks.indices.map { i in
      tasks.indices.map { j in i == j ? 1 : dot(i, j) / (norms[i] * norms[j]) }
    }
  }
}

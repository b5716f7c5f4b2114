import GraphIR
import Schema
import TensorTypes

/// What a model chooses where derivatives jump, as outputs of its graph: for each search for the
/// largest elements of windows their places, for each relu where it lets pass. They are numbered in
/// the order in which the model emits them.
package enum EpisodeChoices {
  /// Adds the outputs to a graph.
  /// - Returns: How many there are.
  @discardableResult
  package static func addOutputs(to builder: GraphBuilder) throws -> Int {
    var count = 0
    for node in builder.graph.nodes {
      guard let result = node.results.first else { continue }
      let choice: ValueID
      switch node.op {
      case .elementwise(.unary(.relu)): choice = try builder.unary(.step, result)
      case .convolution(.poolIndices):
        choice = try builder.emitOne(.elementwise(.convertToFloat), [result])
      case .source, .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .group,
        .fused,
        .effect:
        continue
      }
      try builder.output(EpisodeName.choice(count), choice)
      count += 1
    }
    return count
  }
}

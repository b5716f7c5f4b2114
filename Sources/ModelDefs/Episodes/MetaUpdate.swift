import GraphIR
import Schema
import TensorTypes

/// The step of the meta optimizer: every trainable parameter is moved along a gradient that is fed.
package enum MetaUpdate {
  /// - Parameter clipValue: Elements of a gradient are cut to ±this; nil leaves them.
  package static func graph(
    name: String, parameters: [Parameter], clipValue: Double? = nil
  ) throws -> Graph {
    let builder = GraphBuilder(name: name)
    for parameter in parameters {
      try builder.declare(parameter)
      guard parameter.isTrainable else { continue }
      var gradient = try builder.input(
        InputID(EpisodeName.gradient(parameter.id.name)), parameter.type)
      if let clipValue {
        gradient = try builder.max(gradient, builder.constant(-clipValue))
        gradient = try builder.min(gradient, builder.constant(clipValue))
      }
      try builder.emit(.effect(.update(parameter.id, parameter.type)), [gradient])
    }
    return builder.graph
  }
}

import GraphIR
import TensorTypes

/// The meta optimizer's step: every trainable parameter is moved along a gradient that is fed.
public enum MetaUpdate {
  /// The feed with a parameter's gradient.
  public static func feed(_ parameter: String) -> String { "gradient.\(parameter)" }

  public static func graph(name: String, parameters: [Parameter]) throws -> Graph {
    let builder = GraphBuilder(name: name)
    for parameter in parameters {
      try builder.declare(parameter)
      guard parameter.isTrainable else { continue }
      let gradient = try builder.input(InputID(feed(parameter.id.name)), parameter.type)
      try builder.emit(.effect(.update(parameter.id, parameter.type)), [gradient])
    }
    return builder.graph
  }
}

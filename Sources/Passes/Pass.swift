import GraphIR

/// A rewrite of a whole graph. It keeps what a run of the graph means: outputs, effects and
/// parameters stay, by name.
public protocol Pass: Sendable {
  /// What `--disable`, `--print-after` and `--stop-after` call it: lower case, underscores.
  var name: String { get }

  /// Whether the graph is not what was asked for without this pass, so that it cannot be disabled.
  var isRequired: Bool { get }

  /// The rewritten graph. The pipeline verifies it.
  func run(_ graph: Graph) throws -> Graph
}

extension Pass {
  public var isRequired: Bool { false }
}

/// A pass failed, or left a graph that breaks the invariants of `Graph.verify()`.
public struct PassError: Error, CustomStringConvertible {
  /// The name of the pass.
  public var pass: String
  public var underlying: any Error

  package init(pass: String, underlying: any Error) {
    self.pass = pass
    self.underlying = underlying
  }

  public var description: String { "pass \(pass): \(underlying)" }
}

/// A pass was asked for by a name that the pipeline does not have, or one that must run was to be
/// disabled.
public struct PassNameError: Error, Sendable, Hashable, CustomStringConvertible {
  public var name: String
  public var message: String

  package init(name: String, message: String) {
    self.name = name
    self.message = message
  }

  public var description: String { "pass \"\(name)\": \(message)" }
}

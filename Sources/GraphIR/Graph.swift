import TensorTypes

/// A typed program in static single assignment form: nodes in an order in which every operand is
/// computed before it is read.
public struct Graph: Sendable, Hashable {
  public var name: String
  public package(set) var parameters: [Parameter] = []
  public package(set) var nodes: [Node] = []
  /// Types and origins by `ValueID.index`.
  public package(set) var values: [Value] = []
  /// What a run of the graph hands out, by name.
  public package(set) var outputs: [Output] = []

  public struct Node: Sendable, Hashable {
    public var op: Op
    public var operands: [ValueID]
    public var results: [ValueID]

    public init(op: Op, operands: [ValueID], results: [ValueID]) {
      self.op = op
      self.operands = operands
      self.results = results
    }
  }

  public struct Value: Sendable, Hashable {
    public var type: TensorType
    /// The node that computes it.
    public var node: NodeID
    /// Which of the node's results it is.
    public var position: Int

    public init(type: TensorType, node: NodeID, position: Int) {
      self.type = type
      self.node = node
      self.position = position
    }
  }

  public struct Output: Sendable, Hashable {
    public var name: String
    public var value: ValueID

    public init(name: String, value: ValueID) {
      self.name = name
      self.value = value
    }
  }

  public init(name: String) { self.name = name }

  @inlinable public subscript(node: NodeID) -> Node { nodes[node.index] }
  @inlinable public subscript(value: ValueID) -> Value { values[value.index] }
  @inlinable public func type(of value: ValueID) -> TensorType { values[value.index].type }
  /// The node that computes a value.
  @inlinable public func producer(of value: ValueID) -> Node {
    nodes[values[value.index].node.index]
  }
  public func output(named name: String) -> ValueID? {
    outputs.first { $0.name == name }?.value
  }
  /// The declaration of one parameter, found by going through all of them.
  public func parameter(_ id: ParameterID) -> Parameter? { parameters.first { $0.id == id } }
  public var nodeIDs: LazyMapSequence<Range<Int>, NodeID> { nodes.indices.lazy.map(NodeID.init) }
}

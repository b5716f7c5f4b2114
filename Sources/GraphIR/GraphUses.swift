/// Who reads the values of a graph. Made in linear time, one list for all values.
public struct GraphUses: Sendable {
  /// By value, where the nodes that read it begin in `readers`; a last one behind all.
  private var starts: [Int]
  private var readers: [NodeID]
  /// By value, how many outputs it is.
  private var outputs: [Int]

  public init(_ graph: Graph) {
    starts = Array(repeating: 0, count: graph.values.count + 1)
    outputs = Array(repeating: 0, count: graph.values.count)
    for output in graph.outputs { outputs[output.value.index] += 1 }
    for operand in graph.nodes.lazy.flatMap(\.operands) { starts[operand.index + 1] += 1 }
    for value in outputs.indices { starts[value + 1] += starts[value] }
    readers = Array(repeating: NodeID(0), count: starts[outputs.count])
    var next = starts
    for (index, node) in graph.nodes.enumerated() {
      for operand in node.operands {
        readers[next[operand.index]] = NodeID(index)
        next[operand.index] += 1
      }
    }
  }

  /// The nodes that read a value, in order; a node that reads it twice is there twice.
  public func nodes(of value: ValueID) -> ArraySlice<NodeID> {
    readers[starts[value.index]..<starts[value.index + 1]]
  }

  /// How often nodes and outputs read a value.
  public func count(of value: ValueID) -> Int { nodes(of: value).count + outputs[value.index] }

  /// The node that reads a value once, where nothing else does.
  public func onlyUser(of value: ValueID) -> NodeID? {
    count(of: value) == 1 ? nodes(of: value).first : nil
  }
}

import Foundation
import GraphIR
import TensorTypes

/// Computes a graph in Double as literally as its formulas are written. It shares no code with the
/// eager engine and the executor: their results, and the gradient rules, are checked against it.
public struct ReferenceEvaluator {
  public var batch: Int
  public var feeds: [InputID: [Double]]
  public var parameters: [ParameterID: [Double]]
  /// Element `index` of a random stream.
  public var random: @Sendable (_ stream: Int, _ index: Int) -> Double

  public init(
    batch: Int, feeds: [InputID: [Double]], parameters: [ParameterID: [Double]] = [:],
    random: @escaping @Sendable (_ stream: Int, _ index: Int) -> Double = { stream, index in
      var generator = SplitMix64(seed: UInt64(stream) << 32 | UInt64(index))
      return Double.random(in: 0..<1, using: &generator)
    }
  ) {
    self.batch = batch
    self.feeds = feeds
    self.parameters = parameters
    self.random = random
  }

  /// What is missing, or an id outside its table.
  public struct EvaluationError: Error, CustomStringConvertible {
    public var description: String
  }

  /// The values by `ValueID.index`: of all nodes, or of those marked in `nodes` (by `NodeID.index`;
  /// the others' values are empty). Effects compute nothing.
  public func values(of graph: Graph, nodes: [Bool]? = nil) throws -> [ReferenceTensor] {
    var values = Array(repeating: ReferenceTensor([0], []), count: graph.values.count)
    for (index, node) in graph.nodes.enumerated() {
      guard let result = node.results.first, nodes?[index] ?? true else { continue }
      let sizes = graph.type(of: result).shape.sizes(batch: batch)
      let operands = node.operands.map { values[$0.index] }
      if case .fused(let op) = node.op {
        let types = node.operands.map { graph.type(of: $0) }
        for (result, value) in zip(node.results, try evaluate(op, types, operands)) {
          values[result.index] = value
        }
        continue
      }
      values[result.index] = try evaluate(node.op, operands, sizes)
    }
    return values
  }

  /// The values of the outputs by name.
  public func outputs(of graph: Graph) throws -> [String: ReferenceTensor] {
    let values = try values(of: graph)
    return Dictionary(uniqueKeysWithValues: graph.outputs.map { ($0.name, values[$0.value.index]) })
  }

  private func evaluate(
    _ op: Op, _ operands: [ReferenceTensor], _ sizes: [Int]
  ) throws -> ReferenceTensor {
    switch op {
    case .source(let op): try evaluate(op, sizes)
    case .elementwise(let op): op.reference(operands, sizes)
    case .layout(let op): op.reference(operands, sizes)
    case .reduction(let op): op.reference(operands[0], sizes)
    case .matrix(let op): op.reference(operands, sizes)
    case .lookup(let op): try evaluate(op, operands, sizes)
    case .convolution(let op): op.reference(operands, sizes)
    case .group(let op): op.reference(operands, sizes)
    case .fused, .effect: ReferenceTensor([], [0])
    }
  }

  /// A fused op is what it expands to.
  private func evaluate(
    _ op: FusedOp, _ types: [TensorType], _ operands: [ReferenceTensor]
  ) throws -> [ReferenceTensor] {
    let builder = GraphBuilder(name: op.mnemonic)
    var inner = self
    let inputs = try types.indices.map { index in
      inner.feeds[InputID("x\(index)")] = operands[index].elements
      return try builder.input(InputID("x\(index)"), types[index])
    }
    let results = try op.expand(builder, inputs)
    let values = try inner.values(of: builder.graph)
    return results.map { values[$0.index] }
  }

  private func evaluate(_ op: SourceOp, _ sizes: [Int]) throws -> ReferenceTensor {
    switch op {
    case .input(let id, _):
      guard let feed = feeds[id] else { throw EvaluationError(description: "\(id) is not fed") }
      return ReferenceTensor(sizes, feed)
    case .parameter(let id, _):
      guard let value = parameters[id] else {
        throw EvaluationError(description: "\(id) has no value")
      }
      return ReferenceTensor(sizes, value)
    case .constant(let value, _): return ReferenceTensor(sizes, repeating: value)
    case .batchSize: return ReferenceTensor([], [Double(batch)])
    case .random(let stream, _):
      return ReferenceTensor(sizes, (0..<sizes.reduce(1, *)).map { random(stream, $0) })
    }
  }

  private func evaluate(
    _ op: LookupOp, _ operands: [ReferenceTensor], _ sizes: [Int]
  ) throws -> ReferenceTensor {
    func check(_ id: Double, _ rows: Int) throws {
      guard Int(id) < rows else {
        throw EvaluationError(description: "id \(Int(id)) in a table of \(rows) rows")
      }
    }
    switch op {
    case .gather:
      for id in operands[1].elements { try check(id, operands[0].sizes[0]) }
      return ReferenceTensor(sizes) { index in
        let id = Int(operands[1][Array(index.dropLast())])
        return id < 0 ? 0 : operands[0][[id, index[index.count - 1]]]
      }
    case .scatterAdd(let rows):
      var result = ReferenceTensor(sizes, repeating: 0)
      for id in operands[0].elements { try check(id, rows) }
      ReferenceTensor.forEachIndex(operands[1].sizes) { index in
        let id = Int(operands[0][Array(index.dropLast())])
        if id >= 0 { result[[id, index[index.count - 1]]] += operands[1][index] }
      }
      return result
    case .oneHot(let depth):
      for id in operands[0].elements { try check(id, depth) }
      return ReferenceTensor(sizes) { index in
        Int(operands[0][Array(index.dropLast())]) == index[index.count - 1] ? 1 : 0
      }
    }
  }
}

import TensorTypes

/// Something that is wrong with a graph, and where.
public struct Finding: Sendable, Hashable, CustomStringConvertible {
  /// The node it is about; nil for declarations and outputs.
  public var node: NodeID?
  /// The line of that node.
  public var text: String?
  /// What is wrong: `matmul: operand 1 (%3) has type f32[16, 8], expected f32[499, *]`.
  public var message: String

  public var description: String {
    guard let node, let text else { return message }
    return "\(message)\n  in \(node): \(text)"
  }
}

/// A graph that breaks invariants of `Graph.verify()`.
public struct VerificationError: Error, Sendable, Hashable, CustomStringConvertible {
  public var graph: String
  public var findings: [Finding]

  public var description: String {
    let count = findings.count == 1 ? "1 finding" : "\(findings.count) findings"
    return "@\(TextForm.name(graph)): \(count)\n"
      + findings.map(\.description).joined(separator: "\n")
  }
}

extension Graph {
  /// Checks the invariants that every pass keeps, and collects all breaches. It never traps, however
  /// broken the graph. Linear time.
  ///
  /// Numbering
  /// 1. The results of the nodes, in order, are %0, %1, %2 …; there are no other values.
  /// 2. A value's record names the node that computes it and its position among the results.
  ///
  /// Order
  /// 3. Every operand is a value of the graph, computed by an earlier node.
  ///
  /// Types
  /// 4. Every type is well formed: at most one batch axis, sizes of at least 1, at most
  ///    `Shape.maximumCount` elements.
  /// 5. The operands of a node fit its op, and its results have the types that `Op.infer` gives.
  ///
  /// Names
  /// 6. Every parameter is declared once, with a well-formed type.
  /// 7. Every read of a parameter, and every effect, names a declared parameter with its declared
  ///    type.
  /// 8. A parameter is read by at most one node, an input too: reading again gives the same value.
  /// 9. A parameter is changed by at most one effect; `update` changes trainable ones only.
  /// 10. Random streams are numbered from 0 on, and every random op has its own.
  /// 11. The names of outputs are unique, and each is a value of the graph.
  public func verify() -> [Finding] {
    var verifier = Verifier(graph: self)
    verifier.run()
    return verifier.findings
  }

  /// - Throws: `VerificationError` with all findings, if there are any.
  public func requireValid() throws {
    let findings = verify()
    if !findings.isEmpty { throw VerificationError(graph: name, findings: findings) }
  }
}

private struct Verifier {
  let graph: Graph
  var findings: [Finding] = []
  private var declared: [ParameterID: Parameter] = [:]
  private var reads: [ParameterID: NodeID] = [:]
  private var feeds: [InputID: NodeID] = [:]
  private var streams: [Int: NodeID] = [:]
  private var changes: [ParameterID: NodeID] = [:]

  init(graph: Graph) { self.graph = graph }

  mutating func run() {
    checkDeclarations()
    var next = 0
    for index in graph.nodes.indices {
      let id = NodeID(index)
      let node = graph.nodes[index]
      checkNumbering(id, node, &next)
      if checkOperands(id, node) { checkTypes(id, node) }
      checkNames(id, node.op)
    }
    if next != graph.values.count {
      report(nil, "the graph has \(graph.values.count) values, and its nodes have \(next) results")
    }
    checkOutputs()
  }

  private mutating func report(_ node: NodeID?, _ message: String) {
    findings.append(
      Finding(node: node, text: node.map { graph.text(of: $0) }, message: message))
  }

  private func exists(_ value: ValueID) -> Bool { graph.values.indices.contains(value.index) }

  private mutating func checkDeclarations() {
    for parameter in graph.parameters {
      if let defect = parameter.type.defect {
        report(nil, "parameter: \(parameter.id) has type \(parameter.type), which \(defect)")
      }
      if declared.updateValue(parameter, forKey: parameter.id) != nil {
        report(nil, "parameter: \(parameter.id) is declared twice")
      }
    }
  }

  private mutating func checkNumbering(_ id: NodeID, _ node: Graph.Node, _ next: inout Int) {
    for (position, result) in node.results.enumerated() {
      defer { next += 1 }
      guard result.index == next else {
        report(id, "\(node.op.mnemonic): result \(position) is \(result), expected %\(next)")
        continue
      }
      guard exists(result) else {
        report(id, "\(node.op.mnemonic): result \(position) (\(result)) has no record")
        continue
      }
      let value = graph[result]
      if value.node != id || value.position != position {
        report(
          id,
          "\(node.op.mnemonic): \(result) is on record as result \(value.position) of "
            + "\(value.node), expected result \(position) of \(id)")
      }
    }
  }

  /// Whether the operands are such that their types can be looked at.
  private mutating func checkOperands(_ id: NodeID, _ node: Graph.Node) -> Bool {
    var fit = true
    for (index, operand) in node.operands.enumerated() {
      if !exists(operand) {
        report(id, "\(node.op.mnemonic): operand \(index) (\(operand)) is not a value of the graph")
        fit = false
      } else if graph[operand].node >= id {
        report(
          id,
          "\(node.op.mnemonic): operand \(index) (\(operand)) is computed by \(graph[operand].node),"
            + " expected an earlier node")
      }
    }
    return fit
  }

  private mutating func checkTypes(_ id: NodeID, _ node: Graph.Node) {
    var mnemonic: String { node.op.mnemonic }
    let inferred: [TensorType]
    do {
      inferred = try node.op.infer(node.operands.map { graph.type(of: $0) })
    } catch let error as TypeError {
      report(id, error.naming(node.operands).description)
      return
    } catch {
      report(id, "\(mnemonic): \(error)")
      return
    }
    guard inferred.count == node.results.count else {
      report(id, "\(mnemonic): has \(node.results.count) results, expected \(inferred.count)")
      return
    }
    for (position, (result, expected)) in zip(node.results, inferred).enumerated()
    where exists(result) && graph.type(of: result) != expected {
      report(
        id,
        "\(mnemonic): result \(position) (\(result)) has type \(graph.type(of: result)), "
          + "expected \(expected)")
    }
  }

  private mutating func checkNames(_ id: NodeID, _ op: Op) {
    switch op {
    case .source(.input(let input, _)):
      if let first = feeds.updateValue(id, forKey: input) {
        report(id, "input: \(input) is read by \(first) already")
      }
    case .source(.parameter(let parameter, let type)):
      checkDeclared(id, op, parameter, type)
      if let first = reads.updateValue(id, forKey: parameter) {
        report(id, "parameter: \(parameter) is read by \(first) already")
      }
    case .source(.random(let stream, _)):
      if let first = streams.updateValue(id, forKey: stream) {
        report(id, "random: stream \(stream) is used by \(first) already")
      }
    case .effect(let effect):
      checkDeclared(id, op, effect.target, effect.type)
      if let first = changes.updateValue(id, forKey: effect.target) {
        report(id, "\(op.mnemonic): \(effect.target) is changed by \(first) already")
      }
      if case .update = effect, declared[effect.target]?.isTrainable == false {
        report(id, "update: \(effect.target) is not trainable")
      }
    case .source(.constant), .source(.batchSize): break
    case .elementwise, .layout, .reduction, .matrix, .lookup, .convolution, .group, .fused: break
    }
  }

  private mutating func checkDeclared(
    _ id: NodeID, _ op: Op, _ parameter: ParameterID, _ type: TensorType
  ) {
    guard let known = declared[parameter] else {
      report(id, "\(op.mnemonic): \(parameter) is not declared")
      return
    }
    if known.type != type {
      report(
        id, "\(op.mnemonic): \(parameter) has type \(type), expected \(known.type) as declared")
    }
  }

  private mutating func checkOutputs() {
    var names: Set<String> = []
    for output in graph.outputs {
      if !names.insert(output.name).inserted {
        report(nil, "output: the name \(TextForm.word(output.name)) is there twice")
      }
      if !exists(output.value) {
        report(
          nil, "output: \(TextForm.word(output.name)) is \(output.value), not a value of the graph")
      }
    }
  }
}

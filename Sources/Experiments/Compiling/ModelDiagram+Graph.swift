import GraphIR
import ModelDefs
import Schema
import TensorTypes

extension ModelDiagram {
  /// The ops of a graph one by one: constants apart, which the ops that read them name.
  init(ops graph: Graph) {
    var places: [Int: Int] = [:]
    var blocks: [Block] = []
    var arrows: [Arrow] = []
    for (index, node) in graph.nodes.enumerated() {
      if case .source(.constant) = node.op { continue }
      let types = node.results.map { "\(graph.type(of: $0))" }
      let block =
        switch node.op {
        case .source(.input(let id, _)): Block(.input, id.name, lines: types)
        case .source(.parameter(let id, let type)):
          Block(.table, id.name, lines: types, weights: type.shape.fixedCount)
        default: Block(.op, node.op.mnemonic, lines: types)
        }
      places[index] = blocks.count
      for operand in node.operands {
        if let from = places[graph[operand].node.index] {
          arrows.append(Arrow(from, blocks.count))
        }
      }
      blocks.append(block)
    }
    for output in graph.outputs {
      guard let from = places[graph[output.value].node.index] else { continue }
      arrows.append(Arrow(from, blocks.count))
      blocks.append(Block(.output, output.name, lines: ["\(graph.type(of: output.value))"]))
    }
    self.init(title: graph.name, blocks: blocks, arrows: arrows)
  }

  /// The parts of a model as the names of its parameters tell them, joined as its graph joins them.
  /// Parts that are alike and read and feed the same are one block.
  ///
  /// - Parameter outputs: The names of the outputs that are drawn, by those of the graph.
  init(title: String, parts graph: Graph, outputs: [String: String]) {
    var parts = ModelParts(graph)
    parts.connect(graph, outputs: outputs)
    parts.merge()
    self.init(title: title, blocks: parts.blocks, arrows: parts.arrows)
  }
}

/// The parts of a model while their blocks are made.
private struct ModelParts {
  private struct Part {
    var name: String
    var kind: ModelDiagram.Block.Kind
    /// Of its parameters: the layer, and the shape of its kernel.
    var layers: [(name: String, shape: String)] = []
    var weights = 0
    /// How many alike it stands for, and their names.
    var names: [String] = []
  }

  private var parts: [Part] = []
  private var places: [String: Int] = [:]
  private var reads: [Set<Int>] = []

  init(_ graph: Graph) {
    for parameter in graph.parameters {
      let (part, layer) = PartName.split(parameter.id.name)
      let place = place(part, part.hasPrefix("embedding.") ? .table : .layers)
      let sizes = parameter.type.shape.dimensions.compactMap(\.fixedSize)
      parts[place].weights += sizes.reduce(1, *)
      if sizes.count > 1 {
        parts[place].layers.append(
          (
            layer,
            sizes.map(Format.count).joined(
              separator: sizes.count == 2 && !part.hasPrefix("embedding.") ? " → " : " × ")
          ))
      }
    }
  }

  private mutating func place(_ name: String, _ kind: ModelDiagram.Block.Kind) -> Int {
    if let known = places[name] { return known }
    places[name] = parts.count
    parts.append(Part(name: name, kind: kind))
    reads.append([])
    return parts.count - 1
  }

  /// Follows every value from part to part. What has no parameter of its own hands on what it reads.
  mutating func connect(_ graph: Graph, outputs: [String: String]) {
    var sources = [Set<Int>](repeating: [], count: graph.values.count)
    for node in graph.nodes {
      var found = node.operands.reduce(into: Set<Int>()) { $0.formUnion(sources[$1.index]) }
      switch node.op {
      case .source(.parameter): continue
      case .source(.input(let id, let type)):
        let width = type.shape.last?.fixedSize
        let place = place(id.name, .input)
        if let width { parts[place].layers = [("", "\(Format.count(width)) a row")] }
        found = [place]
      default:
        let own = node.operands.lazy.compactMap { operand -> String? in
          guard case .source(.parameter(let id, _)) = graph.producer(of: operand).op else {
            return nil
          }
          return PartName.split(id.name).part
        }.first
        if let own, let place = places[own] {
          reads[place].formUnion(found.subtracting([place]))
          found = [place]
        }
      }
      for result in node.results { sources[result.index] = found }
    }
    for output in graph.outputs {
      guard let name = outputs[output.name] else { continue }
      // A task may have the name of a part.
      let place = place("output \(name)", .output)
      parts[place].name = name
      reads[place] = sources[output.value.index]
    }
    dropIds()
  }

  /// Ids are told by the tables that they choose rows of: inputs that nothing else reads go.
  private mutating func dropIds() {
    for place in parts.indices where parts[place].kind == .table {
      reads[place] = reads[place].filter { parts[$0].kind != .input }
    }
    let read = reads.reduce(into: Set<Int>()) { $0.formUnion($1) }
    keep(parts.indices.filter { parts[$0].kind != .input || read.contains($0) })
  }

  private mutating func keep(_ kept: [Int]) {
    let moved = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
    parts = kept.map { parts[$0] }
    reads = kept.map { Set(reads[$0].compactMap { moved[$0] }) }
    places = [:]
  }

  /// Makes one of parts that are alike, as often as that makes others alike.
  mutating func merge() {
    while mergeOnce() {}
  }

  private mutating func mergeOnce() -> Bool {
    var readers = [Set<Int>](repeating: [], count: parts.count)
    for (place, read) in reads.enumerated() {
      for other in read { readers[other].insert(place) }
    }
    var firsts: [[AnyHashable]: Int] = [:]
    var targets = Array(parts.indices)
    for (place, part) in parts.enumerated() where part.kind != .output {
      // Tables need not have the same size, and their names have nothing in common.
      let isTable = part.kind == .table
      let layers = isTable ? [] : part.layers.map { [$0.name, $0.shape] }
      let family = isTable ? "" : PartName.family(part.name)
      let key: [AnyHashable] = [part.kind, family, layers, reads[place], readers[place]]
      guard let first = firsts[key] else {
        firsts[key] = place
        continue
      }
      targets[place] = first
      parts[first].names += [part.name] + part.names
      if isTable { parts[first].layers += part.layers }
      parts[first].weights += part.weights
    }
    reads = reads.map { Set($0.map { targets[$0] }) }
    let before = parts.count
    keep(targets.indices.filter { targets[$0] == $0 })
    return parts.count < before
  }

  var blocks: [ModelDiagram.Block] {
    parts.map { part in
      let count = part.names.count + 1
      var title = part.name
      var lines = part.layers.map { $0.name.isEmpty ? $0.shape : "\($0.name): \($0.shape)" }
      if part.kind == .table {
        let names = ([part.name] + part.names).map { String($0.dropFirst("embedding.".count)) }
        title = count == 1 ? names[0] : Format.count(count, "table")
        lines =
          count == 1 ? lines : zip(names, part.layers).map { "\($0): \($1.shape)" }
      } else if count > 1 {
        title = "\(PartName.family(part.name)) × \(count)"
      }
      if lines.count > 6 { lines = lines.prefix(5) + ["and \(lines.count - 5) more"] }
      return ModelDiagram.Block(part.kind, title, lines: lines, weights: part.weights)
    }
  }

  var arrows: [ModelDiagram.Arrow] {
    reads.indices.flatMap { to in reads[to].sorted().map { ModelDiagram.Arrow($0, to) } }
  }
}

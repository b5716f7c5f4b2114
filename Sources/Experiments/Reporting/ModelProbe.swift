import GraphIR
import TensorTypes

/// The values of a model's graph that show what its parts do: the weights that gates give, and what
/// experts hand on. They are found by the names of parameters and by the way of the values.
struct ModelProbe {
  struct Gate {
    /// As its parameters are named.
    var name: String
    /// What it weights, in its order.
    var experts: [String]
    /// f32[B, experts].
    var value: ValueID
  }

  struct Expert {
    var name: String
    /// f32[B, n].
    var value: ValueID
  }

  private(set) var gates: [Gate] = []
  /// By what the names of the experts have in common.
  private(set) var experts: [(family: String, members: [Expert])] = []

  private let graph: Graph
  /// By value the parts that it comes from: the last ones with parameters on the way to it.
  private var sources: [Set<String>]

  init(_ graph: Graph) {
    self.graph = graph
    sources = [Set<String>](repeating: [], count: graph.values.count)
    for node in graph.nodes {
      let own = node.operands.lazy.compactMap { operand -> String? in
        guard case .source(.parameter(let id, _)) = graph.producer(of: operand).op else {
          return nil
        }
        return PartName.split(id.name).part
      }.first
      var found: Set<String> = []
      if let own {
        found = [own]
      } else {
        for operand in node.operands { found.formUnion(sources[operand.index]) }
      }
      for result in node.results { sources[result.index] = found }
    }
    for node in graph.nodes { findMixture(node) }
    groupExperts()
  }

  /// Σ_e g_e · expert_e as `Emitter.mixture` writes it: the product of a stack of values, f32[B, e, n],
  /// and of a gate's weights, f32[B, e, 1].
  private mutating func findMixture(_ node: Graph.Node) {
    guard case .elementwise(.binary(.mul)) = node.op, node.operands.count == 2,
      let weights = softmax(behind: node.operands[1]),
      let stack = concatenation(behind: node.operands[0]),
      let gate = sources[weights.index].first, sources[weights.index].count == 1,
      graph.type(of: weights).shape.last?.fixedSize == stack.count
    else { return }
    let names = stack.enumerated().map { place, value in
      sources[value.index].count == 1 ? sources[value.index].first ?? "" : "\(place + 1)"
    }
    gates.append(Gate(name: gate, experts: names, value: weights))
    for (name, value) in zip(names, stack) where sources[value.index].count == 1 {
      add(Expert(name: name, value: value))
    }
  }

  private mutating func add(_ expert: Expert) {
    let family = PartName.family(expert.name)
    guard let place = experts.firstIndex(where: { $0.family == family }) else {
      experts.append((family, [expert]))
      return
    }
    if !experts[place].members.contains(where: { $0.name == expert.name }) {
      experts[place].members.append(expert)
    }
  }

  /// Families of one expert alone are joined with those that stand beside them: the experts of tasks
  /// and the shared ones of a level.
  private mutating func groupExperts() {
    var joined: [(family: String, members: [Expert])] = []
    for (family, members) in experts {
      let level = PartName.family(family)
      // `experts.income` and `experts.shared` are compared with each other.
      let name = family.split(separator: ".").last == "experts" ? family : level
      if let place = joined.firstIndex(where: { $0.family == name }) {
        joined[place].members += members
      } else {
        joined.append((name, members))
      }
    }
    experts = joined
  }

  private func softmax(behind value: ValueID) -> ValueID? {
    let node = graph.producer(of: value)
    switch node.op {
    case .reduction(.softmax): return node.results.first
    case .layout(.reshape): return node.operands.first.flatMap(softmax)
    default: return nil
    }
  }

  private func concatenation(behind value: ValueID) -> [ValueID]? {
    let node = graph.producer(of: value)
    switch node.op {
    case .layout(.concat): return node.operands
    case .layout(.reshape): return node.operands.first.flatMap(concatenation)
    default: return nil
    }
  }
}

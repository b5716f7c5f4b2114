/// The model of a random spec.
extension SpecGenerator {
  mutating func interaction() -> String {
    switch random.below(4) {
    case 0: return "{ type: \"fm\" }"
    case 1: return "{ type: \"bi_interaction\" }"
    case 2: return "{ type: \"dcn_v2\", layers: \(1 + random.below(3)) }"
    default: return "{ type: \"dcn_v2\", layers: 2, rank: \(1 + random.below(4)) }"
    }
  }

  /// What an ensemble does not go with.
  private var takesMembers: Bool {
    !comparesRows && !features.contains { $0.contains("one_hot") }
  }

  mutating func units(_ depth: ClosedRange<Int>) -> String {
    let count = depth.lowerBound + random.below(depth.count)
    return
      "[\((0..<count).map { _ in "\(random.pick([1, 2, 3, 5, 8, 16, 17, 33]))" }.joined(separator: ", "))]"
  }

  mutating func modelText(_ model: String, _ base: String) -> String {
    var keys = ["type: \"\(base)\""]
    let passesOn = ["funnel_v3", "funnel_v4", "aitm"].contains(base)
    keys.append("tower_hidden_units: \(units((passesOn ? 1 : 0)...2))")
    switch base {
    case "shared_bottom": keys.append("bottom_hidden_units: \(units(0...2))")
    case "mmoe", "mmoe_v2":
      keys.append("num_experts: \(1 + random.below(5)), expert_hidden_units: \(units(1...2))")
      keys.append("gate_hidden_units: \(units(0...1))")
      if base == "mmoe_v2" { keys.append("num_layers: \(1 + random.below(3))") }
    case "cgc", "ple":
      keys.append("num_task_experts: \(1 + random.below(2))")
      keys.append(
        "num_shared_experts: \(1 + random.below(2)), expert_hidden_units: \(units(1...2))")
      keys.append("gate_hidden_units: \(units(0...1))")
      if base == "ple" { keys.append("num_levels: \(1 + random.below(3))") }
    case "dbmtl":
      keys.append("bottom_hidden_units: \(units(0...1)), num_experts: \(random.below(3))")
      keys.append("expert_hidden_units: \(units(1...1)), relation_hidden_units: \(units(1...1))")
      if taskNames.count > 1, random.isOne(in: 2) {
        keys.append("parents: { \(taskNames[1]): [\"\(taskNames[0])\"] }")
      }
    case "esmm":
      let group = embeddings.filter { $0.dim == embeddings.first?.dim }.map { "\"\($0.name)\"" }
      if random.isOne(in: 2), !group.isEmpty {
        keys.append("user_features: [\(group.joined(separator: ", "))]")
      }
    case "funnel_v4", "aitm": keys.append("info_hidden_units: \(units(0...1))")
    default: break
    }
    if Self.funnels.contains(base) {
      if random.isOne(in: 2) { keys.append("alpha: \(number(0, 1))") }
      if model != "maml", random.isOne(in: 3) { keys.append("conditional_outputs: true") }
    }
    let activations = ["relu", "relu", "tanh", "sigmoid", "silu", "gelu", "leaky_relu", "prelu"]
    keys.append("activation: \"\(random.pick(activations))\"")
    let crossed = interaction()
    // Buckets have embeddings too; bins and waves go through a layer.
    let widths = features.filter { !$0.contains("encoding: \"p") }.compactMap {
      $0.firstMatch(of: /embedding_dim: (\d+)/)?.1
    }
    let hasPairs = widths.count > 1 && Set(widths).count == 1
    let hasGroups = keys.contains { $0.hasPrefix("user_features") }
    if random.isOne(in: 3), crossed.contains("dcn") ? !hasGroups : hasPairs {
      keys.append("interaction: \(crossed)")
    }
    if model != "maml" {
      if random.isOne(in: 4) { keys.append("dropout: 0.3") }
      // Where there are only two different rows, what is normalized does not depend on what it was: the
      // gradients before it are rounding alone, which rules such as Adam make as large as any.
      let hasTwo = fewestRows == 2 || fewestRows == 3
      let hasMembers = takesMembers && random.isOne(in: 4)
      if hasMembers { keys.append("ensemble: { type: \"tabm\", members: \(2 + random.below(4)) }") }
      if !hasTwo, !hasMembers, random.isOne(in: 4) {
        keys.append("batch_norm: true")
      } else if random.isOne(in: 6) {
        keys.append("layer_norm: true")
      }
      return "{ \(keys.joined(separator: ", ")) }"
    }
    var outer = ["type: \"maml\"", "base: { \(keys.joined(separator: ", ")) }"]
    outer.append("order: \(1 + random.below(2)), inner_steps: \(1 + random.below(2))")
    outer.append("inner_learning_rate: 0.1, group: \"group\"")
    outer.append("adapt: \"\(random.pick(["decision", "all"]))\"")
    outer.append("support_rows: \(2 + random.below(3)), query_rows: \(2 + random.below(3))")
    return "{ \(outer.joined(separator: ", ")) }"
  }
}

import Plan

/// Products with one-hot columns, and the updates of their weight, may each touch some rows of the
/// weight alone. Where a weight is divided so, one half of the threads works on the rows of the first
/// product and the other half on the rest, so that each keeps its rows in its caches.
enum WeightHalves {
  /// 1 or 2 for each instruction that touches rows of one half alone.
  static func of(_ program: Program) -> [Int: Int] {
    var members: [View: [(index: Int, rows: [View])]] = [:]
    for (index, instruction) in program.instructions.enumerated() {
      switch instruction {
      case .oneHotLinear(let product) where !product.features.covers(product.weight):
        members[product.weight, default: []].append(
          (index, product.features.rows(of: product.weight)))
      case .oneHotGradient(let update)
      where update.updateL2 != nil && !update.features.covers(update.weight):
        members[update.weight, default: []].append(
          (index, update.features.rows(of: update.weight)))
      default: continue
      }
    }
    var halves: [Int: Int] = [:]
    for list in members.values {
      func isFirst(_ rows: [View]) -> Bool {
        rows.contains { row in
          list[0].rows.contains { row.mayOverlap($0, rows: program.batchCapacity) }
        }
      }
      let firsts = list.map { isFirst($0.rows) }
      guard firsts.contains(false) else { continue }
      for (member, isFirst) in zip(list, firsts) { halves[member.index] = isFirst ? 1 : 2 }
    }
    return halves
  }
}

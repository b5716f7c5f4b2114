import Plan
import TensorTypes

/// Finds the levels in which instructions run: an instruction's level is one more than the highest of
/// those it depends on (it reads what they write, or writes what they touch). Instructions of one
/// level run side by side.
struct OrderLevels: InstructionPass {
  let name = "order_levels"
  let isRequired = true

  func run(_ draft: inout ProgramDraft) {
    draft.levelOf = Self.levels(draft.instructions, capacity: draft.capacity)
  }

  /// - Parameter waits: What shall wait for others that it does not depend on: for an instruction those
  ///   of its own level that come before it.
  static func levels(
    _ instructions: [Instruction], capacity: Int, levelOf: [Int]? = nil, waits: [Int: [Int]] = [:]
  ) -> [Int] {
    var order = Array(instructions.indices)
    if let levelOf {
      // Who waits comes last in its level.
      let key = { (index: Int) in (levelOf[index], waits[index] == nil ? 0 : 1, index) }
      order.sort { key($0) < key($1) }
    }
    var levels = dependencies(instructions, order, waits: waits, capacity: capacity)
    let last = levels.max() ?? 0
    for index in instructions.indices where instructions[index].timing == .last {
      levels[index] = last
    }
    return levels
  }

  /// The level of each instruction, one more than that of any before it in the order that it depends
  /// on or waits for.
  private static func dependencies(
    _ unordered: [Instruction], _ order: [Int], waits: [Int: [Int]], capacity: Int
  ) -> [Int] {
    var levelOf = Array(repeating: 0, count: unordered.count)
    var touched = TouchedMemory(capacity: capacity)
    for index in order {
      let operands = unordered[index].operands
      var level = waits[index, default: []].map { levelOf[$0] + 1 }.max() ?? 0
      for operand in operands {
        for other in operand.access.writes ? [Operand.Access.write, .read] : [.write] {
          touched.forEach(other, of: operand.view) {
            levelOf[$0] >= level
          } _: {
            level = levelOf[$0] + 1
          }
        }
      }
      levelOf[index] = level
      touched.insert(operands, of: index)
    }
    return levelOf
  }
}

/// Instructions sorted by the level that they run in.
struct LevelOrder {
  private(set) var instructions: [Instruction] = []
  /// Where each level starts.
  private(set) var levels: [Int] = []

  init(_ unordered: [Instruction], levelOf: [Int]) {
    let order = unordered.indices.sorted { (levelOf[$0], $0) < (levelOf[$1], $1) }
    for (place, index) in order.enumerated() {
      if place == 0 || levelOf[index] != levelOf[order[place - 1]] { levels.append(place) }
      instructions.append(unordered[index])
    }
  }

  init(_ instructions: [Instruction], levels: [Int]) {
    self.instructions = instructions
    self.levels = levels
  }

  /// The instructions of each level.
  var ranges: [Range<Int>] {
    zip(levels, levels.dropFirst() + [instructions.count]).map { $0..<$1 }
  }
}

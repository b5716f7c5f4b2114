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
    var accesses: [BufferID: [Access]] = [:]
    for index in order {
      let instruction = unordered[index]
      var level = waits[index, default: []].map { levelOf[$0] + 1 }.max() ?? 0
      let own = instruction.operands.map { Access(index, $0, capacity) }
      for access in own {
        for other in accesses[access.view.buffer] ?? []
        where (access.writes || other.writes) && levelOf[other.index] >= level
          && access.mayOverlap(other, capacity)
        {
          level = levelOf[other.index] + 1
        }
      }
      levelOf[index] = level
      for access in own { accesses[access.view.buffer, default: []].append(access) }
    }
    return levelOf
  }

  private struct Access {
    var index: Int
    var view: View
    var bounds: ClosedRange<Int>
    var writes: Bool

    init(_ index: Int, _ operand: Operand, _ capacity: Int) {
      self.index = index
      view = operand.view
      bounds = view.bounds(rows: capacity) ?? 0...Int.max
      writes = operand.access.writes
    }

    func mayOverlap(_ other: Access, _ capacity: Int) -> Bool {
      bounds.overlaps(other.bounds) && view.mayOverlap(other.view, rows: capacity)
    }
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

import Plan
import TensorTypes

/// Lets an instruction write over an operand that dies with it, where its kernel reads each element
/// before it writes the same one.
struct ReuseInPlace: InstructionPass {
  let name = "reuse_in_place"

  func run(_ draft: inout ProgramDraft) {
    guard var levelOf = draft.levelOf else { return }
    let storages = draft.storages.storages
    let waits = Self.waits(draft.instructions, levelOf, storages, fetches: draft.fetched)
    if !waits.isEmpty {
      levelOf = OrderLevels.levels(
        draft.instructions, capacity: draft.capacity, levelOf: levelOf, waits: waits)
      draft.levelOf = levelOf
    }
    let target = Self.merge(
      LevelOrder(draft.instructions, levelOf: levelOf), storages, fetches: draft.fetched,
      capacity: draft.capacity)
    func moved(_ view: View) -> View {
      var view = view
      view.buffer = target[view.buffer.index]
      return view
    }
    draft.instructions = draft.instructions.map { $0.mapViews(moved) }
    for index in draft.fetches.indices {
      draft.fetches[index].view = moved(draft.fetches[index].view)
    }
  }

  /// - Returns: For each storage the one whose memory it takes (itself mostly).
  private static func merge(
    _ order: LevelOrder, _ storages: [Storage], fetches: [View], capacity: Int
  ) -> [BufferID] {
    var first = Array(repeating: Int.max, count: storages.count)
    var last = Array(repeating: -1, count: storages.count)
    var lastTouches = Array(repeating: 0, count: storages.count)
    for (level, range) in order.ranges.enumerated() {
      for instruction in order.instructions[range] {
        for buffer in Set(instruction.operands.map(\.view.buffer.index)) {
          first[buffer] = min(first[buffer], level)
          if last[buffer] != level { lastTouches[buffer] = 0 }
          last[buffer] = level
          lastTouches[buffer] += 1
        }
      }
    }
    for view in fetches { last[view.buffer.index] = Int.max }

    var target = storages.indices.map { BufferID($0) }
    var isTaken = Array(repeating: false, count: storages.count)
    for (level, range) in order.ranges.enumerated() {
      for instruction in order.instructions[range] {
        for (source, result) in instruction.inPlacePairs {
          let from = source.buffer.index
          let to = result.buffer.index
          guard from != to, storages[from].space == .arena, storages[to].space == .arena,
            storages[from].count == storages[to].count,
            storages[from].dtype == storages[to].dtype, last[from] == level,
            lastTouches[from] == 1, first[to] == level, !isTaken[from],
            source.offset == 0, result.offset == 0, source.extents == result.extents,
            source.strides == result.strides,
            result.bounds(rows: capacity) == 0...(storages[to].count - 1), target[to].index == to
          else { continue }
          target[to] = target[from]
          isTaken[from] = true
        }
      }
    }
    return target
  }

  /// Elements of a result from which its own memory is worth a level: more than a second-level
  /// cache holds of it and of the operand together.
  private static let worthALevel = 1 << 18

  /// Products that could take the memory of the activation they read, if only they came after the
  /// other readers of that activation in their level: those readers.
  private static func waits(
    _ instructions: [Instruction], _ levelOf: [Int], _ storages: [Storage], fetches: [View]
  ) -> [Int: [Int]] {
    let fetched = Set(fetches.map(\.buffer))
    var result: [Int: [Int]] = [:]
    var users: [BufferID: Set<Int>] = [:]
    for (index, instruction) in instructions.enumerated() {
      for operand in instruction.operands { users[operand.view.buffer, default: []].insert(index) }
    }
    for (index, instruction) in instructions.enumerated() {
      guard case .matmul(let product) = instruction, let y = product.y, let c = product.c,
        storages[y.buffer.index].space == .arena, storages[c.buffer.index].space == .arena,
        storages[c.buffer.index].count >= worthALevel, instruction.inPlacePairs.count == 1,
        !fetched.contains(y.buffer)
      else { continue }
      let others = users[y.buffer, default: []].sorted().filter { other in
        other != index && levelOf[other] >= levelOf[index]
      }
      if !others.isEmpty,
        others.allSatisfy({ levelOf[$0] == levelOf[index] && result[$0] == nil })
      {
        result[index] = others
      }
    }
    return result
  }
}

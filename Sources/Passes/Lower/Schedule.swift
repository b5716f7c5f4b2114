import Plan
import TensorTypes

/// Orders instructions into levels: an instruction's level is one more than the highest of those
/// it depends on (it reads what they write, or writes what they touch). Instructions of one level
/// run side by side.
struct Schedule {
  private(set) var instructions: [Instruction] = []
  private(set) var levels: [Int] = []

  /// - Parameter waiting: Given the levels, what shall wait for others that it does not depend on:
  ///   for an instruction those of its own level that come before it.
  init(
    _ unordered: [Instruction], capacity: Int, parameterBuffers: Set<BufferID>,
    waiting: (_ levelOf: [Int]) -> [Int: [Int]] = { _ in [:] }
  ) {
    var order = Array(unordered.indices)
    var levelOf = Self.levels(
      unordered, order, waits: [:], capacity: capacity, parameterBuffers: parameterBuffers)
    let waits = waiting(levelOf)
    if !waits.isEmpty {
      // Who waits comes last in its level.
      let key = { (index: Int) in (levelOf[index], waits[index] == nil ? 0 : 1, index) }
      order.sort { key($0) < key($1) }
      levelOf = Self.levels(
        unordered, order, waits: waits, capacity: capacity, parameterBuffers: parameterBuffers)
    }
    // The rest of the parameters is swept beside the last products.
    if let last = unordered.indices.last, case .optimizer = unordered[last] {
      levelOf[last] = levelOf.max() ?? 0
    }
    order.sort { (levelOf[$0], $0) < (levelOf[$1], $1) }
    for index in order {
      if levels.isEmpty || levelOf[index] != levelOf[order[instructions.count - 1]] {
        levels.append(instructions.count)
      }
      instructions.append(unordered[index])
    }
  }

  /// The level of each instruction, one more than that of any before it in the order that it depends
  /// on or waits for.
  private static func levels(
    _ unordered: [Instruction], _ order: [Int], waits: [Int: [Int]], capacity: Int,
    parameterBuffers: Set<BufferID>
  ) -> [Int] {
    var levelOf = Array(repeating: 0, count: unordered.count)
    var accesses: [BufferID: [Access]] = [:]
    for index in order {
      let instruction = unordered[index]
      var level = waits[index, default: []].map { levelOf[$0] + 1 }.max() ?? 0
      let reads = instruction.reads.map { Access(index, $0, capacity, writes: false) }
      var writes = instruction.writes.map { Access(index, $0, capacity, writes: true) }
      if case .optimizer(let optimizer) = instruction {
        // A segment is read in the gradients and written in the parameters.
        for segment in optimizer.segments where segment.count > 0 {
          for buffer in parameterBuffers {
            let view = View(
              buffer: buffer, offset: segment.offset, extents: [.fixed(segment.count)],
              strides: [1])
            writes.append(Access(index, view, capacity, writes: true))
          }
        }
      }
      for access in reads + writes {
        for other in accesses[access.view.buffer] ?? []
        where (access.writes || other.writes) && levelOf[other.index] >= level
          && access.mayOverlap(other, capacity)
        {
          level = levelOf[other.index] + 1
        }
      }
      levelOf[index] = level
      for access in reads + writes { accesses[access.view.buffer, default: []].append(access) }
    }
    return levelOf
  }

  /// The instructions of each level.
  var ranges: [Range<Int>] {
    levels.indices.map { level in
      levels[level]..<(level + 1 < levels.count ? levels[level + 1] : instructions.count)
    }
  }

  mutating func map(_ transform: (Instruction) -> Instruction) {
    instructions = instructions.map(transform)
  }

  private struct Access {
    var index: Int
    var view: View
    var bounds: ClosedRange<Int>
    var writes: Bool

    init(_ index: Int, _ view: View, _ capacity: Int, writes: Bool) {
      self.index = index
      self.view = view
      bounds = view.bounds(rows: capacity) ?? 0...Int.max
      self.writes = writes
    }

    func mayOverlap(_ other: Access, _ capacity: Int) -> Bool {
      bounds.overlaps(other.bounds) && view.mayOverlap(other.view, rows: capacity)
    }
  }
}

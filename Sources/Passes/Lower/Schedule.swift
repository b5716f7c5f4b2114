import Plan
import TensorTypes

/// Orders instructions into levels: an instruction's level is one more than the highest of those
/// it depends on (it reads what they write, or writes what they touch). Instructions of one level
/// run side by side.
struct Schedule {
  private(set) var instructions: [Instruction] = []
  private(set) var levels: [Int] = []

  init(_ unordered: [Instruction], capacity: Int, parameterBuffers: Set<BufferID>) {
    var levelOf: [Int] = []
    var accesses: [BufferID: [Access]] = [:]
    for (index, instruction) in unordered.enumerated() {
      var level = 0
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
      levelOf.append(level)
      for access in reads + writes { accesses[access.view.buffer, default: []].append(access) }
    }
    // The rest of the parameters is swept beside the last products.
    if let last = unordered.indices.last, case .optimizer = unordered[last] {
      levelOf[last] = levelOf.max() ?? 0
    }
    let order = unordered.indices.sorted { (levelOf[$0], $0) < (levelOf[$1], $1) }
    for index in order {
      if levels.isEmpty || levelOf[index] != levelOf[order[instructions.count - 1]] {
        levels.append(instructions.count)
      }
      instructions.append(unordered[index])
    }
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

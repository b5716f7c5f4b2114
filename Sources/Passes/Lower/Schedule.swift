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
      if case .optimizer = instruction {
        // Reads all gradients and writes all parameters it names: after everybody who touches any.
        for buffer in parameterBuffers {
          for access in accesses[buffer] ?? [] { level = max(level, levelOf[access.index] + 1) }
        }
        levelOf.append(level)
        for buffer in parameterBuffers {
          accesses[buffer, default: []].append(
            Access(index: index, view: nil, bounds: 0...Int.max, writes: true))
        }
        continue
      }
      let reads = instruction.reads.map { Access(index, $0, capacity, writes: false) }
      let writes = instruction.writes.map { Access(index, $0, capacity, writes: true) }
      for access in reads + writes {
        guard let buffer = access.view?.buffer else { continue }
        for other in accesses[buffer] ?? []
        where (access.writes || other.writes) && levelOf[other.index] >= level
          && access.mayOverlap(other, capacity)
        {
          level = levelOf[other.index] + 1
        }
      }
      levelOf.append(level)
      for access in reads + writes {
        if let buffer = access.view?.buffer { accesses[buffer, default: []].append(access) }
      }
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
    /// nil: all of the buffer.
    var view: View?
    var bounds: ClosedRange<Int>
    var writes: Bool

    init(index: Int, view: View?, bounds: ClosedRange<Int>, writes: Bool) {
      self.index = index
      self.view = view
      self.bounds = bounds
      self.writes = writes
    }

    init(_ index: Int, _ view: View, _ capacity: Int, writes: Bool) {
      let bounds = view.bounds(rows: capacity) ?? 0...Int.max
      self.init(index: index, view: view, bounds: bounds, writes: writes)
    }

    func mayOverlap(_ other: Access, _ capacity: Int) -> Bool {
      guard bounds.overlaps(other.bounds) else { return false }
      guard let view, let otherView = other.view else { return true }
      return view.mayOverlap(otherView, rows: capacity)
    }
  }
}

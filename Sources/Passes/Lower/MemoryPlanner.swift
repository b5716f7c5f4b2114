import Plan
import TensorTypes

/// Lays the arena out: buffers whose lifetimes do not meet share memory. Greedy by size: the
/// largest buffer first, each at the lowest offset that is free during its lifetime.
struct MemoryPlanner {
  private(set) var buffers: [Buffer] = []
  private(set) var arenaFloats = 0
  /// The largest sum of floats that live at the same time: no plan of these lifetimes needs less.
  private(set) var lowerBound = 0

  /// Buffers start on cache lines.
  private static let alignment = 16

  init(
    storages: [Storage], schedule: Schedule, fetches: [View], capacity: Int
  ) {
    let ranges = schedule.ranges
    var first = Array(repeating: Int.max, count: storages.count)
    var last = Array(repeating: -1, count: storages.count)
    for range in ranges {
      for instruction in schedule.instructions[range] {
        for view in instruction.reads + instruction.writes {
          // A level's instructions run side by side, so what one touches lives for all of it.
          first[view.buffer.index] = min(first[view.buffer.index], range.lowerBound)
          last[view.buffer.index] = max(last[view.buffer.index], range.upperBound - 1)
        }
      }
    }
    let end = max(schedule.instructions.count - 1, 0)
    for view in fetches where first[view.buffer.index] != Int.max {
      last[view.buffer.index] = end
    }
    buffers = storages.enumerated().map { index, storage in
      let isUsed = storage.space == .arena && first[index] != Int.max
      return Buffer(
        space: storage.space, offset: storage.offset,
        count: storage.space == .arena && !isUsed ? 0 : storage.count, dtype: storage.dtype,
        lifetime: isUsed ? first[index]...last[index] : nil, label: storage.label)
    }
    place()
    bound(levels: ranges)
  }

  private static func padded(_ count: Int) -> Int {
    (count + alignment - 1) / alignment * alignment
  }

  private mutating func place() {
    let order = buffers.indices
      .filter { buffers[$0].space == .arena && buffers[$0].lifetime != nil }
      .sorted {
        (buffers[$0].count, -$0) > (buffers[$1].count, -$1)
      }
    var placed: [Int] = []
    for index in order {
      guard let lifetime = buffers[index].lifetime else { continue }
      let need = Self.padded(buffers[index].count)
      let taken =
        placed
        .filter { buffers[$0].lifetime?.overlaps(lifetime) ?? false }
        .map { buffers[$0].offset..<(buffers[$0].offset + Self.padded(buffers[$0].count)) }
        .sorted { $0.lowerBound < $1.lowerBound }
      var offset = 0
      for range in taken where range.upperBound > offset {
        if range.lowerBound - offset >= need { break }
        offset = range.upperBound
      }
      buffers[index].offset = offset
      arenaFloats = max(arenaFloats, offset + need)
      placed.append(index)
    }
  }

  private mutating func bound(levels: [Range<Int>]) {
    for range in levels {
      var live = 0
      for buffer in buffers where buffer.space == .arena {
        if let lifetime = buffer.lifetime, lifetime.contains(range.lowerBound) {
          live += Self.padded(buffer.count)
        }
      }
      lowerBound = max(lowerBound, live)
    }
  }
}

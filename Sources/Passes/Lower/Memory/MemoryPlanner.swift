import Plan
import TensorTypes

/// Lays the arena out: buffers whose lifetimes do not meet share memory. Each is placed at the
/// lowest offset that is free during its lifetime; the order makes the difference, so several are
/// tried.
struct MemoryPlanner {
  private(set) var buffers: [Buffer] = []
  private(set) var arenaFloats = 0
  /// The largest sum of floats that live at the same time: no plan of these lifetimes needs less.
  private(set) var lowerBound = 0
  /// The levels that each buffer lives in; nil for one that nothing touches.
  private var levels: [ClosedRange<Int>?] = []

  /// Buffers start on cache lines.
  private static let alignment = 16

  init(
    storages: [Storage], order: LevelOrder, fetches: [View], capacity: Int
  ) {
    let ranges = order.ranges
    // A level's instructions run side by side, so what one touches lives for all of it.
    levels = Array(repeating: nil, count: storages.count)
    for (level, range) in ranges.enumerated() {
      for operand in order.instructions[range].lazy.flatMap(\.operands) {
        let buffer = operand.view.buffer.index
        levels[buffer] = (levels[buffer]?.lowerBound ?? level)...level
      }
    }
    for view in fetches {
      if let lived = levels[view.buffer.index] {
        levels[view.buffer.index] = lived.lowerBound...ranges.count - 1
      }
    }
    buffers = storages.enumerated().map { index, storage in
      let lived = storage.space == .arena ? levels[index] : nil
      return Buffer(
        space: storage.space, offset: storage.offset,
        count: storage.space == .arena && lived == nil ? 0 : storage.count, dtype: storage.dtype,
        lifetime: lived.map {
          ranges[$0.lowerBound].lowerBound...ranges[$0.upperBound].upperBound - 1
        }, label: storage.label)
    }
    var live = Array(repeating: 0, count: ranges.count)
    for (buffer, lived) in zip(buffers, levels) where buffer.space == .arena {
      for level in lived.map(Range.init) ?? 0..<0 { live[level] += Self.padded(buffer.count) }
    }
    lowerBound = live.max() ?? 0
    place(levels: ranges.count)
  }

  private static func padded(_ count: Int) -> Int {
    (count + alignment - 1) / alignment * alignment
  }

  /// The orders in which buffers are placed, by what goes first. None is best for all programs.
  private static let orders: [@Sendable (Buffer) -> Int] = [
    { $0.count },
    { $0.count * ($0.lifetime?.count ?? 0) },
    { $0.lifetime?.count ?? 0 },
    { -($0.lifetime?.lowerBound ?? 0) },
    { $0.lifetime?.lowerBound ?? 0 },
  ]
  /// Pairs of buffers looked at before the best order so far must do.
  private static let patience = 400_000

  /// Tries order after order until one meets the lower bound; then, where none does, brings the
  /// buffer that sticks out furthest to the front of the best order, again and again.
  private mutating func place(levels count: Int) {
    let arena = buffers.indices.filter {
      buffers[$0].space == .arena && buffers[$0].lifetime != nil
    }
    var left = Self.patience
    var best: Placement?
    var bestOrder: [Int] = []
    func attempt(_ order: [Int]) -> Placement {
      left -= max(1, order.count * order.count / 2)
      return Placement(order, levels: count) { [buffers, levels] index in
        levels[index].map { (levels: $0, floats: Self.padded(buffers[index].count)) }
      }
    }
    for key in Self.orders where best == nil || (left > 0 && needed(best) > lowerBound) {
      let order = arena.sorted {
        (key(buffers[$0]), buffers[$0].count, -$0) > (key(buffers[$1]), buffers[$1].count, -$1)
      }
      let placement = attempt(order)
      if best == nil || placement.floats < needed(best) { (best, bestOrder) = (placement, order) }
    }
    var order = bestOrder
    var current = best
    while left > 0, needed(best) > lowerBound, let top = current?.top {
      guard order.first != top else { break }
      order.removeAll { $0 == top }
      order.insert(top, at: 0)
      let placement = attempt(order)
      if placement.floats < needed(best) { best = placement }
      current = placement
    }
    guard let best else { return }
    for (index, offset) in zip(best.order, best.offsets) { buffers[index].offset = offset }
    arenaFloats = best.floats
  }

  private func needed(_ placement: Placement?) -> Int { placement?.floats ?? Int.max }

  /// Buffers placed one after the other, each at the lowest offset that is free in its lifetime.
  private struct Placement {
    var order: [Int]
    var offsets: [Int] = []
    var floats = 0
    /// The buffer that ends last.
    var top: Int?

    /// - Parameter need: How much a buffer takes, and in which levels.
    init(
      _ order: [Int], levels: Int, need: (Int) -> (levels: ClosedRange<Int>, floats: Int)?
    ) {
      self.order = order
      var taken = Array(repeating: TakenRanges(), count: levels)
      for index in order {
        guard let need = need(index) else { continue }
        var offset = 0
        var isFree = false
        while !isFree {
          let start = offset
          for level in need.levels { offset = taken[level].free(need.floats, from: offset) }
          isFree = offset == start
        }
        for level in need.levels { taken[level].take(offset..<offset + need.floats) }
        offsets.append(offset)
        if offset + need.floats > floats {
          floats = offset + need.floats
          top = index
        }
      }
    }
  }
}

/// Ranges that are taken, rising; those that touch each other are one.
private struct TakenRanges {
  private var ranges: [Range<Int>] = []

  /// The first range that ends at an offset or behind it.
  private func first(from offset: Int) -> Int {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The lowest offset of so many that are free, at `offset` or behind it.
  func free(_ count: Int, from offset: Int) -> Int {
    var offset = offset
    for range in ranges[first(from: offset)...] where range.upperBound > offset {
      if range.lowerBound - offset >= count { break }
      offset = range.upperBound
    }
    return offset
  }

  mutating func take(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    let start = first(from: range.lowerBound)
    var end = start
    var whole = range
    while end < ranges.count, ranges[end].lowerBound <= range.upperBound {
      whole =
        min(
          whole.lowerBound, ranges[end].lowerBound)..<max(
          whole.upperBound, ranges[end].upperBound)
      end += 1
    }
    ranges.replaceSubrange(start..<end, with: [whole])
  }
}

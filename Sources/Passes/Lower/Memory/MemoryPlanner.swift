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

  /// Buffers start on cache lines.
  private static let alignment = 16

  init(
    storages: [Storage], order: LevelOrder, fetches: [View], capacity: Int
  ) {
    let ranges = order.ranges
    var first = Array(repeating: Int.max, count: storages.count)
    var last = Array(repeating: -1, count: storages.count)
    for range in ranges {
      for instruction in order.instructions[range] {
        for view in instruction.operands.map(\.view) {
          // A level's instructions run side by side, so what one touches lives for all of it.
          first[view.buffer.index] = min(first[view.buffer.index], range.lowerBound)
          last[view.buffer.index] = max(last[view.buffer.index], range.upperBound - 1)
        }
      }
    }
    let end = max(order.instructions.count - 1, 0)
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
    bound(levels: ranges)
    place()
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
  private mutating func place() {
    let arena = buffers.indices.filter {
      buffers[$0].space == .arena && buffers[$0].lifetime != nil
    }
    var left = Self.patience
    var best: Placement?
    var bestOrder: [Int] = []
    func attempt(_ order: [Int]) -> Placement {
      left -= max(1, order.count * order.count / 2)
      return Placement(order, buffers, padded: Self.padded)
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

    init(_ order: [Int], _ buffers: [Buffer], padded: (Int) -> Int) {
      self.order = order
      var placed: [(lifetime: ClosedRange<Int>, range: Range<Int>)] = []
      for index in order {
        guard let lifetime = buffers[index].lifetime else { continue }
        let need = padded(buffers[index].count)
        let taken =
          placed.filter { $0.lifetime.overlaps(lifetime) }.map(\.range)
          .sorted { $0.lowerBound < $1.lowerBound }
        var offset = 0
        for range in taken where range.upperBound > offset {
          if range.lowerBound - offset >= need { break }
          offset = range.upperBound
        }
        offsets.append(offset)
        placed.append((lifetime, offset..<(offset + need)))
        if offset + need > floats {
          floats = offset + need
          top = index
        }
      }
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

/// Lifetimes of arena buffers, and what may run beside what.
extension ProgramValidator {
  mutating func checkLifetimes() {
    for (index, list) in accesses.enumerated() {
      for access in list where access.region.space == .arena {
        guard let lifetime = program[access.buffer].lifetime else { continue }
        if !lifetime.contains(index) {
          current = index
          report("it touches \(access.buffer) outside its lifetime \(lifetime)")
          current = nil
        }
      }
    }
    checkSharing()
  }

  /// Sweeps over the instructions with the live buffers sorted by offset. A buffer that starts at
  /// the instruction at which another ends may take its memory: whether that instruction can work
  /// in place is checked with the instruction.
  private mutating func checkSharing() {
    struct Live {
      var id: Int
      var bounds: Range<Int>
      var last: Int
    }
    let arena = program.buffers.indices.filter {
      program.buffers[$0].space == .arena && program.buffers[$0].count > 0
    }
    let starts = arena.sorted {
      (program.buffers[$0].lifetime?.lowerBound ?? 0)
        < (program.buffers[$1].lifetime?.lowerBound ?? 0)
    }
    var live: [Live] = []
    var time = -1
    for id in starts {
      let buffer = program.buffers[id]
      guard let lifetime = buffer.lifetime else { continue }
      if lifetime.lowerBound != time {
        time = lifetime.lowerBound
        live.removeAll { $0.last <= time }
      }
      let bounds = buffer.offset..<(buffer.offset + buffer.count)
      // Live buffers do not overlap, so they are sorted by their ends as well.
      var low = 0
      var high = live.count
      while low < high {
        let middle = (low + high) / 2
        if live[middle].bounds.upperBound <= bounds.lowerBound {
          low = middle + 1
        } else {
          high = middle
        }
      }
      if low < live.count, live[low].bounds.lowerBound < bounds.upperBound {
        report("buffers &\(live[low].id) and &\(id) share memory while both live")
        continue
      }
      live.insert(Live(id: id, bounds: bounds, last: lifetime.upperBound), at: low)
    }
  }

  mutating func checkOrder() {
    var written: [BufferID: OverlapIndex<Region>] = [:]
    let ends = program.levels.dropFirst() + [program.instructions.count]
    for (start, end) in zip(program.levels, ends) {
      checkIndependence(start..<end)
      for index in start..<end {
        current = index
        for access in accesses[index] where access.use.access.reads && access.region.space == .arena
        {
          let id = access.buffer
          let isThere =
            written[id]?.contains(at: access.region.place) {
              !$0.isDisjoint(from: access.region)
            } ?? false
          if !isThere { report("it reads \(id) before anything wrote it") }
        }
      }
      for index in start..<end {
        for access in accesses[index]
        where access.use.access.writes && access.region.space == .arena {
          let place = access.region.place
          let isKnown =
            written[access.buffer]?.contains(at: place) { $0 == access.region } ?? false
          if !isKnown {
            written[access.buffer, default: OverlapIndex()].insert(access.region, at: place)
          }
        }
      }
    }
    current = nil
  }

  private mutating func checkIndependence(_ level: Range<Int>) {
    guard level.count > 1 else { return }
    let owners = level.flatMap { index in accesses[index].map { _ in index } }
    let pairs = Self.conflicts(level.flatMap { accesses[$0] }) { owners[$0] != owners[$1] }
    for (one, other) in pairs {
      current = max(owners[one], owners[other])
      report("it depends on instruction \(min(owners[one], owners[other])) of its own level")
      current = nil
    }
  }
}

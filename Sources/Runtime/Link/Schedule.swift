import CKernels

/// Which thread runs which tiles of which call, and where the threads wait for each other. The cut
/// into tiles is the kernels' and does not depend on the number of threads, so neither do the
/// results; who runs a tile is decided here, from the estimated cost of the calls of a level.
final class Schedule {
  struct Item {
    /// Nil for a barrier, where the threads of the step meet.
    var run: Kernel.Run?
    /// Its number; -1 for a barrier.
    var call: Int32
    var arguments: UnsafeRawPointer
    var first: Int64
    var last: Int64
  }

  /// What the threads of a step read.
  struct Step {
    /// One list after the other, `capacity` items apart.
    var items: UnsafeMutablePointer<Item>
    var counts: UnsafeMutablePointer<Int>
    var capacity: Int
    var calls: Int
    var threads: Int
    var core: ThreadPool.Core?
    /// Where the times of a calibration step go: for each thread the shortest one of each call.
    var times: UnsafeMutablePointer<UInt64>?
  }

  /// A level below this estimate is cheaper on one thread than with what sharing it costs: a
  /// barrier, and operands that the other core's cache holds.
  private static let worthSharing = 6_000.0

  /// The step on all threads that it pays for, and on the caller alone.
  let step: UnsafeMutablePointer<Step>
  let alone: UnsafeMutablePointer<Step>
  let threads: Int
  private let costs: UnsafeMutablePointer<Double>
  /// The tiles of a call that this worker runs: how many, and the first.
  private let tiles: UnsafeMutablePointer<Int>
  private let firstTiles: UnsafeMutablePointer<Int>
  /// What each thread can still be given of the level at hand.
  private let room: UnsafeMutablePointer<Double>
  private let callCapacity: Int
  /// What the calls take, measured, beside their estimates.
  let corrections: UnsafeMutablePointer<Double>
  let times: UnsafeMutablePointer<UInt64>
  /// Steps that are still to be measured.
  var calibrationSteps = 0

  init(calls: Int, levels: Int, threads: Int) {
    self.threads = threads
    callCapacity = calls
    let capacity = calls + levels + 1
    step = .allocate(capacity: 1)
    step.initialize(
      to: Step(
        items: .allocate(capacity: capacity * threads), counts: .allocate(capacity: threads),
        capacity: capacity, calls: calls, threads: threads, core: nil, times: nil))
    step.pointee.counts.initialize(repeating: 0, count: threads)
    alone = .allocate(capacity: 1)
    alone.initialize(
      to: Step(
        items: .allocate(capacity: max(1, calls)), counts: .allocate(capacity: 1),
        capacity: calls, calls: calls, threads: 1, core: nil, times: nil))
    alone.pointee.counts.initialize(to: 0)
    costs = .allocate(capacity: max(1, calls))
    tiles = .allocate(capacity: max(1, calls))
    firstTiles = .allocate(capacity: max(1, calls))
    room = .allocate(capacity: threads)
    corrections = .allocate(capacity: max(1, calls))
    corrections.initialize(repeating: 1, count: max(1, calls))
    times = .allocate(capacity: max(1, calls) * threads)
    times.initialize(repeating: .max, count: max(1, calls) * threads)
  }

  deinit {
    step.pointee.items.deallocate()
    step.pointee.counts.deallocate()
    step.deallocate()
    alone.pointee.items.deallocate()
    alone.pointee.counts.deallocate()
    alone.deallocate()
    costs.deallocate()
    tiles.deallocate()
    firstTiles.deallocate()
    room.deallocate()
    corrections.deallocate()
    times.deallocate()
  }

  /// Fills the threads' lists for calls whose extents are set.
  func arrange(_ calls: UnsafePointer<LinkedCall>, _ count: Int, rows: Int) {
    for thread in 0..<threads { step.pointee.counts[thread] = 0 }
    step.pointee.threads = threads
    for k in 0..<count {
      let range = calls[k].tiles()
      (tiles[k], firstTiles[k]) = (range.count, range.lowerBound)
      costs[k] = calls[k].estimate(rows: rows) * corrections[k]
    }
    arrangeAlone(calls, count)
    // Whether thread 0 alone has worked since the last barrier, whether it has at all, and the level
    // before which it must meet a thread that has been given work aside.
    var isAlone = true
    var hasWorked = false
    var meeting: Int?
    var first = 0
    while first < count {
      let level = calls[first].level
      var end = first
      var total = 0.0
      var aside = 0.0
      while end < count, calls[end].level == level {
        if tiles[end] > 0 {
          if calls[end].deadline > level + 1 { aside += costs[end] } else { total += costs[end] }
        }
        end += 1
      }
      if total == 0, aside == 0 {
        // What other workers or this batch have no use for.
        first = end
        continue
      }
      let shares = threads > 1 && total >= Self.worthSharing && hasSeveralTiles(first..<end)
      let laysAside = threads > 1 && !shares && aside > 0
      if first > 0, shares || !isAlone || level >= meeting ?? .max || (laysAside && hasWorked) {
        appendBarrier()
        (isAlone, hasWorked, meeting) = (true, false, nil)
      }
      if shares {
        share(calls, first..<end, total: total + aside)
        isAlone = false
      } else {
        for k in first..<end where tiles[k] > 0 {
          if laysAside, calls[k].deadline > level + 1 {
            append(calls, k, 1, 0, tiles[k])
            meeting = min(meeting ?? .max, calls[k].deadline)
          } else {
            append(calls, k, 0, 0, tiles[k])
            hasWorked = true
          }
        }
      }
      first = end
    }
    if meeting != nil { isAlone = false }
    if step.pointee.counts.advanced(by: 0).pointee == 0 || threads == 1 { return }
    if (1..<threads).allSatisfy({ thread in onlyBarriers(thread) }) {
      // Nothing was worth sharing: no other thread need wake.
      step.pointee.threads = 1
      dropBarriers()
    } else if !isAlone {
      appendBarrier()
    }
  }

  private func arrangeAlone(_ calls: UnsafePointer<LinkedCall>, _ count: Int) {
    var used = 0
    for k in 0..<count where tiles[k] > 0 {
      (alone.pointee.items + used).initialize(
        to: Item(
          run: calls[k].kernel.run, call: Int32(k),
          arguments: UnsafeRawPointer(calls[k].arguments), first: Int64(firstTiles[k]),
          last: Int64(firstTiles[k] + tiles[k])))
      used += 1
    }
    alone.pointee.counts[0] = used
  }

  private func hasSeveralTiles(_ range: Range<Int>) -> Bool {
    var sum = 0
    for k in range { sum += tiles[k] }
    return sum > 1
  }

  /// The part of a thread's share that may be moved for the cut to fall between two calls.
  private static let thinSlice = 0.1

  /// Cuts the level's estimated cost into equal parts, each a run of neighbouring tiles. Calls that
  /// belong to a part of the threads go there first, and the others fill up what is left.
  private func share(_ calls: UnsafePointer<LinkedCall>, _ range: Range<Int>, total: Double) {
    for thread in 0..<threads { room[thread] = total / Double(threads) }
    var free = total
    for k in range where tiles[k] > 0 && calls[k].half > 0 {
      let low = (calls[k].half - 1) * threads / 2
      let high = max(low + 1, calls[k].half * threads / 2)
      for thread in low..<high {
        let start = tiles[k] * (thread - low) / (high - low)
        let end = tiles[k] * (thread - low + 1) / (high - low)
        if end > start { append(calls, k, thread, start, end) }
        room[thread] -= costs[k] / Double(high - low)
      }
      free -= costs[k]
    }
    var left = 0.0
    for thread in 0..<threads {
      room[thread] = max(0, room[thread])
      left += room[thread]
    }
    let scale = left > 0 ? free / left : 0
    let thin = Self.thinSlice * total / Double(threads)
    var before = 0.0
    for k in range where tiles[k] > 0 && calls[k].half == 0 {
      let each = costs[k] / Double(tiles[k])
      var start = 0
      var boundary = 0.0
      for thread in 0..<threads {
        boundary += room[thread] * scale
        let all = Double(tiles[k])
        var position = min(all, max(0, ((boundary - before) / each).rounded()))
        // A thin slice of another thread's call would drag its operands across.
        if (all - position) * each < thin {
          position = all
        } else if position * each < thin {
          position = 0
        }
        let end = thread == threads - 1 ? tiles[k] : max(start, Int(position))
        if end > start { append(calls, k, thread, start, end) }
        start = end
      }
      before += costs[k]
    }
  }

  private func append(
    _ calls: UnsafePointer<LinkedCall>, _ k: Int, _ thread: Int, _ first: Int, _ last: Int
  ) {
    push(
      Item(
        run: calls[k].kernel.run, call: Int32(k),
        arguments: UnsafeRawPointer(calls[k].arguments), first: Int64(firstTiles[k] + first),
        last: Int64(firstTiles[k] + last)),
      thread)
  }

  private func appendBarrier() {
    for thread in 0..<threads {
      push(
        Item(run: nil, call: -1, arguments: UnsafeRawPointer(step), first: 0, last: 0),
        thread)
    }
  }

  private func push(_ item: Item, _ thread: Int) {
    let at = step.pointee.counts[thread]
    (step.pointee.items + thread * step.pointee.capacity + at).initialize(to: item)
    step.pointee.counts[thread] = at + 1
  }

  private func onlyBarriers(_ thread: Int) -> Bool {
    let items = step.pointee.items + thread * step.pointee.capacity
    for k in 0..<step.pointee.counts[thread] where items[k].run != nil { return false }
    return true
  }

  private func dropBarriers() {
    let items = step.pointee.items
    var kept = 0
    for k in 0..<step.pointee.counts[0] where items[k].run != nil {
      items[kept] = items[k]
      kept += 1
    }
    step.pointee.counts[0] = kept
  }
}

extension Schedule {
  /// Runs the arranged step: on the pool, or on the caller alone.
  @inline(__always)
  static func run(_ step: UnsafeMutablePointer<Step>) {
    if step.pointee.threads > 1, let core = step.pointee.core {
      core.run(
        { context, thread in
          Schedule.work(context.assumingMemoryBound(to: Step.self), thread)
        }, context: UnsafeMutableRawPointer(step), threads: step.pointee.threads)
    } else {
      work(step, 0)
    }
  }

  /// The list of one thread. The last item of every list is a barrier when there are several.
  private static func work(_ step: UnsafeMutablePointer<Step>, _ thread: Int) {
    let items = step.pointee.items + thread * step.pointee.capacity
    let count = step.pointee.counts[thread]
    let threads = step.pointee.threads
    let core = step.pointee.core
    let mode = mtlc_float_mode_flush()
    if let times = step.pointee.times {
      workMeasured(step, thread, times + thread * step.pointee.calls)
      mtlc_float_mode_restore(mode)
      return
    }
    for k in 0..<count {
      if let run = items[k].run {
        run(items[k].arguments, items[k].first, items[k].last)
      } else {
        core?.barrier(threads)
      }
    }
    mtlc_float_mode_restore(mode)
  }
}

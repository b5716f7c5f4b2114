import CKernels
import Schema
import Synchronization

/// Threads that run one function together: the caller and `count - 1` workers. A worker spins for
/// a short while between jobs, so that a job that follows at once starts within a fraction of a
/// microsecond, and then sleeps.
///
/// The pool belongs to one caller at a time.
package final class ThreadPool {
  package typealias Body =
    @convention(c) (_ context: UnsafeMutableRawPointer, _ thread: Int) -> Void

  package let count: Int
  package let core: Core
  private let workers: [SystemThread]

  /// A pool of `count` threads, fewer when the system has no more.
  package init(count: Int) {
    let core = Core()
    var workers: [SystemThread] = []
    while workers.count + 1 < min(count, Core.maximumThreads) {
      let index = workers.count + 1
      guard let worker = SystemThread({ core.work(index) }) else { break }
      workers.append(worker)
    }
    self.core = core
    self.workers = workers
    self.count = workers.count + 1
  }

  deinit {
    core.stop()
    for worker in workers { worker.join() }
    core.destroy()
  }
}

extension ThreadPool {
  /// The state that the threads share, in memory of its own: a step must not touch reference
  /// counts, and each counter wants a cache line to itself.
  package struct Core: @unchecked Sendable {
    static let maximumThreads = 255
    /// How long a worker spins between jobs before it sleeps.
    private static let jobSpinNanoseconds: UInt64 = 100_000
    /// How long a thread spins at a barrier. Longer: on a shared machine the time to wake up is
    /// tens of microseconds, and when the others go to sleep for that long, which then have to be
    /// woken in their turn, every barrier of the step costs as much.
    private static let barrierSpinNanoseconds: UInt64 = 200_000
    /// How often a thread that finds itself on another's processor may move.
    private static let moveNanoseconds: UInt64 = 2_000_000
    private static let line = 128
    fileprivate let base: UnsafeMutableRawPointer

    private struct Job {
      var body: Body?
      var context: UnsafeMutableRawPointer?
    }

    fileprivate init() {
      base = .allocate(
        byteCount: 6 * Self.line + (Self.maximumThreads + 1) * MemoryLayout<Int>.stride,
        alignment: Self.line)
      for index in 0...Self.maximumThreads { place(index).initialize(to: Atomic(-1)) }
      for cell in [job, arrived, phase, sleepers] { cell.initialize(to: Atomic(0)) }
      description.initialize(to: Job())
      bed.initialize(to: Condition())
    }

    fileprivate func destroy() {
      bed.deinitialize(count: 1)
      base.deallocate()
    }

    /// Rises with each job; the low byte says how many threads take part, 0 that all shall end.
    private var job: UnsafeMutablePointer<Atomic<Int>> { cell(0) }
    private var arrived: UnsafeMutablePointer<Atomic<Int>> { cell(1) }
    /// Rises each time a barrier opens.
    private var phase: UnsafeMutablePointer<Atomic<Int>> { cell(2) }
    private var sleepers: UnsafeMutablePointer<Atomic<Int>> { cell(3) }
    private var description: UnsafeMutablePointer<Job> {
      (base + 4 * Self.line).assumingMemoryBound(to: Job.self)
    }
    private var bed: UnsafeMutablePointer<Condition> {
      (base + 5 * Self.line).assumingMemoryBound(to: Condition.self)
    }

    @inline(__always)
    private func cell(_ index: Int) -> UnsafeMutablePointer<Atomic<Int>> {
      (base + index * Self.line).assumingMemoryBound(to: Atomic<Int>.self)
    }

    /// The processor that a thread was last seen on.
    @inline(__always)
    private func place(_ index: Int) -> UnsafeMutablePointer<Atomic<Int>> {
      (base + 6 * Self.line).assumingMemoryBound(to: Atomic<Int>.self) + index
    }

    /// Takes down where a thread is. Only a change is written: all threads read these.
    @inline(__always)
    private func notePlace(_ index: Int) -> Int {
      let here = Int(mtlc_current_processor())
      if place(index).pointee.load(ordering: .relaxed) != here {
        place(index).pointee.store(here, ordering: .relaxed)
      }
      return here
    }

    /// Moves a thread away from a processor that one before it runs on. Threads that meet many times
    /// in a step and share a processor take turns: each waits while the other runs, so the system
    /// never sees two that want to run at one time, and leaves them there although another
    /// processor idles.
    @inline(__always)
    private func keepApart(_ index: Int, _ lastMove: inout UInt64) {
      let here = notePlace(index)
      guard here >= 0 else { return }
      for other in 0..<index where place(other).pointee.load(ordering: .relaxed) == here {
        moveAside(index, &lastMove)
        return
      }
    }

    @inline(never)
    private func moveAside(_ index: Int, _ lastMove: inout UInt64) {
      let now = Platform.nanoseconds()
      guard now &- lastMove > Self.moveNanoseconds else { return }
      lastMove = now
      withUnsafeTemporaryAllocation(of: Int64.self, capacity: index) { taken in
        for other in 0..<index {
          taken[other] = Int64(place(other).pointee.load(ordering: .relaxed))
        }
        _ = mtlc_move_away_from(taken.baseAddress, Int64(index))
      }
      _ = notePlace(index)
    }

    /// Runs `body(context, k)` for k in 0..<threads, k = 0 on the caller. The body ends with
    /// `barrier(threads)`, or at least passes one after which no thread reads the context.
    package func run(_ body: Body, context: UnsafeMutableRawPointer, threads: Int) {
      description.pointee = Job(body: body, context: context)
      _ = notePlace(0)
      post(threads)
      body(context, 0)
    }

    fileprivate func stop() { post(0) }

    private func post(_ threads: Int) {
      let number = job.pointee.load(ordering: .relaxed) >> 8
      job.pointee.store((number &+ 1) << 8 | threads, ordering: .sequentiallyConsistent)
      wake()
    }

    /// Waits until `threads` threads have come here.
    @inline(__always)
    package func barrier(_ threads: Int) {
      let old = phase.pointee.load(ordering: .relaxed)
      if arrived.pointee.add(1, ordering: .acquiringAndReleasing).newValue == threads {
        arrived.pointee.store(0, ordering: .relaxed)
        phase.pointee.store(old &+ 1, ordering: .sequentiallyConsistent)
        wake()
      } else {
        wait(phase, while: old, spin: Self.barrierSpinNanoseconds)
      }
    }

    fileprivate func work(_ index: Int) {
      var seen = 0
      var lastMove: UInt64 = 0
      while true {
        wait(job, while: seen, spin: Self.jobSpinNanoseconds)
        seen = job.pointee.load(ordering: .acquiring)
        let threads = seen & 0xff
        if threads == 0 { return }
        // A thread that takes no part must not look at the job: nobody waits for it.
        if index < threads, let body = description.pointee.body,
          let context = description.pointee.context
        {
          keepApart(index, &lastMove)
          body(context, index)
        }
      }
    }

    private func wait(
      _ cell: UnsafeMutablePointer<Atomic<Int>>, while old: Int, spin: UInt64
    ) {
      for _ in 0..<64 {
        if cell.pointee.load(ordering: .acquiring) != old { return }
        mtlc_spin_pause()
      }
      let start = Platform.nanoseconds()
      repeat {
        for _ in 0..<16 {
          if cell.pointee.load(ordering: .acquiring) != old { return }
          mtlc_spin_pause()
        }
      } while Platform.nanoseconds() &- start < spin
      // The count goes up before the last look and the change comes before the look at the count,
      // both sequentially consistent: one of the two sides sees the other.
      bed.pointee.lock()
      sleepers.pointee.add(1, ordering: .sequentiallyConsistent)
      while cell.pointee.load(ordering: .sequentiallyConsistent) == old { bed.pointee.wait() }
      sleepers.pointee.subtract(1, ordering: .sequentiallyConsistent)
      bed.pointee.unlock()
    }

    @inline(__always)
    private func wake() {
      if sleepers.pointee.load(ordering: .sequentiallyConsistent) != 0 { wakeSleepers() }
    }

    @inline(never)
    private func wakeSleepers() {
      bed.pointee.lock()
      bed.pointee.broadcast()
      bed.pointee.unlock()
    }
  }
}

import CKernels
import Schema
import Synchronization

/// A page where workers of one machine wait for each other, within a microsecond where each has a processor.
package struct MeetingPlace: BitwiseCopyable, @unchecked Sendable {
  /// Zeros before the first meeting.
  var page: UnsafeMutableRawPointer
  var workers: Int

  /// Turns of a waiting loop before the processor is left to others.
  private static let spins = 20_000

  private var arrived: UnsafeMutablePointer<Atomic<Int>> {
    page.assumingMemoryBound(to: Atomic<Int>.self)
  }

  /// Rises each time all have come; on a cache line of its own.
  private var phase: UnsafeMutablePointer<Atomic<Int>> {
    (page + 128).assumingMemoryBound(to: Atomic<Int>.self)
  }

  /// Waits until all workers have come here.
  package func meet() {
    let old = phase.pointee.load(ordering: .relaxed)
    if arrived.pointee.add(1, ordering: .acquiringAndReleasing).newValue == workers {
      arrived.pointee.store(0, ordering: .relaxed)
      phase.pointee.store(old &+ 1, ordering: .releasing)
      return
    }
    var turns = 0
    while phase.pointee.load(ordering: .acquiring) == old {
      turns += 1
      // Where there are more workers than processors, one that waits keeps another from coming.
      if turns > Self.spins { sched_yield() } else { mtlc_spin_pause() }
    }
  }
}

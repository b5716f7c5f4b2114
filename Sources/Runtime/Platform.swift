// What differs between systems: memory from the kernel, the clock, sleeping.

import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

package enum Platform {
  /// Logical processors that this process may run on (at least 1).
  package static var processorCount: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

  /// Nanoseconds of a clock that never goes back.
  package static func nanoseconds() -> UInt64 {
    #if canImport(Darwin)
      return clock_gettime_nsec_np(CLOCK_UPTIME_RAW)
    #else
      var time = timespec()
      clock_gettime(CLOCK_MONOTONIC, &time)
      return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    #endif
  }

  // MARK: Pages

  /// Zeroed pages straight from the kernel, which backs them only once they are touched. nil when
  /// there is no room.
  static func mapPages(bytes: Int) -> UnsafeMutableRawPointer? {
    #if canImport(Darwin)
      let flags = MAP_PRIVATE | MAP_ANON
    #else
      let flags = MAP_PRIVATE | MAP_ANONYMOUS
    #endif
    let result = mmap(nil, bytes, PROT_READ | PROT_WRITE, flags, -1, 0)
    return result == MAP_FAILED ? nil : result
  }

  static func unmapPages(_ start: UnsafeMutableRawPointer, bytes: Int) { munmap(start, bytes) }

  /// Asks for huge pages: random access to a large table misses the TLB far less often.
  static func adviseHugePages(_ start: UnsafeMutableRawPointer, bytes: Int) {
    #if os(Linux)
      madvise(start, bytes, 14)  // MADV_HUGEPAGE, which the importer does not show
    #endif
  }

  // MARK: Sleeping

  /// A mutex with a condition, for threads that have spun long enough.
  struct Bed {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    init() {
      mutex = .allocate(capacity: 1)
      condition = .allocate(capacity: 1)
      mutex.initialize(to: pthread_mutex_t())
      condition.initialize(to: pthread_cond_t())
      pthread_mutex_init(mutex, nil)
      pthread_cond_init(condition, nil)
    }

    func destroy() {
      pthread_cond_destroy(condition)
      pthread_mutex_destroy(mutex)
      condition.deallocate()
      mutex.deallocate()
    }

    func lock() { pthread_mutex_lock(mutex) }
    func unlock() { pthread_mutex_unlock(mutex) }
    /// Gives the lock up until somebody wakes the sleepers.
    func wait() { pthread_cond_wait(condition, mutex) }
    func wakeAll() { pthread_cond_broadcast(condition) }
  }
}

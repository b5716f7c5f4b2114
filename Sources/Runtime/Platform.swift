// What differs between systems: memory from the kernel, the clock.

import CKernels
import Schema

package enum Platform {
  /// Logical processors that this process may run on (at least 1).
  package static var processorCount: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

  /// The words that the process was started with, without its name. Swift knows none where there is no
  /// /proc.
  package static var arguments: [String] {
    let known = Array(CommandLine.arguments.dropFirst())
    guard known.isEmpty else { return known }
    return (1..<max(1, mtlc_argument_count())).compactMap { place in
      mtlc_argument(place).map { String(cString: $0) }
    }
  }

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
}

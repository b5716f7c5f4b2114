import Schema
import Synchronization

/// What has to go if the process ends before its work is done: temporary files, the lock of a folder,
/// folders that were made for results. A signal handler may remove it all: that takes neither memory
/// nor a lock.
package enum UnfinishedFiles {
  /// Addresses of C strings; 0 is a free place.
  private struct Places {
    let cells: UnsafeMutablePointer<Atomic<UInt>>
    static let count = 64

    init() {
      cells = .allocate(capacity: Self.count)
      for place in 0..<Self.count { (cells + place).initialize(to: Atomic(0)) }
    }
  }

  nonisolated(unsafe) private static let places = Places()

  /// A path in the list.
  package struct Entry: Sendable {
    fileprivate let place: Int
    fileprivate let address: UInt

    /// Takes the path off the list.
    package func remove() {
      // The signal handler may have taken it, and removes it then.
      let cell = places.cells + place
      let (taken, _) = cell.pointee.compareExchange(
        expected: address, desired: 0, ordering: .acquiringAndReleasing)
      if taken { free(UnsafeMutableRawPointer(bitPattern: address)) }
    }
  }

  /// - Returns: nil where the list is full; the next run in that folder then removes the file.
  package static func add(_ path: String) -> Entry? {
    guard let copy = strdup(path) else { return nil }
    let address = UInt(bitPattern: copy)
    for place in 0..<Places.count {
      let (stored, _) = places.cells[place].compareExchange(
        expected: 0, desired: address, ordering: .acquiringAndReleasing)
      if stored { return Entry(place: place, address: address) }
    }
    free(copy)
    return nil
  }

  /// Removes everything on the list, what was added last first: folders only when they are empty.
  package static func removeAll() {
    for place in (0..<Places.count).reversed() {
      let address = places.cells[place].exchange(0, ordering: .acquiringAndReleasing)
      guard let path = UnsafePointer<CChar>(bitPattern: address) else { continue }
      if unlink(path) != 0 { rmdir(path) }
    }
  }
}

/// The different ids of a run, numbered in the order in which they come. Nothing is allocated but at the start.
final class DistinctIds {
  /// By number the id, and where in `slots` its number is.
  private let ids: UnsafeMutablePointer<Int32>
  private let homes: UnsafeMutablePointer<Int32>
  /// Numbers of ids by their hash, −1 where there is none; a power of two of them.
  private let slots: UnsafeMutablePointer<Int32>
  private let mask: UInt32
  private(set) var count = 0

  /// - Parameter capacity: The most different ids of a run.
  init(capacity: Int) {
    ids = .allocate(capacity: max(1, capacity))
    homes = .allocate(capacity: max(1, capacity))
    var size = 64
    while size < 2 * capacity, size < 1 << 31 { size *= 2 }
    mask = UInt32(size - 1)
    slots = .allocate(capacity: size)
    slots.initialize(repeating: -1, count: size)
  }

  deinit {
    ids.deallocate()
    homes.deallocate()
    slots.deallocate()
  }

  /// The ids by number.
  var all: UnsafePointer<Int32> { UnsafePointer(ids) }

  func removeAll() {
    for number in 0..<count { slots[Int(homes[number])] = -1 }
    count = 0
  }

  /// The number of an id.
  @inline(__always)
  func number(of id: Int32) -> Int32 {
    var slot = (UInt32(bitPattern: id) &* 0x9E37_79B1) ^ (UInt32(bitPattern: id) >> 15)
    slot &= mask
    while true {
      let found = slots[Int(slot)]
      if found < 0 { break }
      if ids[Int(found)] == id { return found }
      slot = (slot &+ 1) & mask
    }
    slots[Int(slot)] = Int32(truncatingIfNeeded: count)
    ids[count] = id
    homes[count] = Int32(truncatingIfNeeded: Int(slot))
    count += 1
    return Int32(truncatingIfNeeded: count - 1)
  }
}

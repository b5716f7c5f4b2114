import CKernels
import Schema

/// A hash table from byte strings to dense entry numbers, in the order of their first insertion.
///
/// Short texts lie in their slots, so that finding one touches one line of memory; all texts lie
/// end to end in an arena. The kernels work on it directly, and enter what there is room for.
/// Pointers that are looked up must allow `padding` bytes past the end to be read.
final class TokenTable {
  static let padding = Int(MTLC_TEXT_PADDING)

  /// For the kernels; only they and this class write to it.
  let table: UnsafeMutablePointer<mtlc_text_table>
  private var entryCapacity = 64
  /// The table that slots, entries and texts are shared with; nil when they are this table's.
  private let owner: TokenTable?

  init() {
    owner = nil
    table = .allocate(capacity: 1)
    table.initialize(to: mtlc_text_table())
    table.pointee.mask = 255
    table.pointee.slots = Self.freeSlots(256)
    table.pointee.entries = .allocate(capacity: entryCapacity)
    table.pointee.arena_capacity = 4096
    table.pointee.arena = .allocate(capacity: 4096)
    table.pointee.arena.initialize(repeating: 0, count: 4096)
    table.pointee.recent = Self.noneRecent()
    setLimit()
  }

  /// For another thread that looks up texts in a finished table: only the memory of recent texts is
  /// not shared.
  init(sharing other: TokenTable) {
    owner = other
    table = .allocate(capacity: 1)
    table.initialize(to: other.table.pointee)
    table.pointee.recent = Self.noneRecent()
  }

  deinit {
    if owner == nil {
      table.pointee.slots.deallocate()
      table.pointee.entries.deallocate()
      table.pointee.arena.deallocate()
    }
    Self.free(table.pointee.recent)
    table.deallocate()
  }

  var count: Int { Int(table.pointee.entry_count) }

  /// The most entries before the table must grow.
  var limit: Int { Int(table.pointee.entry_limit) }

  /// The entry with this text, or −1.
  @inline(__always)
  func find(_ text: UnsafePointer<UInt8>, _ length: Int) -> Int32 {
    let key = mtlc_text_key_of(text, UInt32(truncatingIfNeeded: length))
    return mtlc_text_find(table, key, text).pointee.entry
  }

  /// The value that was added with an entry.
  @inline(__always)
  func value(of entry: Int32) -> Int32 { table.pointee.entries[Int(entry)].value }

  /// Adds a text that is not in the table and returns its entry, or −1 when the table has as many
  /// entries as an id can tell apart.
  func add(_ text: UnsafePointer<UInt8>, _ length: Int, value: Int32) -> Int32 {
    precondition(owner == nil, "a table that is shared does not change")
    guard count < Int(Int32.max) - 1, length < Int(Int32.max) else { return -1 }
    let used = Int(table.pointee.arena_used)
    if used + length + Self.padding > Int(table.pointee.arena_capacity) { growArena(by: length) }
    if count >= limit { grow() }
    let key = mtlc_text_key_of(text, UInt32(length))
    let entry = Int32(count)
    table.pointee.entries[count] = mtlc_text_entry(
      offset: Int64(used), length: UInt32(length), value: value)
    (table.pointee.arena + used).update(from: text, count: length)
    table.pointee.arena_used += Int64(length)
    table.pointee.entry_count += 1
    mtlc_text_find(table, key, text).pointee = mtlc_text_slot(
      low: key.low, high: key.high, length: key.length, hash: key.hash, entry: entry, value: value)
    return entry
  }

  /// The text of an entry, valid until the next insertion.
  func text(of entry: Int32) -> UnsafeBufferPointer<UInt8> {
    let entry = table.pointee.entries[Int(entry)]
    return UnsafeBufferPointer(
      start: table.pointee.arena + Int(entry.offset), count: Int(entry.length))
  }

  /// The memory of recent texts, in pages that the system fills with zeros when they are touched (a
  /// zero ends no field) and takes back at once. Nil when there is no memory: the table works without.
  private static func noneRecent() -> UnsafeMutablePointer<mtlc_text_recent>? {
    let memory = mmap(nil, recentBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard let memory, memory != MAP_FAILED else { return nil }
    // Tables start in different lines of their pages, so that they do not compete for the same sets
    // of the first cache.
    let line = Int(bitPattern: memory) / page * 5 % (page / 64)
    let recent = (memory + 64 * line).bindMemory(to: mtlc_text_recent.self, capacity: 1)
    _ = withUnsafeMutableBytes(of: &recent.pointee.lengths) { lengths in
      // Lengths that no text has.
      lengths.initializeMemory(as: UInt8.self, repeating: 0xFF)
    }
    return recent
  }

  private static func free(_ recent: UnsafeMutablePointer<mtlc_text_recent>?) {
    guard let recent else { return }
    let place = UnsafeMutableRawPointer(recent)
    munmap(place - Int(bitPattern: place) % page, recentBytes)
  }

  /// The size of pages, or a power of two below it.
  private static let page = 4096
  private static let recentBytes = MemoryLayout<mtlc_text_recent>.size + page

  // MARK: Growth

  private static func freeSlots(_ count: Int) -> UnsafeMutablePointer<mtlc_text_slot> {
    let slots = UnsafeMutablePointer<mtlc_text_slot>.allocate(capacity: count)
    slots.initialize(
      repeating: mtlc_text_slot(low: 0, high: 0, length: 0, hash: 0, entry: -1, value: 0),
      count: count)
    return slots
  }

  /// The most entries for a number of slots. Small tables are kept emptier: they save probes, large
  /// ones memory.
  private static func room(slots: Int) -> Int { slots <= 1 << 14 ? slots / 4 : slots / 4 * 3 }

  private func setLimit() {
    let room = Self.room(slots: Int(table.pointee.mask) + 1)
    table.pointee.entry_limit = Int64(min(entryCapacity, room, Int(Int32.max) - 1))
  }

  private func grow() {
    if count == entryCapacity {
      let larger = UnsafeMutablePointer<mtlc_text_entry>.allocate(capacity: entryCapacity * 2)
      larger.moveInitialize(from: table.pointee.entries, count: count)
      table.pointee.entries.deallocate()
      table.pointee.entries = larger
      entryCapacity *= 2
    }
    let slots = Int(table.pointee.mask) + 1
    if count >= Self.room(slots: slots) { growSlots(from: slots) }
    setLimit()
  }

  private func growSlots(from oldCount: Int) {
    let old = table.pointee.slots!
    let slots = Self.freeSlots(oldCount * 2)
    let mask = oldCount * 2 - 1
    for s in 0..<oldCount where old[s].entry >= 0 {
      var place = Int(old[s].hash) & mask
      while slots[place].entry >= 0 { place = (place + 1) & mask }
      slots[place] = old[s]
    }
    old.deallocate()
    table.pointee.slots = slots
    table.pointee.mask = UInt64(mask)
  }

  private func growArena(by length: Int) {
    let used = Int(table.pointee.arena_used)
    let capacity = max(Int(table.pointee.arena_capacity) * 2, used + length + Self.padding)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    larger.update(from: table.pointee.arena, count: used)
    (larger + used).initialize(repeating: 0, count: capacity - used)
    table.pointee.arena.deallocate()
    table.pointee.arena = larger
    table.pointee.arena_capacity = Int64(capacity)
  }
}

// MARK: - Strings

extension TokenTable {
  /// The entry of a string, or −1.
  func find(_ text: String) -> Int32 {
    Self.withPaddedBytes(of: text) { find($0, $1) }
  }

  func add(_ text: String, value: Int32) -> Int32 {
    Self.withPaddedBytes(of: text) { add($0, $1, value: value) }
  }

  /// Runs `body` on the UTF-8 bytes of a string, with room to read past their end.
  static func withPaddedBytes<R>(
    of text: String, _ body: (UnsafePointer<UInt8>, Int) -> R
  ) -> R {
    let bytes = Array(text.utf8) + [UInt8](repeating: 0, count: padding)
    return bytes.withUnsafeBufferPointer { body($0.baseAddress!, bytes.count - padding) }
  }
}

/// A hash table from byte strings to dense entry numbers, in the order of their first insertion.
///
/// Texts lie end to end in one arena, a slot is eight bytes, and hashing and comparing go eight
/// bytes at a time. So pointers that are looked up must allow `padding` bytes past the end to be
/// read.
final class TokenTable {
  static let padding = 8

  struct Slot {
    var hash: UInt32
    /// −1 in a free slot.
    var entry: Int32
  }

  struct Entry {
    var offset: Int
    var length: Int32
    /// What the caller wants to find: an id.
    var value: Int32
  }

  private(set) var entries: UnsafeMutablePointer<Entry>
  private(set) var count = 0
  private var entryCapacity = 64
  private var slots: UnsafeMutablePointer<Slot>
  private var slotMask = 127
  private var arena: UnsafeMutablePointer<UInt8>
  private var arenaUsed = 0
  private var arenaCapacity = 1024

  init() {
    entries = .allocate(capacity: entryCapacity)
    slots = .allocate(capacity: slotMask + 1)
    slots.initialize(repeating: Slot(hash: 0, entry: -1), count: slotMask + 1)
    arena = .allocate(capacity: arenaCapacity)
    arena.initialize(repeating: 0, count: arenaCapacity)
  }

  deinit {
    entries.deallocate()
    slots.deallocate()
    arena.deallocate()
  }

  /// What a search needs, to be held in registers over many of them. An insertion makes it stale.
  struct View {
    let entries: UnsafeMutablePointer<Entry>
    fileprivate let slots: UnsafeMutablePointer<Slot>
    fileprivate let mask: Int
    fileprivate let arena: UnsafeMutablePointer<UInt8>

    /// The entry with this text, or −1.
    @inline(__always)
    func find(_ text: UnsafePointer<UInt8>, _ length: Int) -> Int32 {
      let hash = TokenTable.hash(text, length)
      var s = Int(hash) & mask
      while true {
        let slot = slots[s]
        if slot.hash == hash, slot.entry >= 0 {
          let entry = entries[Int(slot.entry)]
          if Int(entry.length) == length, TokenTable.equal(arena + entry.offset, text, length) {
            return slot.entry
          }
        } else if slot.entry < 0 {
          return -1
        }
        s = (s &+ 1) & mask
      }
    }
  }

  var view: View { View(entries: entries, slots: slots, mask: slotMask, arena: arena) }

  func find(_ text: UnsafePointer<UInt8>, _ length: Int) -> Int32 { view.find(text, length) }

  /// Adds a text that is not in the table and returns its entry, or −1 when the table has as many
  /// entries as an id can tell apart.
  func add(_ text: UnsafePointer<UInt8>, _ length: Int, value: Int32) -> Int32 {
    guard count < Int(Int32.max) - 1, length < Int(Int32.max) else { return -1 }
    if arenaUsed + length + Self.padding > arenaCapacity { growArena(by: length) }
    if count == entryCapacity { growEntries() }
    if (count + 1) * 2 > slotMask + 1 { growSlots() }
    let entry = Int32(count)
    entries[count] = Entry(offset: arenaUsed, length: Int32(length), value: value)
    (arena + arenaUsed).update(from: text, count: length)
    arenaUsed += length
    count += 1
    place(Slot(hash: Self.hash(text, length), entry: entry))
    return entry
  }

  func setValue(_ value: Int32, of entry: Int32) { entries[Int(entry)].value = value }

  /// The text of an entry, valid until the next insertion.
  func text(of entry: Int32) -> UnsafeBufferPointer<UInt8> {
    let entry = entries[Int(entry)]
    return UnsafeBufferPointer(start: arena + entry.offset, count: Int(entry.length))
  }

  private func place(_ slot: Slot) {
    var s = Int(slot.hash) & slotMask
    while slots[s].entry >= 0 { s = (s + 1) & slotMask }
    slots[s] = slot
  }

  private func growSlots() {
    let old = slots
    let oldCount = slotMask + 1
    slotMask = oldCount * 2 - 1
    slots = .allocate(capacity: oldCount * 2)
    slots.initialize(repeating: Slot(hash: 0, entry: -1), count: oldCount * 2)
    for s in 0..<oldCount where old[s].entry >= 0 { place(old[s]) }
    old.deallocate()
  }

  private func growEntries() {
    let larger = UnsafeMutablePointer<Entry>.allocate(capacity: entryCapacity * 2)
    larger.moveInitialize(from: entries, count: count)
    entries.deallocate()
    entries = larger
    entryCapacity *= 2
  }

  private func growArena(by length: Int) {
    let capacity = max(arenaCapacity * 2, arenaUsed + length + Self.padding)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    larger.initialize(repeating: 0, count: capacity)
    larger.update(from: arena, count: arenaUsed)
    arena.deallocate()
    arena = larger
    arenaCapacity = capacity
  }
}

// MARK: - Hashing

extension TokenTable {
  @inline(__always)
  private static func load(_ p: UnsafePointer<UInt8>) -> UInt64 {
    UnsafeRawPointer(p).loadUnaligned(as: UInt64.self).littleEndian
  }

  /// The first `length` ≤ 8 bytes.
  @inline(__always)
  private static func loadShort(_ p: UnsafePointer<UInt8>, _ length: Int) -> UInt64 {
    guard length > 0 else { return 0 }
    return load(p) & (UInt64.max &>> UInt64(truncatingIfNeeded: (8 &- length) &* 8))
  }

  @inline(__always)
  private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }

  /// A multiply-and-fold hash; only its spread matters, it is never stored.
  @inline(__always)
  static func hash(_ text: UnsafePointer<UInt8>, _ length: Int) -> UInt32 {
    var a: UInt64
    var b: UInt64 = 0
    if length <= 8 {
      a = loadShort(text, length)
    } else {
      var state: UInt64 = 0
      var i = 0
      while i &+ 16 < length {
        state = mix(
          load(text + i) ^ state ^ 0x9E37_79B9_7F4A_7C15,
          load(text + (i &+ 8)) ^ 0xD1B5_4A32_D192_ED03)
        i = i &+ 16
      }
      a = load(text + max(0, length &- 16)) ^ state
      b = load(text + (length &- 8))
    }
    let hash = mix(
      a ^ 0xA076_1D64_78BD_642F, b ^ 0xE703_7ED1_A0B4_28DB ^ UInt64(truncatingIfNeeded: length))
    return UInt32(truncatingIfNeeded: hash ^ (hash &>> 32))
  }

  @inline(__always)
  fileprivate static func equal(
    _ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ length: Int
  ) -> Bool {
    if length <= 8 { return loadShort(a, length) == loadShort(b, length) }
    var i = 0
    while i &+ 8 < length {
      if load(a + i) != load(b + i) { return false }
      i = i &+ 8
    }
    return load(a + (length &- 8)) == load(b + (length &- 8))
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

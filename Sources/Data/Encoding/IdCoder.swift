import Schema

/// How the texts of one feature become ids, and how often each kind of text was met.
final class IdCoder {
  enum Coding {
    case vocabulary(TokenVocabulary)
    case hash(buckets: UInt64)
    case identity(count: Int)
  }

  let coding: Coding
  private let missing: TextList
  private(set) var valueCount = 0
  private(set) var missingCount = 0
  private(set) var unknownCount = 0

  init(_ coding: Coding, missing: [String]) {
    self.coding = coding
    self.missing = TextList(missing)
  }

  /// Whether ids are provisional until all rows were seen.
  var learns: Bool {
    if case .vocabulary(let vocabulary) = coding { return vocabulary.learns }
    return false
  }

  /// Lets a vocabulary that learns see a text that is not kept.
  func observe(_ field: UnsafeBufferPointer<UInt8>) {
    if case .vocabulary(let vocabulary) = coding, let start = field.baseAddress {
      _ = vocabulary.code(start, field.count)
    }
  }

  /// The id of a text; nil when it should be an integer and is none.
  @inline(__always)
  func code(_ field: UnsafeBufferPointer<UInt8>) -> Int32? {
    guard let start = field.baseAddress else { return 0 }
    valueCount &+= 1
    if case .vocabulary(let vocabulary) = coding {
      let (id, seen) = vocabulary.code(start, field.count)
      if seen != .known {
        if seen == .missing { missingCount &+= 1 } else { unknownCount &+= 1 }
      }
      return id
    }
    return codeByRule(field)
  }

  @inline(never)
  private func codeByRule(_ field: UnsafeBufferPointer<UInt8>) -> Int32? {
    if missing.contains(field) {
      missingCount &+= 1
      return 0
    }
    switch coding {
    case .vocabulary: return 0
    case .hash(let buckets):
      return Int32(truncatingIfNeeded: fnv1a(field) % buckets &+ 1)
    case .identity(let count):
      guard let start = field.baseAddress,
        case .finite(let value) = parseNumber(start, start + field.count),
        value == value.rounded(.towardZero)
      else { return nil }
      guard value >= 0, value < Double(count) else {
        unknownCount &+= 1
        return 0
      }
      return Int32(value) + 1
    }
  }

  /// Translates the provisional ids of `count` cells, `stride` apart. Cells below 0 are padding.
  func settle(_ cells: UnsafeMutablePointer<Int32>, count: Int, stride: Int) {
    guard case .vocabulary(let vocabulary) = coding, vocabulary.learns else { return }
    let ids = vocabulary.rank().ids
    var cell = cells
    ids.withUnsafeBufferPointer { ids in
      for _ in 0..<count {
        if cell.pointee >= 0 { cell.pointee = ids[Int(cell.pointee)] }
        cell += stride
      }
    }
  }

  /// Counts cells that became id 0 without being missing, once ids are settled.
  func countUnknown(zeros: Int) { unknownCount = max(0, zeros - missingCount) }

  var encoding: IdEncoding {
    switch coding {
    case .vocabulary(let vocabulary): .vocabulary(vocabulary.rank().tokens)
    case .hash(let buckets): .hash(buckets: Int(buckets))
    case .identity(let count): .identity(count: count)
    }
  }
}

/// FNV-1a, 64 bit: simple enough to be the same everywhere, which a hash that is part of a plan
/// must be.
package func fnv1a(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in bytes {
    hash ^= UInt64(byte)
    hash = hash &* 0x0000_0100_0000_01B3
  }
  return hash
}

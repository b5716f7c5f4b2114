/// A short list of texts to compare fields with, byte by byte: missing markers, positive labels.
struct TextList {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []
  /// Bit n is set when a text of n bytes (63: or more) is in the list.
  private(set) var lengths: UInt64 = 0

  init(_ texts: [String]) {
    for text in texts {
      bytes += Array(text.utf8)
      ends.append(bytes.count)
      lengths |= 1 << UInt64(min(text.utf8.count, 63))
    }
  }

  @inline(__always)
  func contains(_ field: UnsafeBufferPointer<UInt8>) -> Bool {
    guard lengths &>> UInt64(truncatingIfNeeded: min(field.count, 63)) & 1 != 0 else {
      return false
    }
    return index(of: field) != nil
  }

  /// The place in the list of the first text equal to the field.
  @inline(never)
  func index(of field: UnsafeBufferPointer<UInt8>) -> Int? {
    var start = 0
    for (number, end) in ends.enumerated() {
      if end - start == field.count {
        var k = 0
        while k < field.count, bytes[start &+ k] == field[k] { k &+= 1 }
        if k == field.count { return number }
      }
      start = end
    }
    return nil
  }
}

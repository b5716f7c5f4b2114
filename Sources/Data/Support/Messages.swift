import Schema

// Texts that messages are made of.

/// The system's words for an error number.
func systemMessage(_ code: Int32) -> String {
  String(cString: strerror(code))
}

/// A number of bytes for people: `1.5 MiB`.
func byteText(_ bytes: Int) -> String {
  guard bytes >= 1024 else { return "\(bytes) bytes" }
  var value = Double(bytes)
  var unit = ""
  for next in ["KiB", "MiB", "GiB", "TiB", "PiB"] where value >= 1024 {
    value /= 1024
    unit = next
  }
  return "\((value * 10).rounded() / 10) \(unit)"
}

/// The beginning of a field's text, printable.
func excerpt(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
  var end = min(bytes.count, 40)
  // Not in the middle of a character.
  while end > 36, end < bytes.count, bytes[end] & 0xC0 == 0x80 { end -= 1 }
  let text = MessageText.printable(bytes: bytes.prefix(end))
  return bytes.count > end ? text + "…" : text
}

import Foundation

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

/// The beginning of a field's text, without control characters.
func excerpt(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
  let text = printable(String(decoding: bytes.prefix(40), as: UTF8.self))
  return bytes.count > 40 ? text + "…" : text
}

/// A text of a file in which each control character is written as an escape such as `\u{1b}`.
func printable(_ text: String) -> String {
  var shown = ""
  for scalar in text.unicodeScalars {
    let isControl = scalar.value < 32 || (127..<160).contains(scalar.value)
    shown += isControl ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
  }
  return shown
}

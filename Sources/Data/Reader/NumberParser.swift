/// The number that a field's text stands for.
enum ParsedNumber {
  case finite(Double)
  /// `nan`, `inf`, or beyond the range of a double.
  case notFinite
  case unreadable
}

/// Reads a whole field as a decimal number, correctly rounded.
///
/// Accepts `[+-] digits [. digits] [e [+-] digits]` with at least one digit in the mantissa. Up to
/// 2^53 in the mantissa and a decimal exponent of at most 22 either way both are exact doubles, so
/// one multiplication or division rounds correctly; all else takes the library's exact reading.
@inline(__always)
func parseNumber(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> ParsedNumber {
  var p = start
  guard p < end else { return .unreadable }
  var negative = false
  if p.pointee == UInt8(ascii: "-") {
    negative = true
    p += 1
  } else if p.pointee == UInt8(ascii: "+") {
    p += 1
  }
  var mantissa: UInt64 = 0
  let digitsStart = p
  while p < end {
    let digit = p.pointee &- 48
    if digit > 9 { break }
    mantissa = mantissa &* 10 &+ UInt64(digit)
    p += 1
  }
  var digits = p - digitsStart
  if p == end, digits > 0, digits <= 15 {
    let value = Double(Int64(bitPattern: mantissa))
    return .finite(negative ? -value : value)
  }
  var exponent = 0
  if p < end, p.pointee == UInt8(ascii: ".") {
    p += 1
    let fractionStart = p
    while p < end {
      let digit = p.pointee &- 48
      if digit > 9 { break }
      mantissa = mantissa &* 10 &+ UInt64(digit)
      p += 1
    }
    exponent = fractionStart - p
    digits -= exponent
  }
  if digits == 0 { return parseSpecialNumber(start, end) }
  if p < end {
    guard p.pointee | 0x20 == UInt8(ascii: "e") else { return .unreadable }
    p += 1
    var negativeExponent = false
    if p < end, p.pointee == UInt8(ascii: "-") || p.pointee == UInt8(ascii: "+") {
      negativeExponent = p.pointee == UInt8(ascii: "-")
      p += 1
    }
    guard p < end else { return .unreadable }
    var written = 0
    while p < end {
      let digit = p.pointee &- 48
      if digit > 9 { return .unreadable }
      // Saturates: far beyond any double's range already.
      if written < 100_000_000 { written = written * 10 + Int(digit) }
      p += 1
    }
    exponent += negativeExponent ? -written : written
  }
  // Leading zeros count as digits here; they only send a rare number to the slow path.
  if digits <= 19, mantissa <= 1 << 53, exponent >= -22, exponent <= 22 {
    let whole = Double(mantissa)
    let value = exponent < 0 ? whole / powersOfTen[-exponent] : whole * powersOfTen[exponent]
    return .finite(negative ? -value : value)
  }
  return parseHardNumber(start, end)
}

/// The library's correctly rounded reading, for text whose syntax was already checked.
@inline(never)
private func parseHardNumber(
  _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
) -> ParsedNumber {
  let text = String(decoding: UnsafeBufferPointer(start: start, count: end - start), as: UTF8.self)
  guard let value = Double(text) else { return .unreadable }
  return value.isFinite ? .finite(value) : .notFinite
}

@inline(never)
private func parseSpecialNumber(
  _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
) -> ParsedNumber {
  guard end - start <= 9 else { return .unreadable }
  var text = String(decoding: UnsafeBufferPointer(start: start, count: end - start), as: UTF8.self)
  text = text.lowercased()
  if let sign = text.first, sign == "-" || sign == "+" { text.removeFirst() }
  return ["nan", "inf", "infinity"].contains(text) ? .notFinite : .unreadable
}

/// 10^0 … 10^22, all exact.
private let powersOfTen: [Double] = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  1e18, 1e19, 1e20, 1e21, 1e22,
]

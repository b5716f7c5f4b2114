import CKernels
import Schema

/// The positions of the bytes that matter to a table's structure: delimiters, line feeds, quotes.
///
/// Finding them needs no state, so it runs 64 bytes at a time; deciding what each of them means is
/// left to `TextBlock` and `RecordParser`, which touch only these positions.
struct StructuralIndex {
  /// Bytes that must be readable (of any value) after the last byte that is indexed.
  static let padding = Int(MTLC_TEXT_PADDING)
  /// Room before the first position, for one that stands for the byte before the text.
  private static let lead = 16

  private(set) var count = 0
  /// How many of them are line feeds, and quotes.
  private(set) var feeds = 0
  private(set) var quotes = 0
  /// Whether every byte is an ASCII character; may be false where only bytes behind them are none.
  private(set) var isASCII = true
  private var storage: UnsafeMutablePointer<UInt32>
  private var capacity = 0

  init() { storage = .allocate(capacity: 1) }

  func deallocate() { storage.deallocate() }

  /// Position −1 is the byte before the text: 2^32 − 1, so that one more is 0 in 32 bits.
  var positions: UnsafeMutablePointer<UInt32> { storage + Self.lead }

  /// Indexes `length` bytes from `base`, positions relative to it. `length` is below 2^32 − 64.
  mutating func scan(
    _ base: UnsafePointer<UInt8>, length: Int, delimiter: UInt8, quote: UInt8
  ) {
    if capacity < length + Self.padding + Self.lead {
      storage.deallocate()
      capacity = length + length / 4 + Self.padding + Self.lead
      storage = .allocate(capacity: capacity)
      storage.initialize(repeating: .max, count: Self.lead)
    }
    var args = mtlc_text_scan_args()
    args.text = base
    args.length = Int64(length)
    args.delimiter = delimiter
    args.quote = quote
    args.positions = positions
    mtlc_text_scan(&args)
    count = Int(args.count)
    feeds = Int(args.feeds)
    quotes = Int(args.quotes)
    isASCII = args.high == 0
  }

  /// Drops the positions of bytes that are text: the first bytes of a delimiter of several that is not
  /// there whole, and bytes behind an escape.
  ///
  /// - Parameter base: the text that was scanned, which begins with a record.
  mutating func dropText(_ base: UnsafePointer<UInt8>, length: Int, _ format: TableFormat) {
    let (positions, rest, escape) = (positions, format.delimiterRest, format.escape)
    var (kept, next) = (0, 0)
    (feeds, quotes) = (0, 0)
    for k in 0..<count {
      let position = Int(positions[k])
      let byte = base[position]
      if escape != 0, Self.isEscaped(base, position, by: escape) { continue }
      if byte == format.delimiter, !rest.isEmpty {
        guard position >= next, position + rest.count < length,
          rest.indices.allSatisfy({ base[position + 1 + $0] == rest[$0] })
        else { continue }
        next = position + 1 + rest.count
      }
      feeds += byte == 10 ? 1 : 0
      quotes += byte == format.quote ? 1 : 0
      positions[kept] = positions[k]
      kept += 1
    }
    count = kept
  }

  /// Whether an odd number of escapes stands before a byte, or before the CR of a line's end.
  private static func isEscaped(
    _ base: UnsafePointer<UInt8>, _ position: Int, by escape: UInt8
  ) -> Bool {
    var first = position
    if base[position] == 10, position > 0, base[position - 1] == 13 { first -= 1 }
    var p = first
    while p > 0, base[p - 1] == escape { p -= 1 }
    return (first - p) % 2 == 1
  }
}

import CKernels

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
}

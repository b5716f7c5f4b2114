/// A function that generated source calls. The raw value is its name in C; the order is that in which
/// they are written, each behind those that it calls.
package enum CHelper: String, CaseIterable, Sendable {
  // Numbers of the program.
  case maximum, minimum, sign, relu, sigmoid, softplus, softmax
  case dense = "add_product"
  case lookUp = "look_up"
  case pool
  case addRow = "add_row"
  // Cells of a table.
  case text
  case isMissing = "is_missing"
  case isUTF8 = "is_utf8"
  case findToken = "find_token"
  case hash
  case hashID = "hash_id"
  case readNumber = "read_number"
  case readMarkedNumber = "read_marked_number"
  case integerID = "integer_id"
  case list = "next_item"
  case countItems = "count_items"
  case splitWeight = "split_weight"
  case signedLog = "signed_log"
  case normalized
  case interpolated
  case bucket
  case date = "days_of"
  case moment = "moment_of"
  case written = "moment_written"
  case cursor = "take"
  case fraction = "read_fraction"
  case zone = "read_zone"
  case monthName = "read_month_name"
  case isoTime = "read_iso_time"
  case part = "part_of"

  /// What it calls.
  private var calls: [CHelper] {
    switch self {
    case .maximum, .minimum, .sign, .relu, .sigmoid, .softplus, .softmax, .dense, .addRow, .text,
      .hash, .signedLog, .normalized, .interpolated, .bucket, .date, .moment, .lookUp:
      []
    case .pool: [.addRow]
    case .isMissing, .isUTF8, .readNumber, .splitWeight, .cursor: [.text]
    case .countItems: [.list]
    case .list: [.text]
    case .findToken: [.text, .isUTF8]
    case .hashID: [.text, .isMissing, .isUTF8, .hash]
    case .readMarkedNumber: [.readNumber]
    case .integerID: [.isMissing, .readNumber]
    case .written: [.date, .moment]
    case .fraction, .monthName: [.cursor]
    case .zone: [.cursor, .written]
    case .part: [.date, .moment]
    case .isoTime: [.cursor, .fraction, .zone, .written]
    }
  }

  /// The functions and what they call, in the order in which C must see them.
  static func closure(_ helpers: Set<CHelper>) -> [CHelper] {
    var needed: Set<CHelper> = []
    func add(_ helper: CHelper) {
      guard needed.insert(helper).inserted else { return }
      for other in helper.calls { add(other) }
    }
    for helper in helpers { add(helper) }
    return order.filter(needed.contains)
  }

  /// Each behind what it calls.
  private static let order: [CHelper] = {
    var order: [CHelper] = []
    func add(_ helper: CHelper) {
      guard !order.contains(helper) else { return }
      for other in helper.calls { add(other) }
      order.append(helper)
    }
    for helper in allCases { add(helper) }
    return order
  }()

  /// The C of each.
  package static let sources: [CHelper: String] = [
    mathSources, lookupSources, textSources, numberSources, listSources, timeSources,
    [.dense: CDense.source],
  ].reduce(into: [:]) { all, some in all.merge(some) { first, _ in first } }
}

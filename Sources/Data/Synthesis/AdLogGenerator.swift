/// Writes a made-up log of the size and shape of Ali-CCP: 23 fields of up to three ids each, most of
/// them drawn by Zipf's law, with the labels click and purchase (which needs a click), whose true
/// probabilities are known. Rows are written as they are drawn, so that memory does not grow with
/// them. The same seed gives the same bytes everywhere.
public struct AdLogGenerator: Sendable {
  public var seed: UInt64

  public init(seed: UInt64 = 2026) { self.seed = seed }

  /// Name and number of ids of each field, 737,945 in all.
  public static let fields: [(name: String, count: Int)] = [
    ("user", 230_000), ("category_group", 98), ("shop_group", 14), ("gender", 3), ("age", 8),
    ("spending", 4), ("grade", 4), ("occupation", 3), ("city", 5), ("history_category", 10_000),
    ("history_shop", 80_000), ("history_brand", 40_000), ("intention", 30_000),
    ("item", 180_000), ("item_category", 6_929), ("item_shop", 80_000), ("item_brand", 40_000),
    ("item_intention", 30_000), ("match_category", 3_000), ("match_shop", 4_000),
    ("match_brand", 2_000), ("match_intention", 1_873), ("scene", 4),
  ]
  /// Fields with up to three ids, the others have one.
  private static let several: Set<String> = [
    "history_category", "history_shop", "history_brand", "intention", "item_intention",
  ]
  private static let logarithms = fields.map { naturalLogarithm($0.count + 1) }

  /// Writes both files (each appears whole or not at all) and tells the best AUC that the test file
  /// allows. Ids count through all fields from 0. Throws `FileError`.
  public func write(
    train: String, test: String, trainRows: Int = 1_000_000, testRows: Int = 100_000
  ) throws -> [BestAUC] {
    _ = try writeRows(trainRows, stream: 11, to: train, keepsTruth: false)
    return try writeRows(testRows, stream: 12, to: test, keepsTruth: true)
  }

  private func writeRows(
    _ count: Int, stream: UInt64, to path: String, keepsTruth: Bool
  ) throws -> [BestAUC] {
    var random = SplitMix64(seed: seed, stream: stream)
    let file = try AtomicFile(path)
    try file.write(
      "row,click,purchase," + Self.fields.map(\.name).joined(separator: ",") + "\n")
    var truth: [[Double]] = [[], []]
    var labels: [[Bool]] = [[], []]
    var line: [UInt8] = []
    for row in 0..<max(0, count) {
      line.removeAll(keepingCapacity: true)
      var scores = (click: -3.6, purchase: -3.2)
      var cells: [UInt8] = []
      var first = 0
      for (index, field) in Self.fields.enumerated() {
        cells.append(UInt8(ascii: ","))
        let logarithm = Self.logarithms[index]
        let ids = Self.several.contains(field.name) ? 1 + random.below(3) : 1
        for place in 0..<ids {
          let id = first + Self.zipf(field.count, logarithm, &random)
          if place > 0 { cells.append(UInt8(ascii: " ")) }
          Self.append(id, to: &cells)
          let effect = effect(id, field: index)
          scores.click += effect.click / Double(ids)
          scores.purchase += effect.purchase / Double(ids)
        }
        first += field.count
      }
      let click = PortableMath.sigmoid(scores.click)
      let purchase = PortableMath.sigmoid(scores.purchase)
      let clicked = random.uniform() < click
      let purchased = clicked && random.uniform() < purchase
      Self.append(row, to: &line)
      line.append(contentsOf: clicked ? ",1".utf8 : ",0".utf8)
      line.append(contentsOf: purchased ? ",1".utf8 : ",0".utf8)
      line += cells
      line.append(10)
      try file.write(line)
      if keepsTruth {
        truth[0].append(click)
        truth[1].append(click * purchase)
        labels[0].append(clicked)
        labels[1].append(purchased)
      }
    }
    try file.commit()
    return ["click", "purchase"].enumerated().map { task, name in
      let positives = labels[task].count { $0 }
      return BestAUC(
        task: name, auc: areaUnderCurve(truth[task], labels[task]),
        baseRate: Double(positives) / Double(max(1, labels[task].count)))
    }
  }

  /// A place in 0..<count whose chance falls like 1 / (place + 1): uniform in the logarithm.
  private static func zipf(
    _ count: Int, _ logarithm: Double, _ random: inout SplitMix64
  ) -> Int {
    let place = PortableMath.exp(random.uniform() * logarithm) - 1
    return min(count - 1, max(0, Int(place)))
  }

  /// ln n by halving: exact enough, and the same everywhere.
  private static func naturalLogarithm(_ n: Int) -> Double {
    var mantissa = Double(n)
    var exponent = 0.0
    while mantissa > 1.5 {
      mantissa /= 2
      exponent += 1
    }
    let t = (mantissa - 1) / (mantissa + 1)
    var (power, sum) = (t, 0.0)
    for k in stride(from: 1, through: 41, by: 2) {
      sum += power / Double(k)
      power *= t * t
    }
    return 2 * sum + exponent * 0.6931471805599453
  }

  /// What an id adds to the scores: drawn from its number, so that no table is needed. What moves a
  /// purchase is half of what moves a click.
  private func effect(_ id: Int, field: Int) -> (click: Double, purchase: Double) {
    var random = SplitMix64(seed: seed ^ 0xA5A5_1234_9E37_79B9, stream: UInt64(id))
    // Fields differ in how much they tell.
    let scale = 0.12 + 0.5 * Double((field * 7) % 23) / 23
    let click = random.uniform() + random.uniform() + random.uniform() - 1.5
    let own = random.uniform() + random.uniform() + random.uniform() - 1.5
    return (2 * scale * click, 2 * scale * (0.5 * click + 0.85 * own))
  }

  private static func append(_ number: Int, to bytes: inout [UInt8]) {
    var digits: (Int, [UInt8]) = (number, [])
    repeat {
      digits.1.append(48 + UInt8(digits.0 % 10))
      digits.0 /= 10
    } while digits.0 > 0
    bytes.append(contentsOf: digits.1.reversed())
  }
}

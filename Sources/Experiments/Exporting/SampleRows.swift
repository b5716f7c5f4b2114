import Data
import Schema

/// Made-up rows of a table: known, unknown and missing values, long and empty lists, numbers near those
/// that the training data had.
struct SampleRows {
  /// A cell of a column that features read.
  struct Cell {
    /// Its text; nil where it has none.
    var text: String?
    /// Its number, NaN where there is none; of a time that is written as a number that number.
    var number = Double.nan
    /// Its items with their weights.
    var items: [(text: String, weight: Float)] = []
  }

  /// By column a cell for each row.
  private(set) var columns: [String: [Cell]] = [:]
  let count: Int
  private let schema: DataSchema
  private var random: SplitMix64

  init(_ schema: DataSchema, count: Int, seed: UInt64) {
    self.schema = schema
    self.count = count
    random = SplitMix64(seed: seed)
    // Of the features that read a column those that read numbers come first: a number is a text too.
    let features = schema.features.enumerated().sorted {
      (Self.rank($0.element), $0.offset) < (Self.rank($1.element), $1.offset)
    }
    for (_, feature) in features {
      if case .cross(let names, _) = feature.encoder {
        for name in names where columns[name] == nil {
          columns[name] = (0..<count).map { _ in isAbsent() ? Cell() : Cell(text: token([])) }
        }
      } else if columns[feature.column] == nil {
        columns[feature.column] = (0..<count).map { _ in
          isAbsent() ? Cell() : cell(feature)
        }
        addWeights(feature)
      }
    }
  }

  /// The rows as a predictor takes them.
  var rows: [[String: String]] {
    (0..<count).map { row in columns.compactMapValues { $0[row].text } }
  }

  private static func rank(_ feature: FeatureSchema) -> Int {
    if feature.cells.time != nil { return 0 }
    switch feature.encoder {
    case .id(.identity): return 1
    case .numeric, .bucketized: return 2
    case .sequence, .vector: return 3
    case .id: return 4
    case .cross: return 5
    }
  }

  /// Whether a cell has no value; never where the table has no text for that.
  private mutating func isAbsent() -> Bool {
    random.uniform() < 0.1 && !schema.format.missing.isEmpty
  }

  private mutating func cell(_ feature: FeatureSchema) -> Cell {
    if let time = feature.cells.time { return moment(time) }
    switch feature.encoder {
    case .id(let encoding): return item(encoding, outside: "")
    case .numeric(let normalizer):
      if let curve = normalizer.curve {
        // Between the ends, or a little beyond them.
        let (low, high) = (curve.inputs.first ?? 0, curve.inputs.last ?? 0)
        let share = 1.2 * random.uniform() - 0.1
        let x = low + share * (high - low)
        return number(Double(Float(min(max(x, -1e30), 1e30))), feature)
      }
      // Within four deviations of the mean, or beyond the ends of the range.
      let x = normalizer.offset + (8 * random.uniform() - 4) / nonzero(normalizer.scale)
      let size = Double(Float(min(max(x, -1e30), 1e30)))
      return number(
        normalizer.logarithm ? (size < 0 ? -1 : 1) * (exp(min(abs(size), 60)) - 1) : size, feature)
    case .bucketized(let boundaries):
      let place = boundaries.isEmpty ? 0 : boundaries[random.below(boundaries.count)]
      return number(random.uniform() < 0.5 ? place : place + 4 * random.uniform() - 2, feature)
    case .sequence(let encoding, let layout):
      let separator = String(UnicodeScalar(layout.separator))
      var cell = Cell()
      for _ in 0..<random.below(layout.maxLength + 3) {
        let text = item(encoding, outside: separator).text ?? "unknown"
        cell.items.append((text, layout.weighted ? Float(random.below(8) + 1) / 4 : 1))
      }
      let texts = cell.items.map { item in
        layout.weighted && layout.weightsColumn == nil ? "\(item.text):\(item.weight)" : item.text
      }
      cell.text = texts.joined(separator: separator)
      return cell
    case .vector(let layout):
      var cell = Cell()
      cell.items = (0..<layout.dim).map { _ in
        let value = Float(2 * random.uniform() - 1)
        return (written(Double(value), feature), value)
      }
      cell.text = cell.items.map(\.text).joined(
        separator: String(UnicodeScalar(layout.separator)))
      return cell
    case .cross: return Cell()
    }
  }

  /// The weights of a list that stand in a column of their own.
  private mutating func addWeights(_ feature: FeatureSchema) {
    guard case .sequence(_, let layout) = feature.encoder, let name = layout.weightsColumn,
      columns[name] == nil, let lists = columns[feature.column]
    else { return }
    let separator = String(UnicodeScalar(layout.separator))
    columns[name] = lists.map { list in
      guard list.text != nil else { return Cell() }
      return Cell(
        text: list.items.map { written(Double($0.weight), feature) }.joined(separator: separator))
    }
  }

  // MARK: Texts and numbers

  private mutating func item(_ encoding: IdEncoding, outside separator: String) -> Cell {
    switch encoding {
    case .vocabulary(let tokens): return Cell(text: token(tokens, outside: separator))
    case .hash: return Cell(text: token([]))
    case .identity(let count):
      let value = random.below(count + max(1, count / 8))
      return Cell(text: "\(value)", number: Double(value))
    }
  }

  /// One of the tokens, or in a tenth of the cases another text.
  private mutating func token(_ tokens: [String], outside separator: String = "") -> String {
    let other = "unknown \(random.below(1000))"
    guard !tokens.isEmpty, random.uniform() < 0.9 else { return other }
    let text = tokens[random.below(tokens.count)]
    // Some texts are no items of a list.
    let marks = separator.isEmpty ? [] : [separator, ":", "\"", "'", "[", "(", "{"]
    let hasSpaces = text.first?.isWhitespace ?? true || text.last?.isWhitespace ?? true
    return hasSpaces || marks.contains(where: text.contains) ? other : text
  }

  private func nonzero(_ scale: Double) -> Double { scale == 0 ? 1 : scale }

  private func number(_ value: Double, _ feature: FeatureSchema) -> Cell {
    Cell(text: written(value, feature), number: value)
  }

  /// A number with the feature's decimal mark.
  private func written(_ value: Double, _ feature: FeatureSchema) -> String {
    let decimal = String(UnicodeScalar(feature.cells.numbers.decimal))
    return String("\(value)".map { $0 == "." ? Character(decimal) : $0 })
  }

  /// A moment from 1950 to 2049, as the feature's times are written.
  private mutating func moment(_ time: TimeReading) -> Cell {
    let (year, month) = (1950 + random.below(100), 1 + random.below(12))
    let (day, hour) = (1 + random.below(28), random.below(24))
    let (minute, second) = (random.below(60), random.below(60))
    func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    switch time.format {
    case .seconds, .milliseconds:
      let seconds = Double(random.below(2 << 31)) - 0x1p30
      let value = time.format == .seconds ? seconds : 1000 * seconds + 250
      return Cell(text: "\(value)", number: value)
    case .iso:
      return Cell(
        text: "\(year)-\(padded(month))-\(padded(day))T\(padded(hour)):\(padded(minute)):"
          + padded(second))
    case .pattern(let pattern):
      let parts: [(String, String)] = [
        ("%Y", "\(year)"), ("%y", padded(year % 100)), ("%m", padded(month)), ("%b", "May"),
        ("%d", padded(day)), ("%H", padded(hour)), ("%I", padded(1 + hour % 12)),
        ("%M", padded(minute)), ("%S", padded(second)), ("%f", "25"), ("%p", "PM"),
        ("%z", "+02:00"),
      ]
      var text = pattern.replacing("%%", with: "\u{0}")
      for (field, value) in parts { text = text.replacing(field, with: value) }
      return Cell(text: text.replacing("\u{0}", with: "%"))
    }
  }
}

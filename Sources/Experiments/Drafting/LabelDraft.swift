import Data
import Schema

/// What a draft makes of a label.
struct LabelDraft {
  enum Kind {
    /// 0 and 1, or texts of which one means 1.
    case binary(positive: String?)
    case classes([String])
    case number
  }

  let name: String
  let kind: Kind
  /// By row whether it is positive; nil where the cell has no value. Of binary labels alone.
  let positives: [Bool?]
  /// By row the class, or the part of a number's range; nil where the cell has no value.
  let classes: [Int?]

  /// Throws a data error for a column that nothing can be learned of.
  init(_ column: ColumnProfile, cells: [String]) throws {
    name = column.name
    let shown = MessageText.printable(column.name)
    guard column.values.count > 1 else {
      throw DataError(
        column.values.isEmpty
          ? "the label \"\(shown)\" has no value in the rows that were looked at"
          : "the label \"\(shown)\" has the same value in all rows that were looked at",
        hint: "look at more of them with --rows, or name another column")
    }
    let isNumeric = column.numbers == column.present
    let ordered = column.values.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    if column.values.count == 2 {
      let areBits = Set(column.values.keys).isSubset(of: ["0", "1", "0.0", "1.0"])
      // Of two texts the rarer one is what is looked for.
      let positive = areBits ? nil : ordered.last?.key
      kind = .binary(positive: positive)
      let missing = Set(column.markers.keys)
      positives = cells.map { cell in
        if missing.contains(cell) { return nil }
        return positive.map { $0 == cell } ?? (Double(cell) == 1)
      }
      classes = positives.map { $0.map { $0 ? 1 : 0 } }
    } else if !isNumeric, column.values.count <= 100, !column.hasMoreValues {
      kind = .classes(ordered.map(\.key))
      positives = []
      let places = Dictionary(
        uniqueKeysWithValues: ordered.enumerated().map { ($1.key, $0) })
      classes = cells.map { places[$0] }
    } else if isNumeric {
      kind = .number
      positives = []
      classes = ExplainedVariance.classes(
        cells.map { Double($0).flatMap { $0.isFinite ? $0 : nil } })
    } else {
      throw DataError(
        "the label \"\(shown)\" has more than 100 texts: it is neither a class nor a number",
        hint: "name another column")
    }
  }

  var isBinary: Bool { !positives.isEmpty }

  /// Labels of which each is positive only where the one before is: the steps of a funnel, in their
  /// order; nil where they are none.
  static func funnel(_ labels: [LabelDraft]) -> [LabelDraft]? {
    guard labels.count > 1, labels.allSatisfy(\.isBinary) else { return nil }
    func count(_ label: LabelDraft) -> Int { label.positives.count { $0 == true } }
    let ordered = labels.sorted { (count($1), $0.name) < (count($0), $1.name) }
    for (before, after) in zip(ordered, ordered.dropFirst()) {
      let isStep = zip(before.positives, after.positives).allSatisfy { $1 != true || $0 == true }
      guard isStep, count(after) < count(before) else { return nil }
    }
    return ordered
  }
}

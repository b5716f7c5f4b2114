import Schema

/// A row of a group: groups sort by number, and within one rows as their predictions do.
struct GroupedKey: Comparable, BitwiseCopyable {
  let group: UInt64
  let key: UInt64

  init(_ group: UInt64, _ prediction: Float, _ label: Float) {
    self.group = group
    key = RankingKey.of(prediction, isPositive: label > 0.5)
  }

  static func < (a: GroupedKey, b: GroupedKey) -> Bool { (a.group, a.key) < (b.group, b.key) }
}

/// Adds up the grouped AUC from rows in the order of their groups and keys.
struct GroupedAreaSum {
  private var (broken, rowsWithoutGroup) = (0, 0)
  private var (groups, oneClassGroups) = (0, 0)
  private var (sum, rows) = (0.0, 0)
  /// Of the group at hand.
  private var group: UInt64?
  private var ties = TieCounter()
  private var (positives, negatives, doubled) = (0, 0, 0)

  /// Takes note of a row, in any order, before the first `add`.
  mutating func count(_ prediction: Float, _ group: UInt64) {
    broken += prediction.isNaN ? 1 : 0
    rowsWithoutGroup += group == GroupedArea.noGroup ? 1 : 0
  }

  mutating func add(_ row: GroupedKey) {
    if row.group != group {
      finishGroup()
      group = row.group
    }
    positives += Int(row.key & 1)
    negatives += Int(~row.key & 1)
    ties.add(row.key) { doubled += Self.doubledPairs($0) }
  }

  private static func doubledPairs(_ tie: Tie) -> Int {
    tie.positives * (2 * tie.negativesBelow + tie.negatives)
  }

  private mutating func finishGroup() {
    ties.finish { doubled += Self.doubledPairs($0) }
    if positives > 0, negatives > 0 {
      let area = Double(doubled) / 2 / Double(positives) / Double(negatives)
      sum += area * Double(positives + negatives)
      rows += positives + negatives
      groups += 1
    } else if positives + negatives > 0 {
      oneClassGroups += 1
    }
    ties = TieCounter()
    (positives, negatives, doubled) = (0, 0, 0)
  }

  /// The value, behind the last row.
  var area: GroupedArea {
    var done = self
    done.finishGroup()
    var area = GroupedArea(
      value: .undefined(reason: "\(broken) predictions are NaN"), groups: 0, oneClassGroups: 0,
      rowsWithoutGroup: rowsWithoutGroup)
    guard broken == 0 else { return area }
    (area.groups, area.oneClassGroups) = (done.groups, done.oneClassGroups)
    area.value =
      done.rows > 0
      ? .value(done.sum / Double(done.rows))
      : .undefined(
        reason: done.oneClassGroups > 0
          ? "each of the \(done.oneClassGroups) groups has one class only" : "no rows with a group")
    return area
  }
}

import Data
import Schema

/// Rows cut into folds: by fold the rows to train on and those that are held out, in rising order.
package struct Folds {
  package struct Fold {
    package var training: [Int32]
    package var heldOut: [Int32]
  }

  package let folds: [Fold]

  /// A group of rows that stay together, or a single row.
  private struct Unit {
    var rows: [Int32]
    /// By class how many of its rows have it.
    var classes: [(number: Int, rows: Int)]
  }

  /// Deals rows out to folds, as many to each as possible, and of each class as many as possible.
  ///
  /// - Parameters:
  ///   - groups: By row the number of its group; nil where each row is one of its own.
  ///   - classes: By row its class, from 0 on; nil where all have the same.
  ///   - seed: Fixes which rows, or groups, lie in a fold together.
  /// - Throws: a data error for fewer rows, or groups, than folds.
  package init(_ count: Int, rows: Int, groups: [Int]? = nil, classes: [Int]? = nil, seed: UInt64)
    throws
  {
    var units = Self.units(rows, groups, classes)
    guard units.count >= count else {
      throw ExperimentError(
        .data,
        "\(count) folds need as many \(groups == nil ? "rows" : "groups"), and there are"
          + " \(Format.count(units.count))", hint: "ask for fewer folds")
    }
    // A stream of its own, which no epoch and no validation split has.
    let order = Shuffle(seed: seed).permutation(epoch: .min + 1, count: units.count)
    units = order.map { units[Int($0)] }
    // The large ones first: what is left evens the folds out.
    units = units.enumerated().sorted {
      ($1.element.rows.count, $0.offset) < ($0.element.rows.count, $1.offset)
    }.map(\.element)
    let kinds = (classes?.max() ?? 0) + 1
    var totals = [Double](repeating: 0, count: kinds)
    for unit in units { for part in unit.classes { totals[part.number] += Double(part.rows) } }
    var counts = [[Double]](repeating: Array(repeating: 0, count: kinds), count: count)
    var sizes = [Int](repeating: 0, count: count)
    var places = [Int](repeating: 0, count: rows)
    for unit in units {
      // What the squares of the folds' shares of each class grow by, were the unit put there.
      func growth(_ fold: Int) -> Double {
        unit.classes.reduce(0) { sum, part in
          let (new, total) = (Double(part.rows), totals[part.number])
          return sum + (2 * counts[fold][part.number] + new) * new / (total * total)
        }
      }
      let growths = (0..<count).map(growth)
      let best =
        (0..<count).min { (growths[$0], sizes[$0]) < (growths[$1], sizes[$1]) } ?? 0
      for part in unit.classes { counts[best][part.number] += Double(part.rows) }
      sizes[best] += unit.rows.count
      for row in unit.rows { places[Int(row)] = best }
    }
    folds = (0..<count).map { fold in
      let rows = Int32(0)..<Int32(clamping: rows)
      return Fold(
        training: rows.filter { places[Int($0)] != fold },
        heldOut: rows.filter { places[Int($0)] == fold })
    }
  }

  private static func units(_ rows: Int, _ groups: [Int]?, _ classes: [Int]?) -> [Unit] {
    var units: [Unit] = []
    var known: [Int: Int] = [:]
    for row in 0..<rows {
      let number = classes?[row] ?? 0
      let unit = groups.flatMap { known[$0[row]] } ?? units.count
      if unit == units.count {
        units.append(Unit(rows: [], classes: []))
        if let groups { known[groups[row]] = unit }
      }
      units[unit].rows.append(Int32(clamping: row))
      if let part = units[unit].classes.firstIndex(where: { $0.number == number }) {
        units[unit].classes[part].rows += 1
      } else {
        units[unit].classes.append((number, 1))
      }
    }
    return units
  }

  /// Cuts rows in their order in time into one part more than folds: fold k is part k + 1, held out from a
  /// model of the parts before it. Rows of the same time stay in one part.
  ///
  /// - Parameters:
  ///   - order: All rows, the earliest first.
  ///   - isSameTime: Whether two rows have the same time.
  /// - Throws: a data error for too few different times.
  package init(_ count: Int, inOrder order: [Int32], isSameTime: (Int32, Int32) -> Bool) throws {
    var starts = [0]
    for part in 1...count {
      var start = max(order.count * part / (count + 1), (starts.last ?? 0) + 1)
      while start < order.count, isSameTime(order[start - 1], order[start]) { start += 1 }
      guard start < order.count else {
        throw ExperimentError(
          .data, "\(count) folds in time need rows of at least \(count + 1) different times",
          hint: "ask for fewer folds")
      }
      starts.append(start)
    }
    starts.append(order.count)
    folds = (1...count).map { part in
      Fold(
        training: order[..<starts[part]].sorted(),
        heldOut: order[starts[part]..<starts[part + 1]].sorted())
    }
  }
}

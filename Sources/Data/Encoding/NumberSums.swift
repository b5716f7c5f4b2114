/// The statistics of a column's numbers. They depend on the order in which parts are added, so that
/// threads that encode blocks out of order hand the parts over to be added in the order of the file.
///
/// A thread that encodes reads `deferred` while another adds parts to `total`: they are variables of a class, and
/// not of a struct, all of which a change of one would change.
final class NumberSums {
  private(set) var total = NumberStatistics()
  /// Where parts are kept until it is their turn, with the number of the column; nil: nowhere, they
  /// are added at once.
  var deferred: (parts: DeferredParts, column: Int)?

  func add(_ values: UnsafeBufferPointer<Double>) {
    let part = NumberStatistics.Part(values)
    if let (parts, column) = deferred { parts.add(part, of: column) } else { add(part) }
  }

  func add(_ part: NumberStatistics.Part) { total.add(part) }
}

/// An encoder that adds up the numbers of its column.
protocol SummingEncoder: AnyObject {
  var sums: NumberSums { get }
}

/// Parts of the statistics of several columns, in the order of rows.
final class DeferredParts {
  typealias Part = (column: Int, part: NumberStatistics.Part)
  private var parts: [Part] = []

  func add(_ part: NumberStatistics.Part, of column: Int) { parts.append((column, part)) }

  /// Removes and returns all of them.
  func take() -> [Part] {
    var taken: [Part] = []
    taken.reserveCapacity(parts.count)
    swap(&taken, &parts)
    return taken
  }
}

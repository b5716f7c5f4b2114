/// Which of several threads, called lanes, encoded which rows.
struct LaneRows {
  /// Where a lane takes over from another, in order of rows.
  private var starts: [Int] = []
  private var lanes: [Int] = []

  /// One more than the last lane of any row.
  private(set) var count = 1

  /// Assigns the rows from `row` on, which follow all others so far, to a lane.
  mutating func add(from row: Int, lane: Int) {
    count = max(count, lane + 1)
    if starts.last == row {
      lanes[lanes.count - 1] = lane
    } else if lanes.last != lane {
      starts.append(row)
      lanes.append(lane)
    }
  }

  /// Cuts rows into runs of one lane. Rows that were assigned to none are lane 0's.
  func forEach(in rows: Range<Int>, _ body: (_ rows: Range<Int>, _ lane: Int) -> Void) {
    // The first start behind the present row.
    var next = starts.partitioningIndex { $0 > rows.lowerBound }
    var row = rows.lowerBound
    while row < rows.upperBound {
      let lane = next > 0 ? lanes[next - 1] : 0
      let end = min(rows.upperBound, next < starts.count ? starts[next] : .max)
      body(row..<end, lane)
      row = end
      if next < starts.count, starts[next] == row { next += 1 }
    }
  }
}

extension [Int] {
  /// The first place of an ascending list where a condition holds that holds from there on.
  fileprivate func partitioningIndex(_ holds: (Int) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

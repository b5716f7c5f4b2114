import Schema

/// Rows of a task, any number of them in bounded memory: it holds the last ones, and a file those before.
struct SpilledRows: ScoredRows {
  private struct Block {
    let predictions: SpilledPart<Float>
    let labels: SpilledPart<Float>
    let groups: SpilledPart<UInt64>?
  }

  private let file: SpillFile
  /// Rows that memory holds, and rows that are sorted at once.
  private let (limit, runLength): (Int, Int)
  private var blocks: [Block] = []
  private var recent: KeptRows
  private(set) var count = 0

  /// - Parameters:
  ///   - width: Outputs of the task.
  ///   - limit: The most rows that memory holds, as long as the file takes the others.
  ///   - runLength: Rows that are sorted at once: 8 bytes each, and as many again meanwhile.
  init(_ file: SpillFile, width: Int, hasGroups: Bool, limit: Int, runLength: Int) {
    (self.file, self.limit, self.runLength) = (file, limit, runLength)
    recent = KeptRows(width: width, groups: hasGroups ? [] : nil)
  }

  mutating func append(_ rows: KeptRows) {
    recent.append(rows)
    count += rows.count
    guard recent.count >= limit, let predictions = file.write(recent.predictions),
      let labels = file.write(recent.labels)
    else { return }
    var groups: SpilledPart<UInt64>?
    if let numbers = recent.groups {
      guard let part = file.write(numbers) else { return }
      groups = part
    }
    blocks.append(Block(predictions: predictions, labels: labels, groups: groups))
    recent.predictions.removeAll(keepingCapacity: true)
    recent.labels.removeAll(keepingCapacity: true)
    recent.groups?.removeAll(keepingCapacity: true)
  }

  func forEachPiece(_ body: (KeptRows) -> Void) throws(SpillError) {
    for block in blocks {
      var rows = KeptRows(width: recent.width)
      rows.predictions = try file.read(block.predictions)
      rows.labels = try file.read(block.labels)
      if let groups = block.groups { rows.groups = try file.read(groups) }
      body(rows)
    }
    if recent.count > 0 { body(recent) }
  }

  func ranked(by output: Int?) throws(SpillError) -> SpilledRanking {
    var ranking = SpilledRanking(file, runLength: runLength)
    try forEachPiece { rows in
      for row in 0..<rows.count {
        let label = rows.labels[row]
        let isPositive = output.map { Int(label) == $0 } ?? (label > 0.5)
        ranking.add(rows.predictions[row * rows.width + (output ?? 0)], isPositive: isPositive)
      }
    }
    ranking.finish()
    return ranking
  }

  func groupedArea() throws(SpillError) -> GroupedArea? {
    guard recent.groups != nil else { return nil }
    // Half as many as keys, since each takes twice the memory.
    var sorted = SortedRuns<GroupedKey>(file, limit: max(1, runLength / 2)) { $0.sort() }
    var sum = GroupedAreaSum()
    try forEachPiece { rows in
      for (row, group) in (rows.groups ?? []).enumerated() {
        sum.count(rows.predictions[row], group)
        guard group != GroupedArea.noGroup else { continue }
        sorted.add(GroupedKey(group, rows.predictions[row], rows.labels[row]))
      }
    }
    sorted.finish()
    try sorted.forEachElement { sum.add($0) }
    return sum.area
  }
}

import Plan

/// Tables that the workers of one machine have in common: what one steps, all read.
extension Session {
  /// Makes the tables that are updated by rows, with their states and what their update works on, the memory of all
  /// workers, where these have the same values and nobody is at work. All of them call it.
  ///
  /// Each worker then runs its share of the tiles of an update; parameters beside the tables stay those of each.
  /// - Returns: Whether there is such a table, and room: row gradients then lie in common memory, too.
  func share(_ common: CommonMemory) throws -> Bool {
    guard let update = plan.program(.update), update.batchCapacity > 0 else { return false }
    let linked = try program(.update)
    let shared = self.shared
    let tables = plan.parameters.filter { record in
      linked.linker.updateMemory[record.offset] != nil && hasOwnPages(record)
    }
    guard !tables.isEmpty else { return false }
    var ranges: [(pages: UnsafeMutableRawBufferPointer, keeps: Bool)] = []
    for table in tables {
      for block in [shared.parameters] + shared.states {
        guard let pages = block.pages else { return false }
        let range = Self.pages(of: table)
        ranges.append((UnsafeMutableRawBufferPointer(rebasing: pages[range]), true))
      }
    }
    for block in [linked.feeds] + tables.compactMap({ linked.linker.updateMemory[$0.offset] }) {
      guard let pages = block.pages else { return false }
      ranges.append((pages, false))
    }
    // The largest first: where there is no room, it shows before anything has changed.
    ranges.sort { $0.pages.count > $1.pages.count }
    for (number, range) in ranges.enumerated() {
      guard let base = range.pages.baseAddress else { continue }
      if try common.share(base, bytes: range.pages.count, keepsContents: range.keeps) { continue }
      if number == 0 { return false }
      throw LinkError("tables: the system has no room that processes share", isShortage: true)
    }
    let share = WorkerShare(rank: common.rank, count: common.count, meeting: common.meeting)
    for table in tables { shared.workerShares[table.offset]?.pointee = share }
    shared.meeting.pointee = share
    linked.rearrange()
    return true
  }

  /// Bytes of the pages that a table lies in, from the start of a block that is laid out as the parameters.
  private static func pages(of table: ParameterRecord) -> Range<Int> {
    let page = CommonMemory.page
    let end = 4 * (table.offset + table.rows * table.rowStride)
    return 4 * table.offset / page * page..<(end + page - 1) / page * page
  }

  /// Whether no other parameter lies in a table's pages.
  private func hasOwnPages(_ table: ParameterRecord) -> Bool {
    let pages = Self.pages(of: table)
    guard pages.lowerBound == 4 * table.offset, pages.upperBound <= 4 * plan.parameterFloats else {
      return false
    }
    return plan.parameters.allSatisfy { other in
      let end = other.offset + (other.rows - 1) * other.rowStride + other.columns
      return other.name == table.name
        || !pages.overlaps(4 * other.offset..<max(4 * end, 4 * other.offset + 1))
    }
  }
}

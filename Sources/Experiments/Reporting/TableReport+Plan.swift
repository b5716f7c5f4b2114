import Plan
import Schema

extension TableReport {
  /// The tables of a trained plan, with ids counted in rows.
  static func tables(_ plan: Plan, _ source: GatheredRows) -> [TableReport] {
    guard let weights = plan.weights else { return [] }
    let layout = FeedLayout(plan.schema)
    return plan.schema.features.indices.compactMap { place in
      let feature = plan.schema.features[place]
      guard
        let record = plan.parameters.first(where: { $0.name == "embedding.\(feature.name)" }),
        record.rows > 1, let counts = counts(place, layout, feature.name, record.rows, source)
      else { return nil }
      return TableReport(
        name: feature.name, rows: record.rows, columns: record.columns,
        bins: bins(record, weights, counts))
    }
  }

  /// How often each id occurs; nil for a feature without ids.
  private static func counts(
    _ place: Int, _ layout: FeedLayout, _ name: String, _ rows: Int, _ source: GatheredRows
  ) -> [Int]? {
    var counts = [Int](repeating: 0, count: rows)
    func add(_ ids: [Int32]) {
      for id in ids where counts.indices.contains(Int(id)) { counts[Int(id)] += 1 }
    }
    switch layout.slots[place] {
    case .id(let column):
      guard let ids = source.integers(FeedLayout.ids, column: column) else { return nil }
      add(ids)
    case .sequence(let length, _):
      for column in 0..<length {
        add(source.integers(FeedLayout.sequenceIds(name), column: column) ?? [])
      }
    case .numeric, .vector: return nil
    }
    return counts
  }

  /// Ids that occur 0, 1, 2 to 3, 4 to 7 … times.
  private static func bins(
    _ record: ParameterRecord, _ weights: [Float], _ counts: [Int]
  ) -> [Bin] {
    var ids: [Int: (count: Int, norm: Double)] = [:]
    for (row, count) in counts.enumerated() {
      let start = record.offset + row * record.rowStride
      let square = weights[start..<start + record.columns].reduce(0) {
        $0 + Double($1) * Double($1)
      }
      // The highest power of two that is not above the count.
      let bin = count == 0 ? 0 : 1 << (Int.bitWidth - 1 - count.leadingZeroBitCount)
      ids[bin, default: (0, 0)].count += 1
      ids[bin, default: (0, 0)].norm += square.squareRoot()
    }
    return ids.sorted { $0.key < $1.key }.map {
      Bin(leastCount: $0.key, ids: $0.value.count, norm: $0.value.norm / Double($0.value.count))
    }
  }
}

extension FunnelStepReport {
  /// The steps of a funnel over the rows of scores.
  ///
  /// - Parameter steps: The names of the tasks, first to last.
  static func steps(_ steps: [String], _ scores: RowScores) -> [FunnelStepReport] {
    func task(_ name: String) -> RowScores.Task? {
      scores.tasks.first { $0.record.name == name && $0.record.width == 1 }
    }
    return zip(steps, steps.dropFirst()).compactMap { before, step in
      guard let first = task(before), let second = task(step), !first.labels.isEmpty,
        !second.labels.isEmpty
      else { return nil }
      let inverted = (0..<scores.rows).count { second.predictions[$0] > first.predictions[$0] }
      let reached = (0..<scores.rows).filter { first.labels[$0] == 1 && second.labels[$0] != nil }
      let took = reached.count { second.labels[$0] == 1 }
      func sum(_ task: RowScores.Task) -> Double {
        reached.reduce(0) { $0 + Double(task.predictions[$1]) }
      }
      let whole = sum(first)
      return FunnelStepReport(
        step: step, before: before, rows: scores.rows, inverted: inverted, reached: reached.count,
        rate: Double(took) / Double(max(1, reached.count)),
        prediction: whole > 0 ? sum(second) / whole : 0)
    }
  }
}

import Schema

extension GroupedArea {
  /// - Parameters:
  ///   - predictions: scores; only their order within a group matters.
  ///   - labels: positive above 0.5; as many as predictions.
  ///   - groups: equal numbers are one group, `noGroup` is none; as many as predictions.
  public init(predictions: [Float], labels: [Float], groups: [UInt64]) {
    precondition(predictions.count == labels.count && labels.count == groups.count)
    let broken = predictions.count { $0.isNaN }
    let order = groups.indices.filter { groups[$0] != Self.noGroup }
      .sorted { (groups[$0], $0) < (groups[$1], $1) }
    self.init(
      value: .undefined(reason: "\(broken) predictions are NaN"), groups: 0, oneClassGroups: 0,
      rowsWithoutGroup: groups.count - order.count)
    guard broken == 0 else { return }
    var (sum, rows) = (0.0, 0)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, groups[order[end]] == groups[order[start]] { end += 1 }
      let members = order[start..<end]
      let ranked = RankedRows(members.map { predictions[$0] }, members.map { labels[$0] })
      if let area = ranked.area.value {
        sum += area * Double(members.count)
        rows += members.count
        self.groups += 1
      } else {
        oneClassGroups += 1
      }
      start = end
    }
    value =
      rows > 0
      ? .value(sum / Double(rows))
      : .undefined(
        reason: oneClassGroups > 0
          ? "each of the \(oneClassGroups) groups has one class only" : "no rows with a group")
  }
}

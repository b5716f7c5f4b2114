/// Grouped AUC (GAUC): the areas under the ROC curve within each group of rows, as of one user,
/// averaged with the groups' numbers of rows (G. Zhou et al., "Deep Interest Network for
/// Click-Through Rate Prediction", KDD 2018, eq. 7). Groups with one class have no area and are left
/// out.
public struct GroupedArea: Sendable, Hashable {
  public var value: MetricValue
  /// Groups that have both classes.
  public var groups: Int
  /// Groups with one class only.
  public var oneClassGroups: Int
  /// Rows whose cell of the grouping column is empty: they are in no group.
  public var rowsWithoutGroup: Int

  /// The number of rows that are in no group.
  public static let noGroup: UInt64 = 0

  /// - Parameters:
  ///   - predictions: scores; only their order within a group matters.
  ///   - labels: positive above 0.5; as many as predictions.
  ///   - groups: equal numbers are one group, `noGroup` is none; as many as predictions.
  public init(predictions: [Float], labels: [Float], groups: [UInt64]) {
    precondition(predictions.count == labels.count && labels.count == groups.count)
    let broken = predictions.count { $0.isNaN }
    let order = groups.indices.filter { groups[$0] != Self.noGroup }
      .sorted { (groups[$0], $0) < (groups[$1], $1) }
    rowsWithoutGroup = groups.count - order.count
    self.groups = 0
    oneClassGroups = 0
    guard broken == 0 else {
      value = .undefined(reason: "\(broken) predictions are NaN")
      return
    }
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

import Schema

extension GroupedArea {
  /// - Parameters:
  ///   - predictions: scores; only their order within a group matters.
  ///   - labels: positive above 0.5; as many as predictions.
  ///   - groups: equal numbers are one group, `noGroup` is none; as many as predictions.
  public init(predictions: [Float], labels: [Float], groups: [UInt64]) {
    precondition(predictions.count == labels.count && labels.count == groups.count)
    var sum = GroupedAreaSum()
    var keys: [GroupedKey] = []
    keys.reserveCapacity(groups.count)
    for (row, group) in groups.enumerated() {
      sum.count(predictions[row], group)
      guard group != Self.noGroup else { continue }
      keys.append(GroupedKey(group, predictions[row], labels[row]))
    }
    for key in keys.sorted() { sum.add(key) }
    self = sum.area
  }
}

import Data
import Schema

extension RowGroups {
  /// A warning of groups that are larger than a batch; nil where there are none.
  func cutGroups(batchSize: Int) -> String? {
    let (groups, largest) = cut(batchSize: batchSize)
    guard groups > 0 else { return nil }
    let verb = groups == 1 ? "has" : "have"
    return
      "\(Format.count(groups, "group")) of data.group_by \(verb) more rows than a batch, the largest"
      + " \(Format.count(largest)): such a group is cut, and its rows are compared only within a batch;"
      + " a batch_size of \(Format.count(largest)) keeps all together"
  }
}

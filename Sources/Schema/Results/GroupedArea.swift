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

  public init(value: MetricValue, groups: Int, oneClassGroups: Int, rowsWithoutGroup: Int) {
    self.value = value
    self.groups = groups
    self.oneClassGroups = oneClassGroups
    self.rowsWithoutGroup = rowsWithoutGroup
  }
}

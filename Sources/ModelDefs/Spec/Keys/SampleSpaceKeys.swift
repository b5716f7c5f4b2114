/// The keys of `tasks[].where`.
public enum SampleSpaceKeys {
  public static let column = SpecKey.name(
    "column", "The column that tells which rows belong to the task."
  ).required()
  public static let values = SpecKey.strings(
    "values", "The texts of the column in rows that do."
  ).required()
  public static let outsideWeight = SpecKey.number(
    "outside_weight", default: 0, .notNegative,
    "The weight of the other rows in the task's loss; with more than 0 they have their label, and count"
      + " in the metrics too.")

  static let section = SpecSection(
    "tasks[].where", "The sample space of a task.", keys: [column, values, outsideWeight])
}

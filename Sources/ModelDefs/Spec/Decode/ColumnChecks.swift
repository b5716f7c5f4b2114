import Schema

/// Checks across the sections: which column serves what.
struct ColumnChecks {
  let data: DataDecoder
  let features: FeatureDecoder
  let tasks: TaskDecoder
  let material: Material

  func run() {
    checkLabels()
    checkWeights()
    checkGroups()
    checkColumns()
  }

  /// A label among the features would be given away.
  private func checkLabels() {
    let labels = Dictionary(
      tasks.tasks.map { ($0.label, $0.name) }, uniquingKeysWith: { first, _ in first })
    for (index, feature) in features.declarations.enumerated() {
      guard let column = feature.columns.first(where: { labels[$0] != nil }),
        let task = labels[column]
      else { continue }
      features.sections[index].report(
        "the column \(quoted(column)) is the label of the task \(quoted(task)) and would"
          + " give it away",
        key(of: features.sections[index]))
    }
  }

  private func checkWeights() {
    for (index, (label, section)) in zip(tasks.labels, tasks.sections).enumerated() {
      checkWeight(of: tasks.tasks[index].name, label, section)
    }
    guard let weight = data.sampleWeight else { return }
    for task in tasks.tasks where task.label == weight {
      data.section?.report("is the label of the task \(quoted(task.name))", DataKeys.sampleWeight)
    }
    for (index, feature) in features.declarations.enumerated()
    where feature.columns.contains(weight) {
      features.sections[index].report(
        "the column \(quoted(weight)) is the weight of the rows (data.sample_weight)",
        key(of: features.sections[index]))
    }
  }

  /// Losses that compare the rows of a group need groups, whose rows stay together.
  private func checkGroups() {
    guard material == .rows else { return }
    for (task, section) in zip(tasks.tasks, tasks.sections) where task.loss.comparesRows {
      if data.groupBy == nil {
        section.report(
          "the loss \(quoted(task.loss.rawValue)) compares the rows of a group: it needs"
            + " \"data.group_by\", the column that names a row's group", TaskKeys.loss)
      }
      if data.files.stream {
        section.report(
          "the loss \(quoted(task.loss.rawValue)) does not go with \"data.stream\", which does not"
            + " keep the rows of a group together: leave it out, and rows are held in memory",
          TaskKeys.loss)
      }
    }
  }

  /// A task's label neither weighs its rows nor tells which they are.
  private func checkWeight(of task: String, _ label: LabelSchema, _ section: SectionReader) {
    if let space = label.space, space.column == label.column {
      section.report("tells the rows apart by the label of the task itself", TaskKeys.space)
    }
    guard let weight = label.weightColumn else { return }
    for other in tasks.tasks where other.label == weight {
      section.report("is the label of the task \(quoted(other.name))", TaskKeys.weightColumn)
    }
    for (index, feature) in features.declarations.enumerated() where feature.column == weight {
      features.sections[index].report(
        "the column \(quoted(weight)) is the weight of the task \(quoted(task))",
        key(of: features.sections[index]))
    }
  }

  /// Where the spec lists the columns, everything must be among them.
  private func checkColumns() {
    guard var columns = data.format.columns else { return }
    for join in data.joins where !columns.contains(join.column) {
      data.section?.report(
        "the rows have no column \(quoted(join.column)), which holds the key of"
          + " \(quoted(join.fileName))", DataKeys.join)
    }
    // The other columns are those of joined tables, as far as the spec lists them.
    if data.joins.contains(where: { $0.format.columns == nil }) { return }
    columns += data.joins.flatMap { $0.format.columns ?? [] }
    let known = Set(columns)
    func message(_ column: String) -> String {
      let hint = NearestName.nearest(column, in: columns).map { "; did you mean \(quoted($0))?" }
      return "data.columns has no column \(quoted(column))\(hint ?? "")"
    }
    let traits = data.format.layout.traits
    for (index, feature) in features.declarations.enumerated()
    where !traits.hasOtherColumns {
      for column in feature.columns where !known.contains(column) {
        features.sections[index].report(message(column), key(of: features.sections[index]))
      }
    }
    for (index, task) in tasks.tasks.enumerated()
    where !task.label.isEmpty && !known.contains(task.label) {
      let section = tasks.sections[index]
      section.report(
        message(task.label), section.isSet(TaskKeys.label) ? TaskKeys.label : TaskKeys.name)
    }
    for (label, section) in zip(tasks.labels, tasks.sections) {
      if let weight = label.weightColumn, !known.contains(weight) {
        section.report(message(weight), TaskKeys.weightColumn)
      }
      if let space = label.space, !known.contains(space.column) {
        section.report(message(space.column), TaskKeys.space)
      }
    }
    if let weight = data.sampleWeight, !known.contains(weight) {
      data.section?.report(message(weight), DataKeys.sampleWeight)
    }
    if let held = data.validationColumn?.column, !known.contains(held) {
      data.section?.report(message(held), DataKeys.validationSplit)
    }
    if let group = data.groupBy, !known.contains(group), group != traits.groupColumn {
      data.section?.report(message(group), DataKeys.groupBy)
    }
  }

  /// The key that named a feature's column.
  private func key(of section: SectionReader) -> any AnySpecKey {
    if section.isSet(FeatureKeys.columns) { return FeatureKeys.columns }
    if section.isSet(FeatureKeys.column) { return FeatureKeys.column }
    return FeatureKeys.name
  }
}

import Schema

/// What training begins with.
extension PlanValidator {
  mutating func checkInitialValues() {
    guard let initial = plan.initial else { return }
    if !(0...Self.maximumElements).contains(initial.step) {
      report("an optimizer with \(initial.step) steps behind it")
    }
    let names = initial.rows.map(\.parameter)
    if Set(names).count != names.count { report("two lists of initial values of one parameter") }
    for rows in initial.rows where collected.count < Self.maximumFindings {
      guard let record = plan.parameters.first(where: { $0.name == rows.parameter }) else {
        report("initial values of \(rows.parameter), which is no parameter")
        continue
      }
      check(rows, of: record, areKept: initial.areKept)
    }
  }

  private mutating func check(
    _ rows: InitialValues.Rows, of record: ParameterRecord, areKept: Bool
  ) {
    var end = 0
    for range in rows.ranges {
      guard range.lowerBound >= end, !range.isEmpty, range.upperBound <= record.rows else {
        return report("initial values of \(record.name): its rows \(range)")
      }
      end = range.upperBound
    }
    let floats = rows.count.times(record.columns)
    guard rows.values.count == (areKept ? floats : 0) else {
      return report("\(rows.values.count) initial values of \(record.name) for \(floats)")
    }
    let optimizer = plan.training.optimizer
    guard rows.states.isEmpty || (areKept && rows.states.count == optimizer.stateBlocks) else {
      return report("initial values of \(record.name) with \(rows.states.count) optimizer states")
    }
    let perRow = optimizer.stateColumns(of: record.name, columns: record.columns)
    if rows.states.contains(where: { $0.count != rows.count.times(perRow) }) {
      report("an initial optimizer state of \(record.name) of another size")
    }
  }
}

import Schema

extension PlanValidator {
  /// Ids are 32-bit, and id 0 is the out-of-vocabulary row.
  private static let maximumIds = Int(Int32.max) - 2
  private static let maximumSequence = 1 << 20

  mutating func checkSchema() {
    let schema = plan.schema
    check(schema.format)
    for join in schema.joins {
      check(join.format)
      if join.format.layout != .table { report("the joined file \(join.file) is no text table") }
    }
    if Set(schema.features.map(\.name)).count != schema.features.count {
      report("two features have the same name")
    }
    for feature in schema.features {
      switch feature.encoder {
      case .id(let encoding): check(encoding, of: feature.name)
      case .numeric(let normalizer):
        let numbers = [normalizer.offset, normalizer.scale, Double(normalizer.missing)]
        if !numbers.allSatisfy(\.isFinite) {
          report("feature \(feature.name): its normalizer is not finite")
        }
        if let curve = normalizer.curve, !Self.isSound(curve) {
          report("feature \(feature.name): its curve does not rise")
        }
      case .bucketized(let boundaries):
        let rises = zip(boundaries, boundaries.dropFirst()).allSatisfy { $0 < $1 }
        if !rises || !boundaries.allSatisfy(\.isFinite) {
          report("feature \(feature.name): its boundaries do not rise")
        }
      case .sequence(let encoding, let layout):
        check(encoding, of: feature.name)
        if !(1...Self.maximumSequence).contains(layout.maxLength) || layout.separator >= 0x80 {
          report("feature \(feature.name): sequences of up to \(layout.maxLength) ids")
        }
        if layout.weightsColumn != nil, !layout.weighted {
          report("feature \(feature.name): a column of weights that are not read")
        }
      case .cross(let columns, let buckets):
        check(.hash(buckets: buckets), of: feature.name)
        if !(2...64).contains(columns.count) {
          report("feature \(feature.name): a cross of \(columns.count) columns")
        }
      case .vector(let layout):
        if !(1...Self.maximumSequence).contains(layout.dim) || layout.separator >= 0x80 {
          report("feature \(feature.name): vectors of \(layout.dim) numbers")
        }
      }
      check(feature.cells, of: feature.name)
    }
    for label in schema.labels {
      switch label.kind {
      case .positives, .binary, .number, .soft: break
      case .classes(let classes):
        if classes.isEmpty { report("label of \(label.task): it has no classes") }
      }
      if let weight = label.space?.outsideWeight, !(weight >= 0 && weight.isFinite) {
        report("label of \(label.task): rows outside of its space weigh \(weight)")
      }
    }
  }

  private mutating func check(_ format: TableFormat) {
    check(format.numbers, of: "the table")
    let delimiter = [format.delimiter] + format.delimiterRest
    if format.quote >= 0x80 || format.escape >= 0x80 || delimiter.count > 8 {
      report("the quote or the escape is not ASCII, or the delimiter has more than eight bytes")
    }
    if format.escape != 0, delimiter.contains(format.escape) || format.escape == format.quote {
      report("the escape is also the quote, or in the delimiter")
    }
  }

  private mutating func check(_ marks: NumberMarks, of owner: String) {
    if marks.decimal >= 0x80 || 48...57 ~= marks.decimal || marks.thousands.count > 1 {
      report("\(owner): the marks in its numbers")
    }
  }

  private mutating func check(_ cells: CellReading, of feature: String) {
    check(cells.numbers, of: "feature \(feature)")
    guard let time = cells.time else { return }
    if !(-1440...1440).contains(time.utcOffset) {
      report("feature \(feature): \(time.utcOffset) minutes ahead of UTC")
    }
    if case .pattern(let text) = time.format, TimePattern.items(text) == nil {
      report("feature \(feature): the pattern of its times")
    }
  }

  private mutating func check(_ encoding: IdEncoding, of feature: String) {
    switch encoding {
    case .vocabulary(let tokens):
      if tokens.count > Self.maximumIds || Set(tokens).count != tokens.count {
        report("feature \(feature): a token is in its vocabulary twice")
      }
    case .hash(let buckets):
      if !(1...Self.maximumIds).contains(buckets) {
        report("feature \(feature): \(buckets) hash buckets")
      }
    case .identity(let count):
      if !(1...Self.maximumIds).contains(count) {
        report("feature \(feature): \(count) ids")
      }
    }
  }

  mutating func checkTasks() {
    if Set(plan.tasks.map(\.name)).count != plan.tasks.count {
      report("two tasks have the same name")
    }
    for task in plan.tasks {
      checkClasses(of: task)
      for column in [task.labelColumn, task.conditionColumn] {
        guard let column, !plan.schema.labels.indices.contains(column) else { continue }
        report("task \(task.name): there is no label column \(column)")
      }
    }
  }

  private mutating func checkClasses(of task: TaskRecord) {
    switch task.kind {
    case .binary, .regression: return
    case .multiclass(let count):
      guard let column = task.labelColumn, plan.schema.labels.indices.contains(column),
        case .classes(let names) = plan.schema.labels[column].kind, names.count == count
      else {
        report("task \(task.name): \(count) classes, but its label has others")
        return
      }
    }
  }

  /// Every task reads a fetch `[rows, width]` of the predict program.
  mutating func checkTaskOutputs() {
    guard let predict = plan.program(.predict) else { return }
    for task in plan.tasks {
      guard let fetch = predict.fetches.first(where: { $0.name == task.output }) else {
        report("task \(task.name): the predict program has no fetch \(task.output)")
        continue
      }
      let extents = fetch.view.extents
      if case .rows(_, let queries) = plan.episodes?.kind {
        if extents != [.fixed(queries), .fixed(task.width)] {
          report("task \(task.name): its output is not one for each query row")
        }
        continue
      }
      let isColumn = task.width == 1 && extents == [.batch(times: 1)]
      if extents != [.batch(times: 1), .fixed(task.width)] && !isColumn {
        let expected = task.width == 1 ? "one value" : "\(task.width) values"
        report("task \(task.name): its output is not \(expected) a row")
      }
    }
  }

  private static func isSound(_ curve: NumberCurve) -> Bool {
    curve.inputs.count == curve.outputs.count
      && [curve.inputs, curve.outputs].allSatisfy { points in
        points.allSatisfy(\.isFinite) && zip(points, points.dropFirst()).allSatisfy { $0 < $1 }
      }
  }
}

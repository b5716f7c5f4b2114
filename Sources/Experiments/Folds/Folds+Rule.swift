import Data
import ModelDefs
import Schema

extension Folds {
  /// The folds of the training rows of a spec.
  ///
  /// - Parameters:
  ///   - dataset: All training rows.
  ///   - seed: What folds that are drawn at random depend on.
  /// - Throws: `DataError`, an argument error for a task or a column that cannot be used.
  init(_ rule: FoldRule, _ spec: Spec, _ dataset: Dataset, seed: UInt64) throws {
    func column(_ name: String, _ purpose: String) throws -> ColumnTexts {
      guard !spec.files.train.contains("-") else {
        throw ExperimentError(
          .data, "\(purpose) reads the training rows twice, and standard input cannot be",
          hint: "put the rows into a file")
      }
      let texts = try ColumnTexts(
        spec.files.train, column: name, purpose: purpose, of: spec.dataDeclaration)
      guard texts.rowCount == dataset.rowCount else {
        throw DataError(
          "the training rows changed while they were read",
          at: spec.files.train.first.map { .init(file: $0) })
      }
      return texts
    }
    if let name = rule.timeColumn {
      self = try Self.inTime(rule.count, try column(name, "the order in time"), name, spec)
      return
    }
    let classes = try rule.stratify.map { try Self.classes(of: $0, rule, spec, dataset) }
    let groups = try rule.groupColumn.map {
      Self.groups(try column($0, "the grouping of folds"))
    }
    try self.init(
      rule.count, rows: dataset.rowCount, groups: groups, classes: classes, seed: seed)
  }

  /// By row the number of its group: equal cells have the same, and a cell without a value one of its own.
  private static func groups(_ texts: ColumnTexts) -> [Int] {
    var known: [ArraySlice<UInt8>: Int] = [:]
    var next = 0
    return (0..<texts.rowCount).map { row in
      let number = texts.isMissing(row) ? nil : known[texts[row]]
      if let number { return number }
      if !texts.isMissing(row) { known[texts[row]] = next }
      next += 1
      return next - 1
    }
  }

  private static func inTime(
    _ count: Int, _ texts: ColumnTexts, _ column: String, _ spec: Spec
  ) throws -> Folds {
    let missing = (0..<texts.rowCount).count { texts.isMissing($0) }
    guard missing == 0 else {
      throw DataError(
        "\(Format.count(missing, "row")) of \(Format.count(texts.rowCount)) have no value in column"
          + " \"\(MessageText.printable(column))\", which orders them in time",
        at: spec.files.train.first.map { .init(file: $0) })
    }
    let rows = Array(0..<Int32(clamping: texts.rowCount))
    if let numbers = texts.numbers {
      return try Folds(
        count, inOrder: rows.sorted { (numbers[Int($0)], $0) < (numbers[Int($1)], $1) },
        isSameTime: { numbers[Int($0)] == numbers[Int($1)] })
    }
    // Texts are compared byte by byte, which is right for dates such as 2024-02-29.
    let order = rows.sorted {
      let (a, b) = (texts[Int($0)], texts[Int($1)])
      return a.lexicographicallyPrecedes(b) || a == b && $0 < $1
    }
    return try Folds(count, inOrder: order, isSameTime: { texts[Int($0)] == texts[Int($1)] })
  }

  /// By row its class of a task, and one more where it has no label. Throws for a class that has fewer rows
  /// than there are folds.
  private static func classes(
    of name: String, _ rule: FoldRule, _ spec: Spec, _ dataset: Dataset
  ) throws -> [Int] {
    let names = spec.tasks.map(\.name)
    guard let place = spec.tasks.firstIndex(where: { $0.name == name }) else {
      throw ExperimentError(
        .argument, "there is no task \"\(MessageText.printable(name))\" to stratify by",
        hint: NearestName.nearest(name, in: names).map { "did you mean \($0)?" }
          ?? "the tasks are \(names.joined(separator: ", "))")
    }
    let (task, kind) = (spec.tasks[place], spec.dataDeclaration.labels[place].kind)
    guard task.isBinary || task.isMulticlass, kind != .soft else {
      throw ExperimentError(
        .argument, "folds are stratified by classes, and the labels of task \(name) are numbers")
    }
    guard let labels = dataset.floats(FeedLayout.labels),
      let mask = dataset.floats(FeedLayout.labelMask),
      let width = dataset.layout.feed(named: FeedLayout.labels)?.width
    else { return [Int](repeating: 0, count: dataset.rowCount) }
    let classes = (0..<dataset.rowCount).map { row in
      mask[row * width + place] == 0 ? 0 : 1 + Int(labels[row * width + place])
    }
    var counts: [Int: Int] = [:]
    for number in classes where number > 0 { counts[number, default: 0] += 1 }
    if let (number, rows) = counts.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }),
      rows < rule.count
    {
      let shown: String
      if case .classes(let texts) = kind, texts.indices.contains(number - 1) {
        shown = "\"\(MessageText.printable(texts[number - 1]))\""
      } else {
        shown = number == 1 ? "of negative labels" : "of positive labels"
      }
      throw ExperimentError(
        .data,
        "task \(name): the class \(shown) has \(Format.count(rows, "row")), fewer than the"
          + " \(rule.count) folds", hint: "ask for fewer folds")
    }
    return classes
  }
}

import Data
import Schema

/// Which training rows are held back for validation.
extension TrainingData {
  typealias Parts = (training: [Int32], validation: [Int32])

  /// The rows to train on and to validate with; nil where none is held back.
  ///
  /// - Parameters:
  ///   - known: The rows that are there, in rising order; nil for all of the source.
  ///   - heldBack: By row of the source whether its column says so; called only where that decides.
  static func parts(
    _ settings: TrainingSettings, _ source: any BatchSource, _ order: Shuffle,
    among known: [Int32]? = nil, heldBack: () throws -> [Bool]
  ) throws -> Parts? {
    guard settings.validationPaths.isEmpty else { return nil }
    let (count, fraction) = (known?.count ?? source.rowCount, settings.validationFraction)
    /// The rows at places of those that are there.
    func rows(_ places: Parts) -> Parts {
      guard let known else { return places }
      return (places.training.map { known[Int($0)] }, places.validation.map { known[Int($0)] })
    }
    switch settings.validationSplit {
    case .random:
      return fraction > 0 ? rows(order.split(count: count, validationFraction: fraction)) : nil
    case .last:
      return fraction > 0
        ? rows(Shuffle.splitLast(count: count, validationFraction: fraction)) : nil
    case .column:
      let isHeld = try heldBack()
      let rows = known ?? Array(0..<Int32(clamping: count))
      return (rows.filter { !isHeld[Int($0)] }, rows.filter { isHeld[Int($0)] })
    }
  }

  /// The training rows by group where batches keep groups together, without those that are held back.
  static func groups(_ settings: TrainingSettings, _ fitted: FittedData) throws -> RowGroups? {
    guard settings.keepsGroups else { return nil }
    let dataset = fitted.dataset
    let parts = try parts(
      settings, dataset, Shuffle(seed: settings.seed),
      heldBack: {
        try heldBack(nil, dataset, fitted.schema.validationColumn, settings.trainPaths)
      })
    return try RowGroups(
      dataset, rows: parts?.training ?? Array(0..<Int32(clamping: dataset.rowCount)))
  }

  /// By row whether it is held back by its column. Throws `DataError` when that leaves nothing to train
  /// on or to validate with.
  static func heldBack(
    _ file: StreamFile?, _ training: any BatchSource, _ column: ValidationColumn?,
    _ paths: [String]
  ) throws -> [Bool] {
    let source = file.map { StreamedRows($0, seed: 0, isShuffled: false) } ?? training
    defer { (source as? StreamedRows)?.close() }
    var isHeld = [Bool](repeating: false, count: source.rowCount)
    let most = 1024
    var cells = [Int32](repeating: 0, count: most)
    for start in stride(from: 0, to: source.rowCount, by: most) {
      let batch = (start..<min(start + most, source.rowCount)).map { Int32(clamping: $0) }
      try cells.withUnsafeMutableBytes { cells in
        let destinations = source.feeds.map {
          $0.name == FeedLayout.heldBack ? cells.baseAddress : nil
        }
        try batch.withUnsafeBufferPointer { try source.copyRows($0, into: destinations) }
      }
      for k in batch.indices { isHeld[start + k] = cells[k] == 1 }
    }
    let count = isHeld.count { $0 }
    guard count > 0, count < isHeld.count else {
      let name = MessageText.printable(column?.column ?? "")
      let bound =
        switch column?.from {
        case .number(let number): "\(number)"
        case .text(let text): "\"\(MessageText.printable(text))\""
        case nil: ""
        }
      throw DataError(
        count == 0
          ? "no training row is held back for validation: none has \"\(name)\" from \(bound) on"
          : "all training rows are held back for validation: each has \"\(name)\" from \(bound) on",
        at: paths.first.map { .init(file: $0) }, hint: "correct data.validation_split.from")
    }
    return isHeld
  }

  /// By row whether it is in a list.
  static func marks(_ rows: [Int32], of count: Int) -> [Bool] {
    var marks = [Bool](repeating: false, count: count)
    for row in rows { marks[Int(row)] = true }
    return marks
  }
}

import Schema

extension SequenceEncoder {
  var accepted: ColumnValues.Accepted { .init(lists: [.integers, .texts]) }
  var acceptedFurther: ColumnValues.Accepted { .init(lists: [.numbers, .integers]) }

  /// The ids of a row are the text of a cell or a list of texts or integers; weights stand in the items
  /// (`id:weight`), beside the ids, or in a column of their own, as the text of a cell or a list.
  func encode(
    _ values: ValueBlock, rows: Range<Int>, into storage: FeedStorage, at target: Int
  ) throws {
    let block = values.text
    let ids = try lists(of: values)
    let weights = try weightLists(of: values)
    if ids?.lists.weights != nil, !layout.weighted || layout.weightsColumn != nil {
      let place = layout.weightsColumn.map { ": they stand in column \"\($0)\"" } ?? ""
      throw DataError(
        "column \"\(shownColumn)\" was given with weights, which \(source.purpose) does not read"
          + MessageText.printable(place))
    }
    for row in rows {
      weighsApart = layout.weightsColumn != nil
      ownWeights.removeAll(keepingCapacity: true)
      let ownList = weights?.list(row) ?? 0..<0
      var field = block.records.field(row, index)
      if let ids {
        field = UnsafeBufferPointer(start: UnsafePointer(block.buffer), count: block.length)
        try takeItems(values, ids, row, weights, ownList)
      } else {
        split(field)
        try take(weights, ownList, for: items.count, block, row)
      }
      if weights == nil, layout.weightsColumn != nil { try readWeights(block, row) }
      try write(field, block, row, into: storage, at: target + row - rows.lowerBound)
    }
  }

  /// Lists of a column, and the numbers in it where it holds some.
  private struct GivenLists {
    var values: ColumnValues
    var lists: ColumnValues.Lists

    /// The list of a row; empty for one that is missing.
    func list(_ row: Int) -> Range<Int> {
      if values.isMissing?[row] ?? 0 != 0 { return 0..<0 }
      return lists.offsets[row]..<lists.offsets[row + 1]
    }

    /// A value that is a number; nil for a text.
    func number(_ k: Int) -> Double? {
      switch values.values {
      case .numbers(let numbers): numbers[k]
      case .integers(let integers): Double(integers[k])
      case .missing, .texts: nil
      }
    }
  }

  /// The lists of ids; nil where they are the text of cells.
  private func lists(of values: ValueBlock) throws -> GivenLists? {
    guard let given = values.values(index) else { return nil }
    if case .numbers = given.values {
      throw values.refusal(index, of: source.purpose, needs: "lists of texts or integers")
    }
    return given.lists.map { GivenLists(values: given, lists: $0) }
  }

  /// The lists of the column of weights; nil where they are the text of cells, or elsewhere.
  private func weightLists(of values: ValueBlock) throws -> GivenLists? {
    guard let source = furtherSources.first, let given = values.values(source.index) else {
      return nil
    }
    if let lists = given.lists {
      let found = GivenLists(values: given, lists: lists)
      switch given.values {
      case .missing, .numbers, .integers: return found
      case .texts: break
      }
    } else if given.areCells {
      return nil
    }
    throw values.refusal(source.index, of: source.purpose, needs: "lists of numbers")
  }

  /// Takes the items of a list, without empty ones, and their weights.
  private func takeItems(
    _ values: ValueBlock, _ ids: GivenLists, _ row: Int, _ weights: GivenLists?,
    _ ownList: Range<Int>
  ) throws {
    items.removeAll(keepingCapacity: true)
    let list = ids.list(row)
    if let source = furtherSources.first, !ownList.isEmpty {
      try requireWeights(ownList.count, for: list.count, source, values.text, row)
    }
    if ids.lists.weights != nil { weighsApart = true }
    for k in list {
      let item = values.item(index, k)
      if item.isEmpty { continue }
      items.append(item)
      if let beside = ids.lists.weights {
        ownWeights.append(try weight(beside[k], values.text, row))
      } else if let weights, !ownList.isEmpty {
        let number = weights.number(ownList.lowerBound + k - list.lowerBound)
        ownWeights.append(try weight(number, values.text, row))
      }
    }
  }

  /// Takes a list of weights for ids that are the text of a cell.
  private func take(
    _ weights: GivenLists?, _ list: Range<Int>, for count: Int, _ block: TextBlock, _ row: Int
  ) throws {
    guard let weights, let source = furtherSources.first, !list.isEmpty else { return }
    try requireWeights(list.count, for: count, source, block, row)
    for k in list { ownWeights.append(try weight(weights.number(k), block, row)) }
  }

  private func weight(_ number: Double?, _ block: TextBlock, _ row: Int) throws -> Float {
    if let number, Float(number).isFinite { return Float(number) }
    throw DataError(
      "a weight of the ids in column \"\(shownColumn)\" is \(number ?? .nan)",
      at: block.place(row: row, column: index))
  }
}

import Schema

extension LabelStatistics {
  /// The same for some rows of a dataset: what they alone tell of the label in a column of the feed
  /// `labels`. Texts that were met while files were read stay as they are.
  package func among(_ rows: [Int32], of dataset: Dataset, column: Int) -> LabelStatistics {
    guard let labels = dataset.floats(FeedLayout.labels),
      let mask = dataset.floats(FeedLayout.labelMask),
      let width = dataset.layout.feed(named: FeedLayout.labels)?.width
    else { return self }
    let values = rows.map { row in
      let place = Int(row) * width + column
      return mask[place] == 0 ? Double.nan : Double(labels[place])
    }
    var numbers = NumberStatistics()
    values.withUnsafeBufferPointer { numbers.add($0) }
    var own = self
    (own.present, own.missing) = (numbers.count, numbers.missing)
    if positives > 0 { own.positives = values.count { $0 > 0 } }
    let isEmpty = numbers.count == 0
    own.mean = isEmpty ? nil : numbers.mean
    own.minimum = isEmpty ? nil : numbers.minimum
    own.maximum = isEmpty ? nil : numbers.maximum
    own.deviation = isEmpty ? nil : numbers.deviation
    return own
  }
}

import Data
import Schema

/// Encoded rows as a model reads them.
public struct RowListing: Sendable {
  /// Features and tasks.
  public let columns: [String]
  /// By row the text of each column.
  public let cells: [[String]]

  init(_ fitted: FittedData, rows: Int) {
    let (dataset, schema) = (fitted.dataset, fitted.schema)
    func cell(_ feed: String, _ column: Int) -> (Int) -> String {
      guard let width = dataset.layout.feed(named: feed)?.width else { return { _ in "" } }
      if let values = dataset.floats(feed) { return { "\(values[$0 * width + column])" } }
      guard let values = dataset.integers(feed) else { return { _ in "" } }
      return { "\(values[$0 * width + column])" }
    }
    var columns: [(name: String, cell: (Int) -> String)] = []
    for (slot, feature) in zip(schema.feeds.slots, schema.features) {
      switch slot {
      case .numeric(let column): columns.append((feature.name, cell(FeedLayout.numeric, column)))
      case .vector(let first, let dim):
        let numbers = (first..<first + dim).map { cell(FeedLayout.numeric, $0) }
        columns.append((feature.name, { row in numbers.map { $0(row) }.joined(separator: " ") }))
      case .id(let column): columns.append((feature.name, cell(FeedLayout.ids, column)))
      case .sequence(let length, let weighted):
        let ids = (0..<length).map { cell(FeedLayout.sequenceIds(feature.name), $0) }
        let weights = (0..<(weighted ? length : 0)).map {
          cell(FeedLayout.sequenceWeights(feature.name), $0)
        }
        columns.append(
          (
            feature.name,
            { row in
              ids.enumerated().compactMap { place, id in
                let text = id(row)
                if text == "-1" { return nil }
                return weighted ? "\(text):\(weights[place](row))" : text
              }.joined(separator: " ")
            }
          ))
      }
    }
    for (column, label) in schema.labels.enumerated() {
      let value = cell(FeedLayout.labels, column)
      let mask = cell(FeedLayout.labelMask, column)
      columns.append((label.task, { mask($0) == "0.0" ? "" : value($0) }))
    }
    self.columns = columns.map(\.name)
    cells = (0..<min(rows, dataset.rowCount)).map { row in columns.map { $0.cell(row) } }
  }
}

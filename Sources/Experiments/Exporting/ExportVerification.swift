import Data
import Export
import Plan
import Schema

/// Rows and what a plan predicts for them, as JSON, for those who run an exported model elsewhere:
///
///     {"inputs": {NAME: [a value or a list for each row]}, "outputs": {TASK: [a list for each row]}}
///
/// A number that is missing is null.
enum ExportVerification {
  /// The most rows and the most values of a file.
  private static let (mostRows, mostValues) = (256, 1 << 20)

  static func text(_ compiled: CompiledPlan, _ form: ONNXInputs) throws -> String {
    let plan = compiled.plan
    let width = plan.schema.feeds.feeds.reduce(0) { $0 + $1.width }
    let rowCount = max(4, min(mostRows, mostValues / max(1, width)))
    let sample = SampleRows(plan.schema, count: rowCount, seed: plan.training.seed)
    let predictor = try Predictor(compiled, threads: 1)
    let predictions = try predictor.predict(sample.rows)
    let outputs = plan.tasks.map { task in
      let columns = predictor.columns(task).map { predictions[$0] ?? [] }
      return member(
        task.name, (0..<rowCount).map { row in list(columns.map { text(Double($0[row])) }) })
    }
    let declared = try ONNXExport(plan, inputs: form).inputs
    let inputs: [String]
    switch form {
    case .encoded:
      let encoded = try EncodedRows(sample, plan.schema)
      inputs = declared.map { member($0.name, encoded.values($0)) }
    case .raw: inputs = declared.map { member($0.name, raw($0, sample, plan.schema)) }
    }
    return "{\n\"inputs\": {\n\(inputs.joined(separator: ",\n"))\n},\n\"outputs\": {\n"
      + outputs.joined(separator: ",\n") + "\n}\n}\n"
  }

  private static func member(_ name: String, _ values: [String]) -> String {
    "\(name.quotedAsJSON): \(list(values))"
  }

  static func list(_ values: [String]) -> String { "[" + values.joined(separator: ", ") + "]" }

  static func text(_ number: Double) -> String { number.isFinite ? "\(number)" : "null" }

  /// The values of an input that takes cells, a row each.
  private static func raw(
    _ input: ONNXInput, _ sample: SampleRows, _ schema: DataSchema
  ) -> [String] {
    let feature = schema.features[input.feature]
    let cells = sample.columns[feature.column] ?? []
    switch feature.encoder {
    case .id(.identity): return cells.map { $0.text.flatMap(whole) ?? "-1" }
    case .id, .cross:
      let missing = schema.format.missing.first ?? ""
      return cells.map { ($0.text ?? missing).quotedAsJSON }
    case .numeric, .bucketized: return cells.map { text($0.number) }
    case .vector(let layout):
      return cells.map { cell in
        list(
          cell.text == nil
            ? Array(repeating: "null", count: layout.dim)
            : cell.items.map { text(Double($0.weight)) })
      }
    case .sequence(let encoding, let layout):
      return cells.map { cell in
        let kept =
          layout.keep == .first
          ? cell.items.prefix(layout.maxLength) : cell.items.suffix(layout.maxLength)
        var values: [String]
        let padding: String
        switch input.role {
        case .lengths: return "\(cell.items.count)"
        case .weights: (values, padding) = (kept.map { text(Double($0.weight)) }, "0")
        case .values:
          if case .identity = encoding {
            (values, padding) = (kept.map { whole($0.text) ?? "-1" }, "-1")
          } else {
            (values, padding) = (kept.map(\.text.quotedAsJSON), "\"\"")
          }
        }
        values += Array(repeating: padding, count: layout.maxLength - values.count)
        return list(values)
      }
    }
  }

  /// The text of a number without a fraction.
  private static func whole(_ text: String) -> String? {
    Double(text).flatMap { Int64(exactly: $0) }.map { "\($0)" }
  }
}

/// Rows as the plan's encoders give them.
private struct EncodedRows {
  private let schema: DataSchema
  private let layout: FeedLayout
  private var integers: [String: [Int32]] = [:]
  private var floats: [String: [Float]] = [:]
  private let count: Int

  init(_ sample: SampleRows, _ schema: DataSchema) throws {
    self.schema = schema
    layout = schema.feeds
    count = sample.count
    let reader = try PredictionReader(
      rows: sample.rows, schema: schema, batchRows: max(1, sample.count))
    guard let batch = try reader.nextBatch() else { return }
    for (place, feed) in layout.feeds.enumerated() {
      var words = [UInt32](repeating: 0, count: count * feed.width)
      words.withUnsafeMutableBytes { memory in
        var destinations = [UnsafeMutableRawPointer?](repeating: nil, count: layout.feeds.count)
        destinations[place] = memory.baseAddress
        batch.dataset.copyRows(0..<batch.rowCount, into: destinations)
      }
      if feed.isInteger {
        integers[feed.name] = words.map { Int32(bitPattern: $0) }
      } else {
        floats[feed.name] = words.map { Float(bitPattern: $0) }
      }
    }
  }

  /// The values of an input, a row each.
  func values(_ input: ONNXInput) -> [String] {
    let name = schema.features[input.feature].name
    let slot = layout.slots[input.feature]
    switch slot {
    case .id(let column): return rows(integers, FeedLayout.ids) { "\($0[column])" }
    case .numeric(let column):
      return rows(floats, FeedLayout.numeric) { ExportVerification.text(Double($0[column])) }
    case .vector(let column, let dim):
      return rows(floats, FeedLayout.numeric) { row in
        ExportVerification.list(
          (column..<column + dim).map { ExportVerification.text(Double(row[$0])) })
      }
    case .sequence:
      let ids = FeedLayout.sequenceIds(name)
      switch input.role {
      // −1 pads.
      case .lengths: return rows(integers, ids) { row in "\(row.count { $0 >= 0 })" }
      case .values:
        return rows(integers, ids) { row in ExportVerification.list(row.map { "\(max(0, $0))" }) }
      case .weights:
        return rows(floats, FeedLayout.sequenceWeights(name)) { row in
          ExportVerification.list(row.map { ExportVerification.text(Double($0)) })
        }
      }
    }
  }

  private func rows<Element>(
    _ feeds: [String: [Element]], _ name: String, _ text: ([Element]) -> String
  ) -> [String] {
    guard let values = feeds[name], count > 0 else { return [] }
    let width = values.count / count
    return (0..<count).map { text(Array(values[$0 * width..<($0 + 1) * width])) }
  }
}

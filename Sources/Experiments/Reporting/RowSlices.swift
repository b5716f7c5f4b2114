import Plan
import Runtime
import Schema

/// The rows by the values of each feature, and how well each part is predicted.
struct RowSlices {
  /// Fewer rows say little of a part.
  static let fewestRows = 50

  let schema: DataSchema
  let source: GatheredRows
  let scores: RowScores

  /// By feature and value, the worst of each task first; parts with few rows are left out.
  func slices() -> [RowSlice] {
    let layout = FeedLayout(schema)
    let features = schema.features.indices.compactMap { keys($0, layout) }
    let tasks = scores.tasks.filter { !$0.labels.isEmpty && $0.record.width == 1 }
    return tasks.concurrentMap { task in
      let all = slice(task, "", "", task.counted).slice.score.value ?? 0
      return features.flatMap { slices(task, $0) }
        .map { (slice: $0.slice, shortfall: $0.shortfall(from: all)) }
        .sorted { $0.shortfall > $1.shortfall }.map(\.slice)
    }.flatMap { $0 }
  }

  /// A part with what its place among the others is told by.
  private struct Ranked {
    var slice: RowSlice
    /// The standard error of its score; nil where it has none.
    var error: Double?

    /// How much worse its score is than that of all rows, in its standard errors; parts without a score
    /// come last. A part of few rows has a bad score by chance and a large error.
    func shortfall(from all: Double) -> Double {
      guard let score = slice.score.value, let error, error > 0 else { return -.infinity }
      return (slice.metric.better == .lower ? score - all : all - score) / error
    }
  }

  /// A number by row that is the same for the rows of a part, and the parts' names.
  private struct Keys {
    var feature: String
    var keys: [Int32]
    var name: (Int32) -> String
  }

  private func keys(_ place: Int, _ layout: FeedLayout) -> Keys? {
    let feature = schema.features[place]
    switch layout.slots[place] {
    case .id(let column):
      guard let ids = source.integers(FeedLayout.ids, column: column) else { return nil }
      return Keys(feature: feature.name, keys: ids) { feature.valueName(id: $0) }
    case .numeric(let column):
      guard let values = source.floats(FeedLayout.numeric, column: column) else { return nil }
      return ranges(feature, values)
    case .vector, .sequence: return nil
    }
  }

  /// A number in five ranges of about as many rows each.
  private func ranges(_ feature: FeatureSchema, _ values: [Float]) -> Keys? {
    guard case .numeric(let normalizer) = feature.encoder else { return nil }
    let sorted = values.filter(\.isFinite).sorted()
    guard let first = sorted.first, let last = sorted.last, first < last else { return nil }
    var borders: [Float] = []
    for k in 1..<5 {
      let border = sorted[k * sorted.count / 5]
      if border > (borders.last ?? first) { borders.append(border) }
    }
    let keys = values.map { value in Int32(borders.count { value >= $0 }) }
    // Of values as they stand in the data, not as they are scaled.
    let ends = ([first] + borders + [last]).map { Format.plain(normalizer.inverse($0)) }
    return Keys(feature: feature.name, keys: keys) { key in
      let k = max(0, min(Int(key), ends.count - 2))
      return ends[k] == ends[k + 1] ? ends[k] : "\(ends[k]) to \(ends[k + 1])"
    }
  }

  private func slices(_ task: RowScores.Task, _ keys: Keys) -> [Ranked] {
    var rows: [Int32: [Int]] = [:]
    for (row, label) in task.labels.enumerated() where label != nil {
      rows[keys.keys[row], default: []].append(row)
    }
    return rows.filter { $0.value.count >= Self.fewestRows }.sorted { $0.key < $1.key }.map {
      slice(task, keys.feature, keys.name($0.key), $0.value)
    }
  }

  private func slice(
    _ task: RowScores.Task, _ feature: String, _ value: String, _ rows: [Int]
  ) -> Ranked {
    let predictions = rows.map { task.predictions[$0] }
    let labels = rows.compactMap { task.labels[$0] }
    let isBinary = task.record.kind == .binary
    let metrics = TaskMetrics(
      task: task.record.name, kind: task.record.kind, predictions: predictions, labels: labels)
    let metric: Metric = isBinary ? .auc : .rootMeanSquaredError
    let expected = predictions.reduce(0) { $0 + Double($1) }
    let found = labels.reduce(0) { $0 + Double($1) }
    let variance = predictions.reduce(0) { $0 + Double($1) * (1 - Double($1)) }
    let slice = RowSlice(
      task: task.record.name, feature: feature, value: value, rows: rows.count,
      label: found / Double(max(1, rows.count)), prediction: expected / Double(max(1, rows.count)),
      metric: metric, score: metrics[metric] ?? .undefined(reason: "no value"),
      deviations: isBinary && variance > 0 ? (expected - found) / variance.squareRoot() : 0)
    // Of errors with a normal distribution the RMSE's standard error is RMSE / √(2n).
    let error =
      isBinary
      ? RankedRows(predictions, labels).areaError.value
      : slice.score.value.map { $0 / (2 * Double(rows.count)).squareRoot() }
    return Ranked(slice: slice, error: error)
  }
}

extension FeatureSchema {
  /// What stands in the data where a feature has an id.
  func valueName(id: Int32) -> String {
    switch encoder {
    case .id(.vocabulary(let tokens)), .sequence(.vocabulary(let tokens), _):
      let place = Int(id) - 1
      return tokens.indices.contains(place) ? tokens[place] : "unknown or missing"
    case .id(.identity), .sequence(.identity, _):
      return id == 0 ? "unknown or missing" : "\(id - 1)"
    case .id(.hash), .sequence(.hash, _), .cross:
      return id == 0 ? "missing" : "bucket \(id)"
    case .bucketized(let boundaries):
      let place = Int(id) - 1
      guard place >= 0, place <= boundaries.count else { return "missing" }
      if boundaries.isEmpty { return "any" }
      if place == 0 { return "below \(Format.plain(boundaries[0]))" }
      let low = Format.plain(boundaries[place - 1])
      return place == boundaries.count
        ? "\(low) or more" : "\(low) to \(Format.plain(boundaries[place]))"
    case .numeric, .vector: return "\(id)"
    }
  }
}

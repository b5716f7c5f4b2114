import Data
import Experiments
import Foundation
import Schema

/// Files that the project writes and reads again, and files beside the rows, with changed bytes: rows that
/// were kept are the same, read anew, or refused; side tables, weights and what a draft looks at are read
/// or refused.
struct KeptFiles {
  enum Kind: String, CaseIterable {
    case cache, stream
    case sideTable = "side table"
    case weights, draft
  }

  private let folder: String
  private let declaration: DataDeclaration
  private let cache: DatasetCache
  private let fitted: FittedData
  /// The encoded rows, a stream of them, and a trained plan's parameters, as they should be.
  private let kept: (path: String, bytes: [UInt8])
  private let streamed: (path: String, bytes: [UInt8])
  private let plan: CompiledPlan
  private let weights: [UInt8]
  private let table: String
  private static let side = Array(
    ("user,age,note\n"
      + (0..<9).map { "u\($0),\($0 * 3),\"n, \($0 % 2)\"\n" }.joined()).utf8)

  init(folder: String) throws {
    self.folder = folder
    table = "\(folder)/kept.csv"
    var text = "user,city,n,list,y\n"
    for row in 0..<400 {
      text += "u\(row % 11),c\(row % 5),\(Double(row * row % 97) / 4),a\(row % 3)|b\(row % 2),"
      text += "\(row % 2)\n"
    }
    try text.write(toFile: table, atomically: false, encoding: .utf8)
    declaration = Self.declaration(joins: [])
    cache = DatasetCache(folder: "\(folder)/cache")
    fitted = try cache.fit(declaration, [table]).0
    let stream = try cache.stream([table], schema: fitted.schema).file
    streamed = (stream.path, try Self.bytes(stream.path))
    let names = try FileManager.default.contentsOfDirectory(atPath: cache.folder)
    guard let name = names.first(where: { $0.hasSuffix(".mtld") }) else {
      throw Fault(description: "the cache holds no file")
    }
    let path = "\(cache.folder)/\(name)"
    kept = (path, try Self.bytes(path))
    let spec = """
      {
        data: { train: "kept.csv" },
        features: [{ name: "city", type: "id", embedding_dim: 2 }, { name: "n", type: "numeric" }],
        tasks: [{ name: "y" }],
        model: { type: "shared_bottom", bottom_hidden_units: [3], tower_hidden_units: [] },
        training: { batch_size: 64, epochs: 1 },
      }
      """
    try spec.write(toFile: "\(folder)/kept.json5", atomically: false, encoding: .utf8)
    plan = try CompiledPlan(Experiment(contentsOf: "\(folder)/kept.json5").train())
    let place = "\(folder)/kept.safetensors"
    try plan.export(ExportRequest(format: "safetensors"), to: place)
    weights = try Self.bytes(place)
  }

  private static func declaration(joins: [TableJoin]) -> DataDeclaration {
    var features = [
      FeatureDeclaration(name: "city", column: "city", kind: .id(.trainingData(minFrequency: 1))),
      FeatureDeclaration(name: "n", column: "n", kind: .numeric(.zscore)),
      FeatureDeclaration(
        name: "list", column: "list",
        kind: .sequence(.hash(buckets: 7), SequenceLayout(separator: 124, maxLength: 2))),
    ]
    if !joins.isEmpty {
      features.append(FeatureDeclaration(name: "age", column: "age", kind: .numeric(.zscore)))
      features.append(
        FeatureDeclaration(name: "note", column: "note", kind: .id(.trainingData(minFrequency: 1))))
    }
    return DataDeclaration(
      format: TableFormat(), features: features,
      labels: [LabelSchema(task: "y", column: "y", kind: .binary)], joins: joins)
  }

  private static func bytes(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  private func write(_ bytes: [UInt8], _ path: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  /// - Parameter ending: Runs a body whose errors must be those of input; gives what to count.
  func use(
    _ mutator: InputMutator, _ test: inout Case,
    _ ending: (String, String, () throws -> Void) throws -> String
  ) throws -> String {
    let kind = test.random.pick(Kind.allCases)
    func mutated(_ bytes: [UInt8]) -> [UInt8] {
      // Large files are cut by the mutator; change a part of them.
      let start = test.random.below(max(1, bytes.count - 2_000))
      let end = min(bytes.count, start + 2_000)
      let part = mutator.mutate(Array(bytes[start..<end]), bytes, &test)
      return Array(bytes[..<start]) + part + Array(bytes[end...])
    }
    test.note(kind.rawValue)
    switch kind {
    case .cache:
      try write(mutated(kept.bytes), kept.path)
      let (rows, outcome) = try cache.fit(declaration, [table])
      test.note("\(outcome)")
      try requireSame(rows.dataset, "cached")
      if case .opened = outcome { return "cache: opened" }
      return "cache: written anew"
    case .stream:
      try write(mutated(streamed.bytes), streamed.path)
      let (file, outcome) = try cache.stream([table], schema: fitted.schema)
      test.note("\(outcome)")
      let end = try ending("stream", streamed.path) { try read(file) }
      try write(streamed.bytes, streamed.path)
      if case .opened = outcome { return end }
      return "stream: written anew"
    case .sideTable:
      let path = "\(folder)/side.csv"
      try write(mutator.mutate(Self.side, kept.bytes, &test), path)
      let join = TableJoin(file: path, key: "user", column: "user", format: TableFormat())
      return try ending("side table", path) {
        _ = try Self.declaration(joins: [join]).fit(
          [table], options: ReadOptions(memoryLimit: 64 << 20, threads: 2))
      }
    case .weights:
      let path = "\(folder)/changed.safetensors"
      try write(mutator.mutate(weights, kept.bytes, &test), path)
      return try ending("weights", path) { _ = try plan.withWeights(contentsOf: path) }
    case .draft:
      let path = "\(folder)/draft.csv"
      let head = try Self.bytes(table).prefix(1_500)
      try write(mutator.mutate(Array(head), Self.side, &test), path)
      return try ending("draft", path) {
        let draft = try SpecDraft(DraftRequest(table: path, labels: ["y"]))
        guard !draft.text.isEmpty else { throw Fault(description: "a draft without a text") }
      }
    }
  }

  /// Reads all rows of a stream.
  private func read(_ file: StreamFile) throws {
    let rows = StreamedRows(file, seed: 1, isShuffled: false)
    defer { rows.close() }
    let all = Array(0..<Int32(clamping: file.rowCount))
    guard all.count == fitted.dataset.rowCount else {
      throw Fault(description: "a stream of \(all.count) rows")
    }
    for feed in file.layout.feeds.indices {
      let width = file.layout.feeds[feed].width
      var words = [UInt32](repeating: 0, count: all.count * width)
      try words.withUnsafeMutableBytes { memory in
        var destinations = [UnsafeMutableRawPointer?](
          repeating: nil, count: file.layout.feeds.count)
        destinations[feed] = memory.baseAddress
        _ = rows.order(epoch: 0)
        try all.withUnsafeBufferPointer { try rows.copyRows($0, into: destinations) }
      }
      guard words == Self.words(fitted.dataset, file.layout.feeds[feed]) else {
        throw Fault(description: "other rows from a changed stream")
      }
    }
  }

  private func requireSame(_ rows: Dataset, _ what: String) throws {
    for feed in rows.feeds
    where Self.words(rows, feed) != Self.words(fitted.dataset, feed) {
      throw Fault(description: "other rows, \(what)")
    }
  }

  private static func words(_ dataset: Dataset, _ feed: FeedLayout.Feed) -> [UInt32] {
    feed.isInteger
      ? (dataset.integers(feed.name).map { $0.map(UInt32.init(bitPattern:)) } ?? [])
      : (dataset.floats(feed.name).map { $0.map(\.bitPattern) } ?? [])
  }
}

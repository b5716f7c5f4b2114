import Foundation
import GraphIR
import ModelDefs
import Plan
import Runtime
import Schema
import TensorTypes
import Testing

/// A model on a small schema: its graphs, and steps of it on made-up rows.
struct ModelFixture {
  let spec: Spec
  let schema: DataSchema

  init(_ fixture: SpecFixture) throws {
    spec = try fixture.spec()
    schema = SpecFixture.schema(spec)
  }

  func graph(_ purpose: ProgramPurpose, hasMissingLabels: Bool = false) throws -> Graph {
    let name = purpose == .train ? "train" : "predict"
    let builder = GraphBuilder(name: name, isTraining: purpose == .train)
    try buildModel(
      spec, schema: schema, purpose: purpose, hasMissingLabels: hasMissingLabels, on: builder)
    try builder.graph.requireValid()
    return builder.graph
  }

  func eager(
    hasMissingLabels: Bool = true, optimizer: Optimizer
  ) -> EagerModel<Double> {
    let (spec, schema) = (spec, schema)
    return EagerModel(seed: 1, optimizer: optimizer) { engine in
      try buildModel(
        spec, schema: schema, purpose: engine.isTraining ? .train : .predict,
        hasMissingLabels: hasMissingLabels, on: engine)
    }
  }

  /// Feeds of random rows; the first label is a function of the row's first id, the second holds
  /// for some of the rows of the first.
  func feeds(rows: Int, seed: UInt64 = 5) -> [InputID: EagerStorage<Double>] {
    var random = FuzzRandom(state: seed)
    var feeds: [InputID: EagerStorage<Double>] = [:]
    let layout = schema.feeds
    var first = [Double](repeating: 0, count: rows)
    for feed in layout.feeds where feed.name != FeedLayout.labels {
      let count = rows * feed.width
      if feed.isInteger {
        let ids = (0..<count).map { _ in Int32(random.below(4)) - (feed.name == "ids" ? 0 : 1) }
        if feed.name == "ids" { first = (0..<rows).map { Double(ids[$0 * feed.width]) } }
        feeds[InputID(feed.name)] = .ids(ids)
      } else if feed.name == FeedLayout.labelMask || feed.name == FeedLayout.sampleWeight {
        feeds[InputID(feed.name)] = .floats([Double](repeating: 1, count: count))
      } else {
        feeds[InputID(feed.name)] = .floats(
          (0..<count).map { _ in Double(random.below(2001)) / 1000 - 1 })
      }
    }
    let tasks = schema.labels.count
    feeds[InputID(FeedLayout.labels)] = .floats(
      (0..<rows * tasks).map { first[$0 / tasks] >= Double(1 + $0 % tasks) ? 1 : 0 })
    return feeds
  }

  /// Compares with Golden/<name>.mtl, or writes that when MTLC_UPDATE_GOLDEN is set.
  static func checkGolden(_ text: String, _ name: String) throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/\(name).mtl")
    if ProcessInfo.processInfo.environment["MTLC_UPDATE_GOLDEN"] != nil {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
      return
    }
    let golden = try? String(contentsOf: file, encoding: .utf8)
    #expect(golden == text, "\(file.lastPathComponent) differs; MTLC_UPDATE_GOLDEN=1 rewrites it")
  }
}

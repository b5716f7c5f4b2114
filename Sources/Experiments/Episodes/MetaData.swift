import Data
import ModelDefs
import Plan
import Runtime
import Schema

/// What tasks are drawn from: images by class, or tables with groups of rows.
package struct MetaData {
  enum Content {
    case images(train: [(file: String, array: ImageArray)])
    case rows(FittedData)
  }
  let content: Content
  let files: [String]

  /// Reads the training files of a spec. Throws `DataError`.
  package init(_ workflow: MetaWorkflow) throws {
    switch workflow.spec.source {
    case .images(_, let paths):
      files = paths.train
      content = .images(train: try Self.arrays(paths.train))
    case .rows(_, let rows):
      files = rows.files.train
      let meter = ReadingMeter("reading", files: files, workflow.observer)
      let fitted = try rows.declaration.fit(
        files, options: ReadOptions(rowLimit: nil, progress: meter.callback))
      meter.finish(rows: fitted.dataset.rowCount)
      content = .rows(fitted)
    }
  }

  var place: DataError.Place? { files.first.map { DataError.Place(file: $0) } }

  var shape: MetaWorkflow.Shape {
    switch content {
    case .images(let arrays):
      .images(height: arrays.first?.array.height ?? 0, width: arrays.first?.array.width ?? 0)
    case .rows(let fitted): .rows(fitted.schema)
    }
  }

  var schema: DataSchema {
    switch content {
    case .images: DataSchema(format: TableFormat(), features: [], labels: [])
    case .rows(let fitted): fitted.schema
    }
  }

  static func arrays(_ paths: [String]) throws -> [(file: String, array: ImageArray)] {
    try paths.map { ($0, try ImageArray(path: $0)) }
  }
}

/// The tasks of a plan: to train on, and to test with.
package struct MetaTasks {
  package let training: any EpisodeSource
  let test: (source: any EpisodeSource, count: Int)?
  /// The labels of the queries of the test episodes, by task; empty where models score themselves.
  let testLabels: (_ episode: Int) -> [[Float]]

  /// - Parameter data: The training data, when the caller has read it.
  /// Throws `DataError`.
  package init(
    _ plan: Plan, _ data: MetaData? = nil, testFiles: [String]? = nil, observer: any Observer
  ) throws {
    guard let episodes = plan.episodes else {
      throw ExperimentError(.plan, "the plan does not learn from tasks")
    }
    let seed = plan.training.seed
    // Episodes of the test are others than those of training, and the same in every evaluation.
    let testSeed = seed ^ 0x7E57
    let testPaths = testFiles ?? plan.training.testPaths
    switch episodes.kind {
    case .images(let ways, let shots, let queries, let height, let width, let rotations):
      func source(
        _ arrays: [(file: String, array: ImageArray)], _ rotations: Bool, _ seed: UInt64
      ) throws -> ImageEpisodes {
        if let (file, array) = arrays.first, (array.height, array.width) != (height, width) {
          throw DataError(
            "has images of \(array.height)×\(array.width), the plan was compiled for"
              + " \(height)×\(width)", at: .init(file: file))
        }
        return try ImageEpisodes(
          arrays, ways: ways, shots: shots, queries: queries, rotations: rotations, seed: seed)
      }
      let test =
        testPaths.isEmpty ? nil : try source(MetaData.arrays(testPaths), false, testSeed)
      self.test = test.map { ($0, episodes.evaluationEpisodes) }
      testLabels = { _ in [] }
      if testFiles != nil, let test {
        training = test
      } else if case .images(let arrays) = data?.content {
        training = try source(arrays, rotations, seed)
      } else {
        training = try source(MetaData.arrays(plan.training.trainPaths), rotations, seed)
      }
    case .rows(let support, let queries):
      func source(_ dataset: Dataset, _ file: String, _ seed: UInt64) throws -> RowEpisodes {
        let rows = try RowEpisodes(
          dataset, supportRows: support, queryRows: queries, seed: seed, file: file)
        if rows.skippedGroups > 0 {
          observer.receive(
            .note(
              "\(file): \(Format.count(rows.skippedGroups)) groups have fewer than"
                + " \(support + queries) rows and are left out"))
        }
        return rows
      }
      func read(_ paths: [String], _ what: String) throws -> Dataset {
        let meter = ReadingMeter("reading \(what)", files: paths, observer)
        let dataset = try Dataset.read(
          paths, schema: plan.schema, options: ReadOptions(progress: meter.callback)
        ).dataset
        meter.finish(rows: dataset.rowCount)
        return dataset
      }
      let test =
        testPaths.isEmpty
        ? nil : try source(read(testPaths, "test rows"), testPaths[0], testSeed)
      self.test = test.map { (FixedRows(rows: $0), $0.groupCount) }
      testLabels = { episode in test.map { $0.labels($0.fixed(episode: episode).query) } ?? [] }
      if testFiles != nil, let test {
        training = DrawnRows(rows: test)
      } else {
        let paths = plan.training.trainPaths
        let dataset: Dataset
        if case .rows(let fitted) = data?.content {
          dataset = fitted.dataset
        } else {
          dataset = try read(paths, "training rows")
        }
        training = DrawnRows(rows: try source(dataset, paths.first ?? "-", seed))
      }
    }
  }
}

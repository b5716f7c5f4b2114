import Data
import ModelDefs
import Schema

/// What the training files of a spec hold: rows with what was learned from them, or images by class.
struct TrainingFiles {
  /// Nil for images.
  var rows: FittedData?
  /// Empty for rows.
  var images: [(file: String, array: ImageArray)] = []
  /// What the model's graphs are shaped by.
  let shape: ModelShape
  /// What parameters begin with that do not begin with random numbers.
  var sources = ParameterSources()

  /// Rows that a model learns from, alone or in groups.
  init(_ rows: FittedData, _ sources: ParameterSources) {
    self.rows = rows
    self.sources = sources
    shape = .rows(rows.schema, labels: rows.statistics.labels)
  }

  init(images: [(file: String, array: ImageArray)]) {
    self.images = images
    let first = images.first?.array
    shape = .images(height: first?.height ?? 0, width: first?.width ?? 0)
  }
}

extension Experiment {
  /// The plan that training begins with; nil for none. Throws a plan error for one that is not trained.
  func warmStart() throws -> WarmStart? { try spec.initial.map { try WarmStart($0) } }

  /// Reads the training files. Throws `DataError`, for labels too that nothing can be learned from.
  func trainingFiles(
    rowLimit: Int? = nil, _ observer: any Observer
  ) throws -> TrainingFiles {
    if case .images(let model) = spec.learning {
      guard rowLimit == nil else {
        throw ExperimentError(
          .argument, "a limit of rows goes with tables, and the spec learns from images")
      }
      try prepareFiles(observer)
      let files = TrainingFiles(images: try reading(observer).images(spec.files.train))
      if let (file, array) = files.images.first,
        min(array.height, array.width) < model.network.smallestSide
      {
        throw DataError(
          "images of \(array.height)×\(array.width) are too small for the network, which halves their"
            + " sides four times", at: .init(file: file), hint: "use model.network: \"mlp\"")
      }
      return files
    }
    var fitted = try fit(rowLimit: rowLimit, observer)
    let initial = try warmStart()
    if let initial {
      let schema = try initial.extending(fitted.schema)
      if schema != fitted.schema {
        if spec.files.train.contains("-") {
          throw ExperimentError(
            .spec,
            "\(spec.file): training.initialize_from: the training rows are read twice, and those of"
              + " standard input cannot be")
        }
        let read = try reading(observer).rows(
          spec.files.train, schema, "training rows", rowLimit: rowLimit)
        (fitted.schema, fitted.dataset) = (schema, read.dataset)
        fitted.statistics = read.statistics
      }
    }
    try LabelCheck.require(spec, fitted.statistics)
    return TrainingFiles(fitted, try parameterSources(fitted.schema, initial, observer))
  }
}

import Schema

/// A model, its data and its training, read from a JSON5 file and checked.
public struct Spec: Sendable {
  /// The file as the caller named it.
  public let file: String
  public package(set) var name: String
  public let files: DataFiles
  /// What to learn from the training data before the model can be built.
  public let dataDeclaration: DataDeclaration
  /// Parallel to the features of `dataDeclaration`, which has one more for the group of an episode of
  /// rows. Empty for episodes of images, as the tasks.
  public let features: [FeatureSpec]
  public let tasks: [TaskSpec]
  public let model: ModelSpec
  /// How the model is trained, the files as absolute paths.
  public let training: TrainingSettings
  /// λ of the penalty λ/2·‖w‖² on kernels, and on embedding tables; the model puts it into the
  /// parameters.
  public let l2: Double
  public let embeddingL2: Double
  /// Where the tables of the sparse optimizer are when several processes train.
  public let tablePlacement: TablePlacement
  /// The trained plan that training begins with; nil for none.
  public let initial: InitialPlan?
  /// Of learning from episodes; nil for learning from rows.
  public let episodes: EpisodeOptions?
  /// What a step of training learns from.
  package var learning: Learning { model.definition.learning }
  /// Predictions of the model besides those of the tasks.
  package var conditionalOutputs: [ConditionalOutput] { model.definition.conditionalOutputs(tasks) }
  /// The tasks of a funnel from the first step to the last; empty for other models.
  public var funnelSteps: [String] { model.definition.funnelSteps(tasks) }
  /// The keys that `mtlc tune` tries values of; empty where the spec does not say.
  package let search: [SearchDimension]
  /// The spec with its overrides as canonical JSON; reading it gives this spec again, without what it says
  /// of a search.
  public let canonicalText: String
  /// The same with the places of the values.
  let tree: SpecValue
  /// What paths are relative to; empty for the working directory.
  let folder: String

  /// Reads a spec file.
  /// - Parameter overrides: Texts such as `training.epochs=3` that replace what the file says.
  ///   Their values are JSON5, or else a plain string; `null` takes a key away.
  /// - Throws: `SpecError` with everything that is wrong.
  public init(path: String, overrides: [String] = []) throws {
    let bytes: [UInt8]
    do {
      bytes = try TextFile.read(path)
    } catch {
      throw SpecError([
        SpecFinding(file: path, location: .file, path: "", message: error.message)
      ])
    }
    try self.init(
      bytes: bytes, file: path, folder: TextFile.folder(of: path), overrides: overrides)
  }

  /// Reads a spec from a text.
  /// - Parameters:
  ///   - file: What to call it in messages.
  ///   - folder: What its paths are relative to; empty for the working directory.
  /// - Throws: `SpecError` with everything that is wrong.
  public init(
    text: String, file: String, folder: String = "", overrides: [String] = []
  ) throws {
    try self.init(bytes: Array(text.utf8), file: file, folder: folder, overrides: overrides)
  }

  init(bytes: [UInt8], file: String, folder: String, overrides: [String]) throws {
    let diagnostics = SpecDiagnostics(file: file)
    let tree: SpecValue
    do {
      tree = try JSON5Parser.parse(bytes, diagnostics: diagnostics)
    } catch {
      diagnostics.report(
        error.message, at: .text(line: error.line, column: error.column), path: "")
      throw SpecError(diagnostics.findings)
    }
    try self.init(tree: tree, diagnostics, folder: folder, overrides: overrides)
  }

  /// Decodes and checks a spec that was parsed or made in Swift.
  init(
    tree: SpecValue, _ diagnostics: SpecDiagnostics, folder: String, overrides: [String]
  ) throws {
    var tree = tree
    let file = diagnostics.file
    for text in overrides {
      SpecOverride(text).apply(to: &tree, diagnostics)
    }
    let root = SpecNode(tree, path: "", diagnostics)
    guard let section = SectionReader(root, SpecKeys.section) else {
      throw SpecError(diagnostics.findings)
    }
    let fileName = file.split(separator: "/").last.map(String.init) ?? file
    let stem = fileName.split(separator: ".").first.map(String.init) ?? fileName
    let material = Material(section)
    let data = DataDecoder(section, folder: folder, material)
    let tasks = TaskDecoder(section, material)
    let features = FeatureDecoder(
      section, folder: folder, material, marks: data.format.numbers)
    let model = ModelDecoder(section, tasks.tasks, features.features)
    let training = TrainingDecoder(
      section, material, folder: folder, files: data.files, features: features.features,
      tasks: tasks.tasks,
      outputs: model.model?.definition.conditionalOutputs(tasks.tasks) ?? [],
      hasGroups: data.groupBy != nil)
    let search = SearchDecoder(section)
    ColumnChecks(data: data, features: features, tasks: tasks, material: material).run()
    try diagnostics.check()
    guard let model = model.model else {
      // Whatever kept the model from being read was reported.
      throw SpecError(diagnostics.findings)
    }
    self.file = file
    name = section[SpecKeys.name] ?? stem
    files = data.files
    var declarations = features.declarations
    if case .groups(let episodes) = model.definition.learning {
      declarations.append(episodes.groupDeclaration)
    }
    dataDeclaration = DataDeclaration(
      format: data.format, features: declarations, labels: tasks.labels,
      sampleWeightColumn: data.sampleWeight, groupColumn: data.groupBy,
      validationColumn: data.validationColumn, joins: data.joins)
    self.features = features.features
    self.tasks = tasks.tasks
    self.model = model
    self.training = training.settings
    l2 = training.l2
    embeddingL2 = training.embeddingL2
    tablePlacement = training.tablePlacement
    episodes = training.episodes
    initial = training.initial
    self.search = search.dimensions
    self.folder = folder
    let members = tree.members?.filter { $0.key != SpecKeys.search.name } ?? []
    self.tree = SpecValue(.object(members), at: tree.location)
    canonicalText = self.tree.json
  }
}

/// The files of a spec, their paths resolved; `-` is standard input.
public struct DataFiles: Sendable, Hashable {
  public var train: [String] = []
  public var validation: [String] = []
  /// The share of the training rows held back for validation.
  public var validationFraction = 0.0
  public var validationSplit = ValidationSplit.random
  public var test: [String] = []
  /// What the files of `train` and `test` (one each) hold when they do not exist yet.
  public var generate = GeneratedData.none
  /// The folder of the dataset cache.
  public var cache: String?
  /// Whether training rows are streamed from the cache; those that fitting looks at if so.
  public var stream = false
  public var fitRows = 0
  /// Of episodes of images, whether turned classes are classes of their own in training.
  public var rotations = true
}

/// Data that the project can generate by itself.
public enum GeneratedData: String, Sendable, Hashable, CaseIterable {
  case none
  /// The sample of the data library: an advertising log with known click and purchase
  /// probabilities.
  case ads
  /// A bank's funnel of four steps with known probabilities.
  case funnel
  /// Two regressions whose weights have the cosine 0.5.
  case regression
  /// Clicks of users whose tastes show only in what they click; for the model type `maml`.
  case coldStart = "cold_start"
  /// Images of random strokes drawn by many hands; for the model type `maml`.
  case characters

  var isOfImages: Bool { self == .characters }
}

import Schema
import TensorTypes

/// A compiled model: all that the executor needs, and the whole contract between compiler and
/// executor. It holds no code and opens no file.
public struct Plan: Sendable, Hashable {
  public var name: String
  /// The spec that it was compiled from, as canonical text, for reports.
  public var specText: String
  /// Columns, encoders with fitted vocabularies and normalisers, labels.
  public var schema: DataSchema
  public var tasks: [TaskRecord]
  public var training: TrainingSettings
  /// In the order of their names' declaration; views into the parameter block.
  public var parameters: [ParameterRecord]
  /// Floats of the parameter block. Gradients and each optimizer state are blocks of the same
  /// layout; floats between parameters are padding and stay zero.
  public var parameterFloats: Int
  public var programs: [Program]
  /// The values of the parameter block once trained.
  public var weights: [Float]?
  /// Where training stands, when the plan is a checkpoint.
  public var progress: TrainingProgress?
  /// How tasks are made and learned from, where the model learns from tasks.
  public var episodes: EpisodeSettings?
  /// What training begins with in place of random numbers; nil for nothing else.
  public var initial: InitialValues?

  public init(
    name: String, specText: String = "", schema: DataSchema, tasks: [TaskRecord],
    training: TrainingSettings, parameters: [ParameterRecord], parameterFloats: Int,
    programs: [Program], weights: [Float]? = nil, progress: TrainingProgress? = nil,
    episodes: EpisodeSettings? = nil, initial: InitialValues? = nil
  ) {
    self.name = name
    self.specText = specText
    self.schema = schema
    self.tasks = tasks
    self.training = training
    self.parameters = parameters
    self.parameterFloats = parameterFloats
    self.programs = programs
    self.weights = weights
    self.progress = progress
    self.episodes = episodes
    self.initial = initial
  }

  public func program(_ kind: Program.Kind) -> Program? { programs.first { $0.kind == kind } }

  /// The plan without what only training needs, and without its weights: a session that is to predict
  /// takes less memory with it.
  package func forPrediction() -> Plan {
    var plan = self
    plan.programs.removeAll { $0.kind != .predict }
    (plan.weights, plan.progress, plan.initial) = (nil, nil, nil)
    return plan
  }
}

/// What a task predicts and where.
public struct TaskRecord: Sendable, Hashable {
  public var name: String
  public var kind: TaskKind
  /// The fetch of the predict program that holds its predictions, `[rows, width]`.
  public var output: String
  /// Predictions a row: 1, or the number of classes.
  public var width: Int { kind.width }
  /// The column of the `labels` feed; nil for an output without a label of its own.
  public var labelColumn: Int?
  /// The column of the `labels` feed that must be 1 for a row to count in the metrics: the output is
  /// a probability given that. Nil where all rows count.
  public var conditionColumn: Int?

  public init(
    name: String, kind: TaskKind, output: String, labelColumn: Int?, conditionColumn: Int? = nil
  ) {
    self.name = name
    self.kind = kind
    self.output = output
    self.labelColumn = labelColumn
    self.conditionColumn = conditionColumn
  }
}

/// A parameter's place in the parameter block: a matrix view, so that several parameters can be
/// columns of one fused matrix.
public struct ParameterRecord: Sendable, Hashable {
  public var name: String
  /// Static sizes as the model declared them.
  public var shape: [Int]
  /// The first element, in floats from the start of the block.
  public var offset: Int
  /// All axes but the last, multiplied.
  public var rows: Int
  /// The last axis (1 for a scalar).
  public var columns: Int
  /// Floats from one row to the next, at least `columns`.
  public var rowStride: Int
  public var initializer: Initializer
  public var isTrainable: Bool
  public var l2: Double

  public init(
    name: String, shape: [Int], offset: Int, rows: Int, columns: Int, rowStride: Int,
    initializer: Initializer, isTrainable: Bool, l2: Double
  ) {
    self.name = name
    self.shape = shape
    self.offset = offset
    self.rows = rows
    self.columns = columns
    self.rowStride = rowStride
    self.initializer = initializer
    self.isTrainable = isTrainable
    self.l2 = l2
  }
}

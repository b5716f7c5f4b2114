/// What is shown of a trained model: how well it predicts the rows of an evaluation, and what it has
/// learned. Equal plans and rows give equal reports.
public struct ModelReport: Sendable {
  /// Of the plan.
  public var name: String
  public var seed: UInt64
  /// The spec that the plan was compiled from, as canonical JSON.
  public var specText: String
  /// Numbers that were learned.
  public var weights: Int
  /// What was evaluated on, as `test rows` or the name of a file.
  public var set: String
  public var evaluation: EvaluationReport
  /// The best possible AUC of tasks where it is known.
  public var best: [BestAUC] = []
  /// Of how many rows, evenly spread over all, the curves and what follows them were made.
  public var sampledRows = 0
  /// By task; empty for a model that learns from episodes.
  public var tasks: [TaskReport] = []
  /// The worst of each task first.
  public var slices: [RowSlice] = []
  /// nil where nobody recorded the training.
  public var history: TrainingHistory?
  public var diagram: ModelDiagram
  public var gates: [GateReport] = []
  public var experts: [ExpertReport] = []
  public var tables: [TableReport] = []
  public var importance: ImportanceReport?
  public var funnel: [FunnelStepReport] = []
  /// What seems worth a look.
  public var findings: [ReportFinding] = []
  /// What the training rows showed of each column; nil where they were not read.
  public var profile: DataStatistics?
  /// How the plan reads rows and was trained.
  public var origin: ModelOrigin?

  public init(
    name: String, seed: UInt64, specText: String, weights: Int, set: String,
    evaluation: EvaluationReport, diagram: ModelDiagram
  ) {
    self.name = name
    self.seed = seed
    self.specText = specText
    self.weights = weights
    self.set = set
    self.evaluation = evaluation
    self.diagram = diagram
  }
}

/// Something in a report that is seldom meant.
public struct ReportFinding: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Something that `mtlc check` says of the data.
    case data
    /// An expert that no gate gives much weight.
    case unusedExpert = "unused_expert"
    /// Experts that compute the same.
    case alikeExperts = "alike_experts"
    /// A gate that gives one expert nearly all weight in all rows.
    case collapsedGate = "collapsed_gate"
    /// A feature whose values change no metric.
    case uselessFeature = "useless_feature"
    /// A feature on which a metric depends nearly alone.
    case dominantFeature = "dominant_feature"
    /// Rows of one value whose mean prediction is far from their base rate.
    case miscalibratedSlice = "miscalibrated_slice"
    /// A validation metric that has been getting worse for epochs.
    case overfitting
    /// A table most of whose rows no training row has.
    case untrainedRows = "untrained_rows"
    /// Units that are 0 in every row.
    case deadUnits = "dead_units"
    /// Rows with a later step of a funnel more probable than an earlier one.
    case funnelOrder = "funnel_order"
    /// Two tasks whose gradients by the shared parameters point apart.
    case conflict
  }

  public var kind: Kind
  /// The task, feature, expert, gate or table that it is about.
  public var subject: String
  public var message: String

  public init(_ kind: Kind, _ subject: String, _ message: String) {
    self.kind = kind
    self.subject = subject
    self.message = message
  }
}

import Plan
import Schema
import TensorTypes

/// A valid plan in which every instruction, optional field and kind of encoder occurs.
enum SamplePlan {
  static let rows = 4

  static func matrix(
    _ buffer: Int, _ columns: Int, offset: Int = 0, stride: Int? = nil
  ) -> View {
    View(
      buffer: BufferID(buffer), offset: offset, extents: [.batch(times: 1), .fixed(columns)],
      strides: [stride ?? columns, 1])
  }

  static func weight(_ buffer: Int, _ rows: Int, _ columns: Int, offset: Int = 0) -> View {
    View(
      buffer: BufferID(buffer), offset: offset, extents: [.fixed(rows), .fixed(columns)],
      strides: [columns, 1])
  }

  static func vector(_ buffer: Int, _ count: Int, offset: Int = 0) -> View {
    View(buffer: BufferID(buffer), offset: offset, extents: [.fixed(count)], strides: [1])
  }

  static func scalar(_ buffer: Int, offset: Int = 0) -> View {
    View(buffer: BufferID(buffer), offset: offset, extents: [], strides: [])
  }

  static let schema = DataSchema(
    format: TableFormat(columns: ["a", "ä", "y"], comment: "#", missing: ["", "?"]),
    features: [
      FeatureSchema(
        name: "age", column: "a",
        encoder: .numeric(Normalizer(logarithm: true, offset: 1.5, scale: -0.25, missing: 7))),
      FeatureSchema(
        name: "work", column: "b", encoder: .id(.vocabulary(["x", "", "日本", "e\u{301}"]))),
      FeatureSchema(name: "city", column: "c", encoder: .id(.hash(buckets: 3))),
      FeatureSchema(name: "code", column: "d", encoder: .id(.identity(count: 3))),
      FeatureSchema(name: "income", column: "e", encoder: .bucketized(boundaries: [-1, 0, 2.5])),
      FeatureSchema(
        name: "history", column: "f",
        encoder: .sequence(
          .hash(buckets: 4),
          SequenceLayout(separator: 124, maxLength: 2, keep: .first, weighted: true))),
      FeatureSchema(
        name: "work and city", column: "b", encoder: .cross(["b", "c"], buckets: 7),
        cells: CellReading(missing: ["-"])),
      FeatureSchema(
        name: "seen.month", column: "t", encoder: .bucketized(boundaries: [2, 3, 4]),
        cells: CellReading(
          time: TimeReading(part: .month, format: .pattern("%d.%m.%Y"), utcOffset: -90))),
      FeatureSchema(
        name: "born.days", column: "u",
        encoder: .numeric(
          Normalizer(
            missing: 0.5,
            curve: NumberCurve(inputs: [1, 2, 4], outputs: [0, 1, 2], isClamped: false))),
        cells: CellReading(time: TimeReading(part: .days, format: .milliseconds))),
      FeatureSchema(
        name: "place", column: "v",
        encoder: .vector(VectorLayout(separator: 59, dim: 2, brackets: true)),
        cells: CellReading(numbers: NumberMarks(decimal: 44, thousands: "\u{202F}"))),
    ],
    labels: [
      LabelSchema(task: "click", column: "y", kind: .positives(["yes"])),
      LabelSchema(task: "buy", column: "z", kind: .binary),
      LabelSchema(task: "spend", column: "w", kind: .number),
      LabelSchema(task: "kind", column: "k", kind: .classes(["p", "q"])),
      LabelSchema(
        task: "like", column: "l", kind: .soft, weightColumn: "m",
        space: SampleSpace(column: "y", values: ["yes"], outsideWeight: 0.5)),
    ], sampleWeightColumn: "n", groupColumn: "g",
    validationColumn: ValidationColumn(column: "t", from: .text("2024-05-01")),
    joins: [
      TableJoin(
        file: "/data/users.csv", key: "id", column: "g",
        format: TableFormat(
          delimiter: 59, hasHeader: false, columns: ["id", "v"], delimiterRest: [59], escape: 92,
          encoding: .windows1252, numbers: NumberMarks(decimal: 44, thousands: ".")))
    ])

  static func plan() -> Plan {
    var training = TrainingSettings(
      batchSize: rows, evaluationBatchSize: 8, epochs: 3, seed: 0xFEDC_BA98_7654_3210,
      shuffle: false,
      optimizer: Optimizer(kind: .adamw, learningRate: 1e-3),
      trainPaths: ["/data/train.csv"], validationPaths: ["v"], testPaths: ["t", "u"],
      validationFraction: 0.125,
      schedule: LearningRateSchedule(
        shape: .exponential(factor: 0.5), period: .epochs(1.5), warmup: .steps(10)),
      clipping: GradientClipping(value: 2, norm: 0.5),
      earlyStopping: EarlyStopping(
        metric: "click.auc", maximizes: true, patience: 3, minDelta: 1e-4),
      taskWeighting: .gradNorm(alpha: 1.5, learningRate: 0.025),
      taskWeights: [TaskWeight(task: "click", weight: 2), TaskWeight(task: "spend", weight: 0.5)],
      kernels: KernelSettings(matmulPrecision: .high))
    training.weightsAverage = .exponential(decay: 0.75)
    let parameters = [
      ParameterRecord(
        name: "expert.0", shape: [4, 3], offset: 0, rows: 4, columns: 3, rowStride: 6,
        initializer: .uniform(0.5), isTrainable: true, l2: 0.1),
      ParameterRecord(
        name: "expert.1", shape: [4, 3], offset: 3, rows: 4, columns: 3, rowStride: 6,
        initializer: .normal(0.1), isTrainable: true, l2: 0),
      ParameterRecord(
        name: "bias", shape: [6], offset: 24, rows: 1, columns: 6, rowStride: 6,
        initializer: .constant(0), isTrainable: true, l2: 0),
      ParameterRecord(
        name: "table", shape: [5, 2], offset: 30, rows: 5, columns: 2, rowStride: 2,
        initializer: .normal(1), isTrainable: false, l2: 0),
    ]
    let floats = 40
    return Plan(
      name: "rich", specText: "{ name: \"rich\" }", schema: schema,
      tasks: [
        TaskRecord(name: "click", kind: .binary, output: "prediction.click", labelColumn: 0),
        TaskRecord(
          name: "spend", kind: .regression, output: "prediction.spend", labelColumn: nil,
          conditionColumn: 0),
      ], training: training, parameters: parameters, parameterFloats: floats,
      programs: [trainProgram(), predictProgram()],
      weights: (0..<floats).map { Float($0) * 0.5 },
      progress: TrainingProgress(
        step: 12, epoch: 1, rowInEpoch: 8,
        states: [[Float](repeating: 0.25, count: floats), [Float](repeating: .nan, count: floats)],
        watch: WatchProgress(
          best: .init(epoch: 1, value: 0.75, weights: [Float](repeating: 3, count: floats)),
          reference: 0.5, epochsWithout: 1),
        average: AverageProgress(count: 3, weights: [Float](repeating: 4, count: floats)),
        report: report(), sums: LossSums(count: 8, total: 2, tasks: [1, nil], factors: [1, 0.5])),
      initial: InitialValues(
        rows: [
          .init(
            parameter: "table", ranges: [0..<1, 3..<5], values: [1, 2, 3, 4, 5, 6],
            states: [[Float](repeating: 0.5, count: 6), [Float](repeating: 2, count: 6)]),
          .init(parameter: "bias", ranges: [0..<1], values: [Float](repeating: -1, count: 6)),
        ], step: 7))
  }

  /// Every kind of value that a report holds.
  private static func report() -> TrainingReport {
    let area = GroupedArea(
      value: .value(0.5), groups: 3, oneClassGroups: 1, rowsWithoutGroup: 2)
    let task = TaskMetrics(
      task: "click", kind: .multiclass(classes: 3), rows: 9,
      entries: [
        .init(metric: .accuracy, value: .value(0.25)),
        .init(metric: .macroAUC, value: .undefined(reason: "one class")),
      ], grouped: area)
    let epoch = EpochReport(
      epoch: 1, step: 4, rows: 30, seconds: 0.5, loss: 1.5, taskLosses: [1, nil],
      taskWeights: [nil, 2], accuracy: 0.125, learningRate: 0.01,
      validation: EvaluationReport(rows: 9, seconds: 0.25, tasks: [task]))
    let mean = EpisodeMetrics.Mean(value: 1, margin: 0.5)
    let metrics = EpisodeMetrics(
      episodes: 2, loss: mean, lossBefore: mean, accuracy: nil, before: [task])
    var report = TrainingReport(
      epochs: [epoch],
      evaluations: [
        Evaluation(
          step: 4, on: .validation,
          EvaluationReport(rows: 1, seconds: 1, tasks: [task], episodes: metrics))
      ],
      isStopped: false)
    report.conflicts = [
      TaskCosines(epoch: 1, pairs: [.init(first: "click", second: "buy", cosine: -0.25)])
    ]
    return report
  }
}

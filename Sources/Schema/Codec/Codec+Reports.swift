// What a training run reported so far as bytes, in checkpoints.

extension TrainingReport: ByteRecord {
  package static var fields: some FieldList<Self> {
    Fields(
      { TrainingReport(epochs: $0, evaluations: $1, isStopped: false) }, \.epochs, \.evaluations)
  }
}

extension EpochReport: ByteRecord {
  package static var fields: some FieldList<Self> {
    Fields(
      Self.init, \.epoch, \.step, \.rows, \.seconds, \.loss, \.taskLosses, \.taskWeights,
      \.accuracy,
      \.learningRate, \.validation)
  }
}

extension TaskCosines: ByteRecord {
  package static var fields: some FieldList<Self> { Fields(Self.init, \.epoch, \.pairs) }
}

extension TaskCosines.Pair: ByteRecord {
  package static var fields: some FieldList<Self> {
    Fields(Self.init, \.first, \.second, \.cosine)
  }
}

extension LossSums: ByteRecord {
  package static var fields: some FieldList<Self> {
    Fields(Self.init, \.count, \.total, \.tasks, \.factors, \.accuracy, \.seconds)
  }
}

extension EvaluationReport: ByteRecord {
  package static var fields: some FieldList<Self> {
    Fields(Self.init, \.rows, \.seconds, \.tasks, \.episodes)
  }
}

extension TaskMetrics: ByteRecord {
  package static var fields: some FieldList<Self> {
    Fields(Self.init, \.task, \.kind, \.rows, \.entries, \.grouped)
  }
}

extension TaskMetrics.Entry: ByteRecord {
  package static var fields: some FieldList<Self> { Fields(Self.init, \.metric, \.value) }
}

extension Metric: ByteCodable {
  package func encode(to writer: inout ByteWriter) { writer.put(name) }
  package init(from reader: inout ByteReader) throws {
    let name = try reader.get(String.self)
    guard let metric = Metric(rawValue: name) else {
      throw reader.damaged("there is no metric of that name")
    }
    self = metric
  }
}

extension MetricValue: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .value(let value): writer.put(case: 0, value)
    case .undefined(let reason): writer.put(case: 1, reason)
    }
  }
  package init(from reader: inout ByteReader) throws {
    switch try reader.byte() {
    case 0: self = .value(try reader.get())
    case 1: self = .undefined(reason: try reader.get())
    case let code: throw reader.damaged("a value of a metric of unknown kind \(code)")
    }
  }
}

extension TaskKind: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .binary: writer.put(case: 0)
    case .regression: writer.put(case: 1)
    case .multiclass(let classes): writer.put(case: 2, classes)
    }
  }
  package init(from reader: inout ByteReader) throws {
    switch try reader.byte() {
    case 0: self = .binary
    case 1: self = .regression
    case 2: self = .multiclass(classes: try reader.get())
    case let code: throw reader.damaged("a task of unknown kind \(code)")
    }
  }
}

extension GroupedArea: ByteRecord {
  package static var fields: some FieldList<Self> {
    Fields(Self.init, \.value, \.groups, \.oneClassGroups, \.rowsWithoutGroup)
  }
}

extension Evaluation: ByteRecord {
  package static var fields: some FieldList<Self> {
    Fields({ Evaluation(step: $0, on: $1, $2) }, \.step, \.set, \.report)
  }
}

extension RowSet: ByteCode {
  package static let codes: [(UInt8, Self)] = [(0, .training), (1, .validation), (2, .test)]
}

extension EpisodeMetrics: ByteRecord {
  package static var fields: some FieldList<Self> {
    Fields(Self.init, \.episodes, \.loss, \.lossBefore, \.accuracy, \.before)
  }
}

extension EpisodeMetrics.Mean: ByteRecord {
  package static var fields: some FieldList<Self> { Fields(Self.init, \.value, \.margin) }
}

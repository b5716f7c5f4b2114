import Schema

extension TrainingSettings: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.batchSize, \.evaluationBatchSize, \.epochs, \.seed, \.shuffle, \.optimizer,
    \.trainPaths, \.validationPaths, \.testPaths, \.validationFraction, \.schedule, \.clipping,
    \.earlyStopping, \.taskWeighting, \.taskWeights, \.kernels, \.validationSplit,
    \.savesOptimizer, \.keepsGroups)
}

extension ValidationSplit: ByteCode {
  package static let codes: [(UInt8, Self)] = [(0, .random), (1, .last), (2, .column)]
}

extension Optimizer: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(kind.rawValue)
    writer.put(hyperparameters)
    writer.put(sparse)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(kind: try reader.name())
    hyperparameters = try reader.get()
    sparse = try reader.get()
  }
}

extension SparseOptimizer: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.put(kind.rawValue)
    writer.put(hyperparameters)
    writer.put(tables)
  }
  package init(from reader: inout ByteReader) throws {
    self.init(kind: try reader.name())
    hyperparameters = try reader.get()
    tables = try reader.get()
  }
}

/// Written with their names, so that one more does not change the format.
extension Hyperparameters: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    writer.varint(UInt64(Hyperparameter.Name.allCases.count))
    for name in Hyperparameter.Name.allCases {
      writer.put(name.rawValue)
      writer.put(self[name])
    }
  }
  package init(from reader: inout ByteReader) throws {
    self.init()
    let count = try reader.count(ofSize: 9)
    for _ in 0..<count {
      let name: Hyperparameter.Name = try reader.name()
      self[name] = try reader.get()
    }
  }
}

extension ByteReader {
  /// A case that was written by its name.
  fileprivate mutating func name<Case: RawRepresentable<String>>() throws -> Case {
    let text: String = try get()
    guard let found = Case(rawValue: text) else {
      throw damaged("\(Case.self) has no case \"\(text)\"")
    }
    return found
  }
}

extension LearningRateSchedule: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(Self.init, \.shape, \.period, \.warmup)
}

extension LearningRateSchedule.Shape: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .constant: writer.put(case: 0)
    case .step(let factor): writer.put(case: 1, factor)
    case .exponential(let factor): writer.put(case: 2, factor)
    case .cosine(let final): writer.put(case: 3, final)
    }
  }
  package init(from reader: inout ByteReader) throws {
    switch try reader.byte() {
    case 0: self = .constant
    case 1: self = .step(factor: try reader.get())
    case 2: self = .exponential(factor: try reader.get())
    case 3: self = .cosine(final: try reader.get())
    case let code: throw reader.damaged("a learning-rate schedule of unknown kind \(code)")
    }
  }
}

extension LearningRateSchedule.Span: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .steps(let count): writer.put(case: 0, count)
    case .epochs(let count): writer.put(case: 1, count)
    case .rest: writer.put(case: 2)
    }
  }
  package init(from reader: inout ByteReader) throws {
    switch try reader.byte() {
    case 0: self = .steps(try reader.get())
    case 1: self = .epochs(try reader.get())
    case 2: self = .rest
    case let code: throw reader.damaged("a span of unknown kind \(code)")
    }
  }
}

extension GradientClipping: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(Self.init, \.value, \.norm)
}

extension EarlyStopping: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(
    Self.init, \.metric, \.maximizes, \.patience, \.minDelta)
}

extension WeightsAverage: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .exponential(let decay): writer.put(case: 0, decay)
    case .stochastic(let start): writer.put(case: 1, start)
    }
  }
  package init(from reader: inout ByteReader) throws {
    switch try reader.byte() {
    case 0: self = .exponential(decay: try reader.get())
    case 1: self = .stochastic(start: try reader.get())
    case let code: throw reader.damaged("an average of weights of unknown kind \(code)")
    }
  }
}

extension TaskWeighting: ByteCodable {
  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .fixed: writer.put(case: 0)
    case .uncertainty: writer.put(case: 1)
    case .dynamicAverage(let temperature): writer.put(case: 2, temperature)
    case .gradNorm(let alpha, let learningRate): writer.put(case: 3, alpha, learningRate)
    case .pcGrad: writer.put(case: 4)
    }
  }
  package init(from reader: inout ByteReader) throws {
    switch try reader.byte() {
    case 0: self = .fixed
    case 1: self = .uncertainty
    case 2: self = .dynamicAverage(temperature: try reader.get())
    case 3: self = .gradNorm(alpha: try reader.get(), learningRate: try reader.get())
    case 4: self = .pcGrad
    case let code: throw reader.damaged("a task weighting of unknown kind \(code)")
    }
  }
}

extension TaskWeight: ByteRecord {
  package static let fields: some FieldList<Self> = Fields(Self.init, \.task, \.weight)
}

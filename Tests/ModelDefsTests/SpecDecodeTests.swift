import ModelDefs
import Schema
import Testing

/// What a valid spec decodes to.
@Suite struct SpecDecodeTests {
  @Test func decodesFeatures() throws {
    var fixture = SpecFixture()
    fixture.features = """
      [
        { name: 'age', type: 'numeric', normalizer: 'log' },
        { columns: ['x08..x10', 'y'], type: 'numeric', normalizer: 'none' },
        { name: 'hours', column: 'h', type: 'numeric', num_buckets: 16, raw: true },
        { name: 'job', type: 'id', min_frequency: 2 },
        { name: 'town', type: 'id', hash_bucket_size: 100, encoding: 'one_hot' },
        { name: 'list', type: 'sequence', vocab_list: ['a', 7], max_length: 3, keep: 'first',
          pooling: 'sum', embedding_name: 'item', separator: ' ' },
      ]
      """
    let spec = try fixture.spec()
    #expect(
      spec.dataDeclaration.features == [
        FeatureDeclaration(name: "age", column: "age", kind: .numeric(.log)),
        FeatureDeclaration(name: "x08", column: "x08", kind: .numeric(.none)),
        FeatureDeclaration(name: "x09", column: "x09", kind: .numeric(.none)),
        FeatureDeclaration(name: "x10", column: "x10", kind: .numeric(.none)),
        FeatureDeclaration(name: "y", column: "y", kind: .numeric(.none)),
        FeatureDeclaration(name: "hours", column: "h", kind: .bucketized(.quantiles(count: 16))),
        FeatureDeclaration(name: "hours.raw", column: "h", kind: .numeric(.zscore)),
        FeatureDeclaration(
          name: "job", column: "job", kind: .id(.trainingData(minFrequency: 2)), vocabulary: "job"),
        FeatureDeclaration(name: "town", column: "town", kind: .id(.hash(buckets: 100))),
        FeatureDeclaration(
          name: "list", column: "list",
          kind: .sequence(
            .list(["a", "7"]), SequenceLayout(separator: 0x20, maxLength: 3, keep: .first)),
          vocabulary: "item"),
      ])
    #expect(
      spec.features.map(\.input) == [
        .numeric, .numeric, .numeric, .numeric, .numeric, .embedding(dim: 8, table: "hours"),
        .numeric, .embedding(dim: 8, table: "job"), .oneHot,
        .sequence(dim: 8, table: "item", pooling: .sum),
      ])
  }

  @Test func declaresManyColumnsAtOnce() throws {
    var fixture = SpecFixture()
    fixture.features = "[{ columns: 'x0..x498', type: 'numeric' }]"
    let spec = try fixture.spec()
    #expect(spec.features.count == 499)
    #expect(spec.features.last?.name == "x498")
  }

  @Test func decodesData() throws {
    var fixture = SpecFixture()
    fixture.data = """
      { train: ['a.csv', '/b.csv', '-'], test: 't.csv', validation_fraction: 0.25, format: 'tsv',
        columns: ['age', 'job', 'income', 'married', 'w'], missing: ['?', ''], comment: '|',
        sample_weight: 'w' }
      """
    let spec = try fixture.spec()
    #expect(spec.files.train == ["dir/a.csv", "/b.csv", "-"])
    #expect(spec.files.test == ["dir/t.csv"] && spec.files.validation.isEmpty)
    #expect(spec.files.validationFraction == 0.25)
    #expect(spec.files.generate == .none && spec.files.cache == nil && !spec.files.stream)
    #expect(
      spec.dataDeclaration.format
        == TableFormat(
          delimiter: 9, hasHeader: false, columns: ["age", "job", "income", "married", "w"],
          comment: "|", missing: ["?", ""]))
    #expect(spec.dataDeclaration.sampleWeightColumn == "w")
  }

  @Test func decodesDialects() throws {
    var fixture = SpecFixture()
    fixture.data = """
      { train: 'a', delimiter: '::', quote: '', escape: '\\\\', encoding: 'gbk',
        validation_split: { column: 'day', from: '2024-02' } }
      """
    let spec = try fixture.spec()
    let format = spec.dataDeclaration.format
    #expect(format.delimiter == UInt8(ascii: ":") && format.delimiterRest == [UInt8(ascii: ":")])
    #expect(format.quote == 0 && format.escape == UInt8(ascii: "\\"))
    #expect(format.encoding == .gb18030)
    #expect(
      spec.dataDeclaration.validationColumn
        == ValidationColumn(column: "day", from: .text("2024-02")))
    #expect(spec.training.validationSplit == .column && spec.files.validationSplit == .column)
    for (name, encoding) in [
      ("utf8", .utf8), ("Shift_JIS", .shiftJIS), ("ISO-8859-1", .latin1), ("latin1", .latin1),
      ("utf-16le", .utf16LittleEndian), ("GB 2312", .gb18030),
    ] as [(String, TableFormat.Encoding)] {
      #expect(TableFormat.Encoding(spelled: name) == encoding, "\(name)")
    }
    #expect(TableFormat.Encoding(spelled: "utf") == nil)
  }

  @Test func decodesTasks() throws {
    var fixture = SpecFixture()
    fixture.tasks = """
      [{ name: 'a', label: 'l', positive: ['x', 1] }, { name: 'b' },
       { name: 'c', loss: 'mse', weight: 0.5 }]
      """
    let spec = try fixture.spec()
    #expect(
      spec.tasks == [
        TaskSpec(name: "a", label: "l", loss: .binaryCrossEntropy, weight: 1),
        TaskSpec(name: "b", label: "b", loss: .binaryCrossEntropy, weight: 1),
        TaskSpec(name: "c", label: "c", loss: .meanSquaredError, weight: 0.5),
      ])
    #expect(
      spec.dataDeclaration.labels == [
        LabelSchema(task: "a", column: "l", kind: .positives(["x", "1"])),
        LabelSchema(task: "b", column: "b", kind: .binary),
        LabelSchema(task: "c", column: "c", kind: .number),
      ])
  }

  @Test func decodesTraining() throws {
    var fixture = SpecFixture()
    fixture.training = """
      { batch_size: 64, eval_batch_size: 128, epochs: 3, seed: 7, shuffle: false, l2: 1e-4,
        embedding_l2: 1e-5,
        optimizer: { type: 'adamw', learning_rate: 0.01, beta1: 0.8, weight_decay: 0.1 } }
      """
    let spec = try fixture.spec()
    func settings(_ change: (inout TrainingSettings) -> Void = { _ in }) -> TrainingSettings {
      var settings = TrainingSettings(
        batchSize: 256, evaluationBatchSize: 4096, epochs: 5, seed: 1, optimizer: Optimizer(),
        trainPaths: spec.training.trainPaths, validationPaths: spec.training.validationPaths,
        testPaths: spec.training.testPaths,
        taskWeights: spec.tasks.map { TaskWeight(task: $0.name, weight: $0.weight) })
      change(&settings)
      return settings
    }
    #expect(
      spec.training
        == settings {
          ($0.batchSize, $0.evaluationBatchSize, $0.epochs) = (64, 128, 3)
          ($0.seed, $0.shuffle) = (7, false)
          $0.optimizer = Optimizer(
            kind: .adamw, learningRate: 0.01, [.beta1: 0.8, .weightDecay: 0.1])
        })
    #expect(spec.l2 == 1e-4 && spec.embeddingL2 == 1e-5)
    let paths = spec.training.trainPaths + spec.training.testPaths
    #expect(!paths.isEmpty && paths.allSatisfy { $0.hasPrefix("/") })
    fixture.training = "{ optimizer: { type: 'sgd', momentum: 0.9 } }"
    #expect(
      try fixture.spec().training.optimizer
        == Optimizer(kind: .sgd, learningRate: 0.01, [.momentum: 0.9]))
    fixture.training = "{}"
    #expect(try fixture.spec().training == settings())
    fixture.training = "{ sparse_optimizer: { type: 'sgd' } }"
    let sparse = try #require(try fixture.spec().training.optimizer.sparse)
    #expect(sparse.kind == .sgd && sparse.tables == ["embedding.job"])
  }

  @Test func theCanonicalTextReadsBack() throws {
    let spec = try SpecFixture().spec("training.epochs=9", "name=other")
    let again = try Spec(text: spec.canonicalText, file: "plan", folder: "dir")
    #expect(again.canonicalText == spec.canonicalText)
    #expect(again.training == spec.training)
    #expect(again.training.epochs == 9)
    #expect(again.name == "other")
    #expect(again.dataDeclaration == spec.dataDeclaration)
  }

  @Test func takesTheNameOfTheFile() throws {
    let spec = try SpecFixture().spec("name=null")
    #expect(spec.name == "s")
  }
}

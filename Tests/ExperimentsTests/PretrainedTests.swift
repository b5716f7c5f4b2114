import Experiments
import Foundation
import Plan
import Schema
import Testing

/// Tables that begin with a file of vectors, in both modes, through a plan, and after a stop.
@Suite struct PretrainedTests {
  private let bench: Bench

  init() throws {
    bench = try Bench()
    let rows = (0..<400).map { row in
      let city = (row * 7) % 6
      return
        "c\(city),c\((row * 3) % 6)|c\(row % 5),\(row % 10),\((city + row / 3) % 4 < 2 ? 1 : 0)"
    }
    _ = try bench.write(
      (["city,seen,age,click"] + rows).joined(separator: "\n") + "\n", to: "train.csv")
    // c5 has no vector, and "other" is no city.
    let vectors = ["c0", "c1", "other", "c2", "c3", "c4"].enumerated().map { k, key in
      "\(key) \(Double(k) + 0.5) \(-Double(k)) 0.25 \(Double(k) * 0.125)"
    }
    _ = try bench.write(vectors.joined(separator: "\n"), to: "vectors.txt")
  }

  private static let vectors: [String: [Float]] = [
    "c0": [0.5, 0, 0.25, 0], "c1": [1.5, -1, 0.25, 0.125], "c2": [3.5, -3, 0.25, 0.375],
    "c3": [4.5, -4, 0.25, 0.5], "c4": [5.5, -5, 0.25, 0.625],
  ]

  private func spec(
    _ pretrained: String, training: String = "", features: String = "", batch: Int = 50,
    epochs: Int = 3
  ) throws -> Experiment {
    let own = pretrained.isEmpty ? "" : "pretrained: { \(pretrained) },"
    return try Experiment(
      contentsOf: bench.write(
        """
        {
          name: "small",
          data: { train: "train.csv", validation_fraction: 0.25 },
          features: [
            { name: "city", type: "id", embedding_dim: 4, \(own) },
            { name: "age", type: "numeric" },\(features)
          ],
          tasks: [{ name: "click" }],
          model: { type: "mmoe", num_experts: 2, expert_hidden_units: [8], tower_hidden_units: [4] },
          training: { batch_size: \(batch), epochs: \(epochs), seed: 4, \(training) },
        }
        """, to: "spec.json5"))
  }

  /// With such a learning rate the parameters stay what they began with.
  private static let still = "optimizer: { type: 'sgd', learning_rate: 1e-30 }"

  /// The rows of a parameter.
  private func rows(_ name: String, _ plan: Plan) throws -> [[Float]] {
    let record = try #require(plan.parameters.first { $0.name == name })
    let weights = try #require(plan.weights)
    return (0..<record.rows).map { row in
      let start = record.offset + row * record.rowStride
      return Array(weights[start..<start + record.columns])
    }
  }

  /// Whether numbers are the same but for steps of a length of 1e-30.
  private func isSame(_ a: [Float], _ b: [Float]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 1e-25 }
  }

  private func cities(_ plan: Plan) throws -> [String] {
    guard case .id(.vocabulary(let cities)) = plan.schema.features[0].encoder else { return [] }
    return cities
  }

  @Test(arguments: Mode.allCases) func rowsBeginWithTheirVectors(mode: Mode) throws {
    let plan = try spec("file: 'vectors.txt'", training: Self.still).train(mode).plan
    let plain = try spec("", training: Self.still).train(mode).plan
    let (own, random) = (try rows("embedding.city", plan), try rows("embedding.city", plain))
    for (row, city) in zip(1..., try cities(plan)) {
      // A city without a vector begins as it does without the file.
      #expect(isSame(own[row], Self.vectors[city] ?? random[row]), "\(city)")
    }
    for name in plan.parameters.map(\.name) where name != "embedding.city" {
      #expect(isSame(try rows(name, plan).flatMap(\.self), try rows(name, plain).flatMap(\.self)))
    }
    // Unknown cities are the mean of those that were trained on, as often as they were.
    let expected = (0..<4).map { k in
      own.dropFirst().map { Double($0[k]) }.reduce(0, +) / 6
    }
    for (found, mean) in zip(own[0], expected) { #expect(abs(Double(found) - mean) < 0.3) }
  }

  /// A table that does not train is that of the file after any training.
  @Test(arguments: Mode.allCases, ["", "sparse_optimizer: { type: 'lazy_adam' },"])
  func frozenTablesStay(mode: Mode, sparse: String) throws {
    let plan = try spec(
      "file: 'vectors.txt', trainable: false",
      training: "\(sparse) embedding_l2: 0.1, optimizer: { type: 'adam', learning_rate: 0.1 }",
      features: "{ name: 'seen', type: 'sequence', embedding_dim: 2 }"
    ).train(mode).plan
    let table = try rows("embedding.city", plan)
    let mean = (0..<4).map { k in
      Float(Self.vectors.values.map { Double($0[k]) }.reduce(0, +) / 5)
    }
    #expect(table[0] == mean)
    for (row, city) in zip(1..., try cities(plan)) {
      #expect(table[row] == Self.vectors[city] ?? mean, "\(city)")
    }
    let record = try #require(plan.parameters.first { $0.name == "embedding.city" })
    #expect(!record.isTrainable && record.l2 == 0)
    #expect(plan.training.optimizer.sparse?.tables ?? ["embedding.seen"] == ["embedding.seen"])
  }

  @Test(arguments: ["", ", trainable: false"]) func bothModesAgree(trainable: String) throws {
    let features = """
      { name: 'seen', type: 'sequence', embedding_dim: 4, embedding_name: 'city' },
      { name: 'pair', type: 'cross', of: ['city', 'age'], hash_bucket_size: 3, embedding_dim: 2,
        pretrained: { file: 'pairs.npy'\(trainable) } },
      """
    try writePairs()
    for sparse in ["", "sparse_optimizer: { type: 'rowwise_adagrad' }"] {
      let experiment = try spec(
        "file: 'vectors.txt'\(trainable)", training: sparse, features: features)
      let comparison = try experiment.compare(steps: 12)
      #expect(comparison.agrees, "\(comparison.report)")
    }
  }

  /// A step of plain descent moves a vector of the file by the derivative of the loss, which is that of
  /// the losses beside it: the file is written anew with one number changed. A frozen vector stays.
  @Test(arguments: Mode.allCases) func stepsAreThoseOfFiniteDifferences(mode: Mode) throws {
    let plain = try bench.text("vectors.txt")
    func run(_ vectors: String, rate: String, _ frozen: String = "") throws -> Run {
      _ = try bench.write(vectors, to: "vectors.txt")
      return try spec(
        "file: 'vectors.txt'\(frozen)",
        training: "optimizer: { type: 'sgd', learning_rate: \(rate) }", batch: 300, epochs: 1
      ).train(mode)
    }
    let before = try rows("embedding.city", run(plain, rate: "1e-30").plan)
    let stepped = try run(plain, rate: "0.5").plan
    let after = try rows("embedding.city", stepped)
    let frozen = try rows(
      "embedding.city", run(plain, rate: "0.5", ", trainable: false").plan)
    let h = 0.02
    for (city, text, column) in [("c1", "c1 1.5 ", 0), ("c4", "c4 5.5 ", 0)] {
      let row = try #require(cities(stepped).firstIndex(of: city)) + 1
      let value = Double(before[row][column])
      func loss(_ change: Double) throws -> Double {
        let changed = plain.replacing(text, with: "\(city) \(value + change) ")
        return try #require(run(changed, rate: "1e-30").training.epochs.first).loss
      }
      let slope = try (loss(h) - loss(-h)) / (2 * h)
      let moved = Double(before[row][column] - after[row][column]) / 0.5
      #expect(abs(slope) > 1e-4 && abs(moved - slope) < 2e-5 + 0.01 * abs(slope), "\(city)")
      #expect(Double(frozen[row][column]) == value)
    }
  }

  /// The vectors are held once beside the parameters, and counted.
  @Test func memoryHoldsTheVectors() throws {
    let plain = try spec("").compile().plan
    let own = try spec("file: 'vectors.txt'").compile().plan
    #expect(own.memoryBytes - plain.memoryBytes == 4 * 4 * Self.vectors.count)
    let frozen = try spec("file: 'vectors.txt', trainable: false").compile().plan
    #expect(frozen.initial?.rows.first?.values.count == 4 * 7)
  }

  /// Vectors of three buckets as an array of NumPy.
  private func writePairs() throws {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }\n"
    let values: [Float] = [1, -1, 0.5, 2, -0.25, 3]
    let bytes =
      [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
      + values.flatMap { value in
        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
      }
    try Data(bytes).write(to: URL(fileURLWithPath: "\(bench.path)/pairs.npy"))
  }

  @Test func featuresOfOneTableShareItsFile() throws {
    let plan = try spec(
      "", training: Self.still,
      features: """
        { name: 'seen', type: 'sequence', embedding_dim: 4, embedding_name: 'city',
          pretrained: { file: 'vectors.txt' } },
        { name: 'again', column: 'city', type: 'id', embedding_dim: 4, embedding_name: 'city' },
        """
    ).train().plan
    let table = try rows("embedding.city", plan)
    for (row, city) in zip(1..., try cities(plan)) {
      guard let vector = Self.vectors[city] else { continue }
      #expect(isSame(table[row], vector))
    }
  }

  /// A plan carries what its parameters begin with, so that it trains alike where the file is gone.
  @Test(arguments: ["", ", trainable: false"]) func plansTrainAlike(trainable: String) throws {
    let experiment = try spec("file: 'vectors.txt'\(trainable)")
    let trained = try experiment.train().plan
    try experiment.compile().write(to: "\(bench.path)/raw.bin")
    try FileManager.default.removeItem(atPath: "\(bench.path)/vectors.txt")
    let again = try CompiledPlan(contentsOf: "\(bench.path)/raw.bin").train().plan
    #expect(again == trained)
    #expect(again.initial?.areKept == false)
    // It no longer holds the values themselves.
    #expect(trained.initial?.rows.allSatisfy { $0.values.isEmpty } == true)
    try trained.write(to: "\(bench.path)/trained.bin")
    let compiled = try CompiledPlan(contentsOf: "\(bench.path)/trained.bin")
    let error = try #require(throws: ExperimentError.self) { try compiled.train() }
    #expect(error.kind == .plan)
    #expect(error.description.contains("given values of embedding.city"), "\(error)")
  }

  @Test func stoppedRunsGoOn() throws {
    let experiment = try spec("file: 'vectors.txt'")
    let whole = try experiment.train().plan
    let checkpoints = Checkpoints(in: bench.path)
    let stopped = try #require(throws: ExperimentError.self) {
      try experiment.train(checkpoints: checkpoints, observer: StopAfter(5))
    }
    #expect(stopped.kind == .interrupted)
    let resumed = Checkpoints(in: bench.path, resumes: true)
    #expect(try experiment.train(checkpoints: resumed).plan == whole)
    // Another file of vectors is another run.
    try experiment.stopAgain(checkpoints)
    let other = try bench.text("vectors.txt").replacing("c0 0.5", with: "c0 0.75")
    _ = try bench.write(other, to: "vectors.txt")
    let error = try #require(throws: ExperimentError.self) {
      try experiment.train(checkpoints: resumed)
    }
    #expect(error.description.contains("another spec or of other data"), "\(error)")
  }

  @Test func saysWhatWasFound() throws {
    let recorder = Recorder()
    _ = try spec("file: 'vectors.txt'").check(observer: recorder)
    let notes = recorder.events.compactMap { event in
      if case .note(let note) = event { note } else { nil }
    }
    #expect(
      notes.contains {
        $0.hasPrefix("embedding.city begins with ")
          && $0.hasSuffix(
            "vectors.txt: 5 ids found, 1 id without a vector (\"c5\"), 1 key not used (\"other\")")
      }, "\(notes)")
  }

  @Test func refusesWhatDoesNotFit() throws {
    func message(_ pretrained: String, _ features: String = "") throws -> String {
      let error = try #require(throws: ExperimentError.self) {
        try spec(pretrained, features: features).check()
      }
      return error.description
    }
    #expect(try message("file: 'no.txt'").contains("no.txt: cannot open"))
    #expect(try message("tensor: 'a'").contains("the required key \"file\" is missing"))
    #expect(
      try message(
        "file: 'vectors.txt'",
        "{ name: 'b', column: 'city', type: 'id', encoding: "
          + "'one_hot', pretrained: { file: 'vectors.txt' } }"
      ).contains("one_hot"))
    #expect(
      try message(
        "file: 'vectors.txt'",
        "{ name: 'b', column: 'city', type: 'id', embedding_dim: 4, "
          + "embedding_name: 'city', pretrained: { file: 'vectors.txt', trainable: false } }"
      )
      .contains("begin with different files"))
    #expect(
      try message(
        "file: 'vectors.txt'",
        "{ name: 'b', column: 'city', type: 'id', embedding_dim: 3, "
          + "pretrained: { file: 'vectors.txt' } }"
      ).contains("the vectors have 4 numbers"))
    #expect(try message("file: '-'").contains("standard input"))
  }
}

/// Asks to stop after a number of looks.
private final class StopAfter: Observer, @unchecked Sendable {
  private var left: Int
  init(_ looks: Int) { left = looks }
  func receive(_ event: Event) {}
  var shouldStop: Bool {
    left -= 1
    return left <= 0
  }
}

extension Experiment {
  fileprivate func stopAgain(_ checkpoints: Checkpoints) throws {
    #expect(throws: ExperimentError.self) {
      try train(checkpoints: checkpoints, observer: StopAfter(5))
    }
  }
}
